// SPDX-License-Identifier: Apache-2.0
// A backup is made while people chat, sealed, carried to a fresh home and started there: what was said
// before it began is there, word for word; who was erased since is in no file of it.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { filesWith } from '../support/disk.mjs';
import { Instance } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const canary = 'canaryquokka';
let instance;
let elsewhere;
let aside; // backups and key, beside the home
let key;
const said = { acme: [], borealis: [] };

const visit = async (tenant, name) => {
  const visitor = new Visitor(instance, { tenant, name, origin: `https://${tenant}.example` });
  await visitor.connect();
  return visitor;
};
const say = async (visitor, text) => {
  const answer = await visitor.say(text);
  assert.equal(answer.type, 'saved');
  said[visitor.tenant].push(text);
};
const words = (lines) => lines.flatMap(({ messages }) => messages.map(({ text }) => text)).sort();

before(async () => {
  instance = await Instance.start({ empty: true });
  elsewhere = await Instance.start({ empty: true });
  aside = `${instance.home}-aside`;
  mkdirSync(aside);
  key = join(aside, 'key');
  writeFileSync(key, `${'0123456789abcdef'.repeat(4)}\n`, { mode: 0o600 });
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
});
after(async () => {
  if (aside) rmSync(aside, { recursive: true, force: true });
  await instance?.stop();
  await elsewhere?.stop();
});

let forgotten; // the visitor who is erased later
let full;

test('a backup made while people chat holds all that was said before it began', async () => {
  const vera = await visit('acme', 'Vera');
  const bea = await visit('borealis', 'Bea');
  const quokka = await visit('acme', canary);
  forgotten = (await quokka.next(({ type }) => type === 'welcome', { from: 0 })).visitor;
  await quokka.say(`${canary} was here`);
  for (let i = 0; i < 200; i++) {
    await say(vera, `before ${i} ${'x'.repeat(200)}`);
    await say(bea, `before ${i}`);
  }
  const before = structuredClone(said);
  let going = true;
  const chatter = (async () => { for (let i = 0; going; i++) await say(vera, `meanwhile ${i}`); })();
  full = join(aside, 'full');
  const made = await instance.control('backup', full, '--key-file', key);
  going = false;
  await chatter;
  assert.equal(made.problems, 0);
  const copied = (await instance.control('audit', 'list')).filter(({ action }) => action === 'snapshot_make');
  assert.ok(made.manifest.made_at <= copied[0].at, 'what becomes of a tenant after its row was copied is later than the backup');
  assert.deepEqual(made.manifest.pieces.map(({ path }) => path).sort(),
    ['erasures.sealed', 'lasna.db.sealed', ...['acme', 'borealis'].flatMap((tenant) => [`tenants/${tenant}/files.tar.sealed`, `tenants/${tenant}/transcripts.db.sealed`])]);
  assert.deepEqual(filesWith(full, canary), [], 'sealed');
  assert.deepEqual(readdirSync(join(instance.home, 'data', 'snapshots')), [], 'nothing is left under the home');
  assert.equal((await instance.ctl('verify', full, '--key-file', key)).code, 0);
  assert.equal((await instance.ctl('verify', full)).code, 0, 'its bytes can be proved without the key');
  said.before = before;
  await vera.close();
  await bea.close();
  await quokka.close();
});

test('put back elsewhere it says the same, and has forgotten who was erased since', async () => {
  await instance.control('visitor', 'erase', 'acme', forgotten, '--yes');
  const home = elsewhere.home;
  await elsewhere.kill('supervisor', 'SIGTERM');
  const occupied = await elsewhere.ctl('restore', full, '--key-file', key);
  assert.equal(occupied.code, 1);
  assert.match(occupied.stderr, /holds an instance/);
  rmSync(join(home, 'data'), { recursive: true });
  const wrong = join(aside, 'wrong');
  writeFileSync(wrong, 'not the key, though it is as long\n', { mode: 0o600 });
  assert.match((await elsewhere.ctl('restore', full, '--key-file', wrong)).stderr, /not the one it was sealed with/);
  assert.match((await elsewhere.ctl('restore', full)).stderr, /sealed/);
  const restored = await elsewhere.control('restore', full, '--key-file', key, '--erasures', join(instance.home, 'data', 'erasures'));
  assert.equal(restored.tenants, 2);
  assert.equal(restored.erased, 1);
  assert.deepEqual(filesWith(join(home, 'data'), canary), []);
  assert.equal((await elsewhere.ctl('verify', home)).code, 0, 'a stopped home holds');
  await elsewhere.startDaemon();
  assert.equal((await elsewhere.ctl('verify')).code, 0);
  assert.deepEqual(filesWith(join(home, 'data'), canary), []);
  const acme = words(await elsewhere.exported('acme'));
  for (const text of said.before.acme) assert.ok(acme.includes(text), text);
  assert.ok(acme.every((text) => said.acme.includes(text)), 'and nothing that nobody said');
  assert.deepEqual(words(await elsewhere.exported('borealis')), [...said.before.borealis].sort());
  assert.equal((await elsewhere.ctl('visitor', 'show', 'acme', forgotten)).code, 1);
  const [{ action, detail }] = (await elsewhere.control('audit', 'list')).filter((entry) => entry.action === 'restore');
  assert.deepEqual([action, detail.startsWith('made_at=')], ['restore', true]);
});

