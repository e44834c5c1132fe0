// SPDX-License-Identifier: Apache-2.0
// What a tenant keeps secret lies sealed under its own key: in no file of the home is it plain, another
// key changes nothing anybody sees, a kill loses nothing, and a backup opens elsewhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { filesWith } from '../support/disk.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Receiver } from '../support/receiver.mjs';
import { Visitor } from '../support/visitor.mjs';

const origin = 'https://acme.example';
let instance, elsewhere, receiver, aside;
let webhook, identity; // the secrets

before(async () => {
  [instance, elsewhere] = await Promise.all([Instance.start({ empty: true }), Instance.start({ empty: true })]);
  aside = `${instance.home}-aside`;
  mkdirSync(aside);
  receiver = await Receiver.start(instance);
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  ({ secret: webhook } = await instance.control('webhook', 'add', 'acme', receiver.url(), '--events', 'message', '--texts'));
  ({ secret: identity } = await instance.control('identity', 'renew', 'acme'));
});
after(async () => {
  await receiver?.stop();
  await Promise.all([instance?.stop(), elsewhere?.stop()]);
  if (aside) rmSync(aside, { recursive: true, force: true });
});

const nowhere = (home) => {
  for (const secret of [webhook, identity]) assert.deepEqual(filesWith(home, secret), []);
};