test('what is missing, cut or changed is told by name, with exit 3', async () => {
  const spoilt = join(aside, 'spoilt');
  const spoil = async (name, how) => {
    rmSync(spoilt, { recursive: true, force: true });
    cpSync(full, spoilt, { recursive: true });
    how(join(spoilt, name));
    const { code, json } = await instance.ctl('verify', spoilt, '--key-file', key);
    assert.equal(code, 3, name);
    assert.ok(json.findings.some(({ verdict, text }) => verdict === 'problem' && text.startsWith(name)), JSON.stringify(json.findings));
    assert.equal((await elsewhere.ctl('restore', spoilt, '--key-file', key, '--data', join(aside, 'nowhere'))).code, 1);
    assert.deepEqual(filesWith(aside, 'SQLite format 3'), [], 'nothing half restored');
  };
  await spoil('tenants/acme/transcripts.db.sealed', (path) => truncateSync(path, statSync(path).size - 1));
  await spoil('tenants/borealis/transcripts.db.sealed', rmSync);
  await spoil('lasna.db.sealed', (path) => {
    const bytes = readFileSync(path);
    bytes[5000] ^= 1;
    writeFileSync(path, bytes);
  });
});

test('one tenant alone is put back into the running instance, once it is disabled; the other chats on', async () => {
  const one = join(aside, 'one');
  const made = await instance.control('backup', one, '--tenant', 'borealis');
  assert.deepEqual(made.manifest.pieces.map(({ path }) => path).sort(), ['erasures', ...['files.tar', 'record.db', 'transcripts.db'].map((name) => `tenants/borealis/${name}`)]);
  const bea = await visit('borealis', 'Bea again');
  await bea.say('to be undone');
  await bea.close();
  const vera = await visit('acme', 'Vera again');
  const refused = await instance.ctl('restore', one, '--tenant', 'borealis', '--yes');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /tenant disable borealis/);
  await instance.control('tenant', 'disable', 'borealis');
  assert.equal((await instance.ctl('restore', one, '--tenant', 'borealis')).code, 2, '--yes');
  await instance.control('restore', one, '--tenant', 'borealis', '--yes');
  await say(vera, 'acme goes on');
  await instance.control('tenant', 'enable', 'borealis');
  assert.deepEqual(words(await instance.exported('borealis')), [...said.borealis].sort());
  assert.equal((await instance.ctl('verify')).code, 0);
  await vera.close();
});

test('a damaged tenant costs the others nothing: it is left out, and told', async () => {
  await instance.control('tenant', 'disable', 'borealis');
  const path = join(instance.home, 'data', 'tenants', 'borealis', 'transcripts.db');
  writeFileSync(path, 'This is no database.\n'.repeat(400));
  const { code, json, stderr } = await instance.ctl('backup', join(aside, 'without'));
  assert.equal(code, 3);
  assert.match(stderr, /borealis is left out/);
  assert.deepEqual(Object.keys(json.left_out), ['borealis']);
  assert.ok(json.manifest.pieces.some(({ tenant }) => tenant === 'acme'));
  assert.equal((await instance.ctl('verify', join(aside, 'without'))).code, 3);
});

test('a key others may read is refused, and so is a folder that is there', async () => {
  chmodSync(key, 0o644);
  assert.match((await instance.ctl('backup', join(aside, 'never'), '--key-file', key)).stderr, /chmod 600/);
  chmodSync(key, 0o600);
  assert.match((await instance.ctl('backup', full)).stderr, /left alone/);
});