/** What is told is signed with the secret that was shown once. */
async function signs(text) {
  const vera = new Visitor(instance, { origin, name: 'Vera' });
  await vera.connect();
  await vera.say(text);
  const { headers, body } = await until(() => receiver.requests.find((request) => request.body.includes(text)), { what: `"${text}" told` });
  const key = Buffer.from(webhook.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${signature}`);
  await vera.close();
}

const verified = async (of = instance) => {
  const { code, json } = await of.ctl('verify');
  assert.equal(code, 0, JSON.stringify(json));
  assert.ok(json.findings.some(({ area, verdict }) => area === 'keys' && verdict === 'fine'));
};

test('no secret of a tenant is plain in any file of the home', async () => {
  nowhere(instance.home);
  const { mode } = statSync(join(instance.home, 'instance.key'));
  assert.equal(mode & 0o777, 0o600);
  await signs('sealed at rest');
  await verified();
});

test('another key changes nothing anybody sees', async () => {
  const { version } = await instance.control('tenant', 'rekey', 'acme');
  assert.equal(version, 2);
  await signs('under another key');
  await verified();
  nowhere(instance.home);
  const [{ action }] = await instance.control('tenant', 'audit', 'acme');
  assert.equal(action, 'tenant_rekey');
});

test('a core that is killed meanwhile has one key in the end, and all secrets open', async () => {
  for (let i = 0; i < 4; i++) {
    const { core } = await instance.pids();
    const asked = instance.ctl('tenant', 'rekey', 'acme');
    await new Promise((resolve) => { setTimeout(resolve, i * 15); }); // waits for nothing: the blow falls elsewhere each time
    await instance.kill('core');
    await asked;
    await instance.restarted('core', core);
    await verified();
  }
  await signs('after four kills');
  nowhere(instance.home);
});

test('another instance.key takes the place of the one before, whatever is killed meanwhile', async () => {
  const key = () => readFileSync(join(instance.home, 'instance.key'), 'utf8');
  const before = key();
  await instance.control('rekey');
  assert.notEqual(key(), before);
  assert.equal(statSync(join(instance.home, 'instance.key')).mode & 0o777, 0o600);
  for (let i = 0; i < 4; i++) {
    const { core } = await instance.pids();
    const asked = instance.ctl('rekey');
    await new Promise((resolve) => { setTimeout(resolve, i * 15); }); // waits for nothing: the blow falls elsewhere each time
    await instance.kill('core');
    await asked;
    await instance.restarted('core', core);
    await verified();
    assert.deepEqual(readdirSync(instance.home).filter((name) => name.startsWith('instance.key')), ['instance.key']);
  }
  await signs('under another instance.key');
});

test('a disabled tenant is told to be enabled first', async () => {
  await instance.control('tenant', 'disable', 'acme');
  assert.match((await instance.ctl('tenant', 'rekey', 'acme')).stderr, /enable it first/);
  await instance.control('tenant', 'enable', 'acme');
  await signs('enabled again');
});

test('without its key, or with another, the core does not start and names the file', async () => {
  const key = join(instance.home, 'instance.key'), kept = join(aside, 'instance.key');
  const refused = async (event) => {
    const before = (await instance.log()).length;
    const { core } = await instance.pids();
    await instance.kill('core');
    const line = await until(async () => (await instance.log()).slice(before).split('\n').find((text) => text.includes(`event=${event}`)),
      { what: event });
    assert.ok(line.includes(`path=${key}`), line);
    assert.match(line, /remedy=".*put.*back, or restore a backup/);
    return core;
  };
  renameSync(key, kept);
  await refused('core.no_key');
  writeFileSync(key, `${'a'.repeat(43)}\n`, { mode: 0o600 });
  await until(async () => (await instance.log()).includes('event=core.wrong_key'), { what: 'core.wrong_key' });
  renameSync(kept, key);
  await instance.ready();
  await signs('the key is back');
});

test('a backup opens elsewhere, where its secrets are sealed by a key of that home', async () => {
  const secret = join(aside, 'backup.key'), full = join(aside, 'full');
  writeFileSync(secret, `${'0123456789abcdef'.repeat(4)}\n`, { mode: 0o600 });
  await instance.control('backup', full, '--key-file', secret);
  nowhere(full);
  nowhere(instance.home);
  await elsewhere.kill('supervisor', 'SIGTERM');
  rmSync(join(elsewhere.home, 'data'), { recursive: true });
  await elsewhere.control('restore', full, '--key-file', secret);
  await elsewhere.startDaemon();
  await verified(elsewhere);
  nowhere(elsewhere.home);
  assert.notEqual(readFileSync(join(instance.home, 'instance.key'), 'utf8'), readFileSync(join(elsewhere.home, 'instance.key'), 'utf8'));
  const [before, now] = await Promise.all([instance, elsewhere].map((of) => of.control('webhook', 'list', 'acme')));
  assert.deepEqual(now.map(({ id, url, state }) => [id, url, state]), before.map(({ id, url, state }) => [id, url, state]));
});

test('a tenant that is put back after a change of key has its secrets', async () => {
  const one = join(aside, 'one');
  await instance.control('backup', one, '--tenant', 'acme');
  await instance.control('tenant', 'rekey', 'acme');
  await instance.control('tenant', 'disable', 'acme');
  await instance.control('restore', one, '--tenant', 'acme', '--yes');
  await instance.control('tenant', 'enable', 'acme');
  await signs('put back');
  await verified();
  await instance.control('tenant', 'disable', 'acme'); // whoever still read, the log goes with the database
  await until(() => filesWith(join(instance.home, 'data'), webhook).length === 0, { what: 'the secret to be sealed again' });
  await instance.control('tenant', 'enable', 'acme');
});

test('a tenant that is renamed has its secrets, and may be given another key', async () => {
  await instance.control('webhook', 'add', 'borealis', receiver.url('/borealis'), '--events', 'message');
  await instance.control('identity', 'renew', 'borealis');
  await instance.control('tenant', 'rename', 'borealis', 'cumulus', '--yes');
  await verified();
  assert.equal((await instance.control('tenant', 'rekey', 'cumulus')).version, 2);
  await verified();
  for (const [from, to] of [['cumulus', 'borealis'], ['borealis', 'cumulus']]) { // both at once: whichever is first
    const [{ stderr, code }] = await Promise.all([instance.ctl('tenant', 'rekey', from), instance.control('tenant', 'rename', from, to, '--yes')]);
    assert.ok(code === 0 || /being renamed/.test(stderr), stderr);
    await verified();
  }
  const { core } = await instance.pids(), left = join(instance.home, 'data', 'snapshots', 'left');
  mkdirSync(join(left, '..'), { recursive: true });
  writeFileSync(left, webhook); // as a copy for a backup that the kill breaks off
  await instance.kill('core');
  await instance.restarted('core', core);
  await verified();
  assert.equal(statSync(left, { throwIfNoEntry: false }), undefined);
  assert.deepEqual((await instance.control('webhook', 'list', 'cumulus')).map(({ state }) => state), ['fine']);
});

test('a key that somebody altered is one tenant\'s trouble, and told', async () => {
  const path = join(instance.home, 'data', 'lasna.db');
  await instance.kill('supervisor', 'SIGTERM');
  execFileSync('sqlite3', [path, "UPDATE tenant_keys SET wrapped = randomblob(60) WHERE tenant = 'cumulus'"]);
  await instance.startDaemon();
  await signs('acme goes on');
  const { code, json } = await instance.ctl('verify');
  assert.equal(code, 3);
  const told = json.findings.filter(({ area, verdict }) => area === 'keys' && verdict === 'problem');
  assert.deepEqual([...new Set(told.map(({ tenant }) => tenant))], ['cumulus']);
  assert.match(told[0].text, /does not open/);
  assert.match(await instance.log(), /event=tenant.sealed tenant=cumulus/);
});
