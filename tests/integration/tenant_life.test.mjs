// SPDX-License-Identifier: Apache-2.0
// A tenant comes, stops, starts again and goes, on a real Prosody; and the core killed with -9
// at one system call after the other of an adding, a removal and a renaming: the tenant or nothing,
// under one name or the other.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { coreDyingAt } from '../support/dying.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start({ empty: true });
});
after(() => instance?.stop());

const add = (tenant) => instance.ctl('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
const remove = (tenant) => instance.ctl('tenant', 'remove', tenant, '--yes');
const known = async (tenant) => (await instance.ctl('tenant', 'show', tenant)).code === 0;
const linked = async (tenant) => (await instance.ctl('tenant', 'show', tenant)).json?.link === 'up';
const folder = (tenant) => join(instance.home, 'data', 'tenants', tenant);
const serverFile = (tenant) => readdirSync(join(instance.home, 'xmpp'), { recursive: true }).some((name) => name.endsWith(`${tenant}.cfg.lua`));

const visit = async (tenant, name = 'Vera') => {
  const visitor = new Visitor(instance, { tenant, name, origin: `https://${tenant}.example` });
  await visitor.connect();
  return visitor;
};

test('a site is added while it runs, with a key of its own, and taken away again', async () => {
  await add('sirius');
  const site = await instance.control('site', 'add', 'sirius', '--origin', 'https://shop.sirius.example');
  const there = { tenant: 'sirius', origin: 'https://shop.sirius.example', site: site.key };
  const visitor = new Visitor(instance, { ...there, name: 'Vera' });
  await visitor.connect();
  assert.equal((await visitor.say('hello')).type, 'saved');
  await visitor.close();
  assert.equal((await instance.exported('sirius'))[0].site, site.id);
  assert.equal((await instance.control('site', 'list', 'sirius')).length, 2);
  assert.equal((await instance.ctl('site', 'remove', 'sirius', site.id, '--yes')).code, 0);
  await assert.rejects(new Visitor(instance, { ...there, name: 'Late' }).connect());
  await remove('sirius');
});

test('a disabled tenant serves nobody and keeps all; enabled, it goes on where it was', async () => {
  assert.equal((await add('acme')).code, 0);
  await instance.addAgent('anna', 'acme');
  const anna = await Agent.login(instance, 'anna');
  const vera = await visit('acme');
  await vera.say('first');
  const contact = await anna.accept('acme', /Vera/);
  await anna.say(contact, 'hello Vera');
  await vera.hears('hello Vera');
  await instance.control('tenant', 'disable', 'acme');
  await until(() => vera.closed, { what: 'the visitor to be shown out' });
  await assert.rejects(visit('acme'));
  assert.equal((await instance.control('conversation', 'list', 'acme').catch(() => 'unavailable')), 'unavailable');
  await instance.control('tenant', 'enable', 'acme');
  await until(() => linked('acme'), { what: 'the link' });
  const again = await visit('acme', 'Wim');
  await again.say('second');
  assert.equal((await instance.exported('acme')).length, 2);
  await anna.say(contact, 'still here');
  await until(async () => (await instance.exported('acme')).some(({ messages }) => messages.some(({ text }) => text === 'still here')),
    { what: 'the agent\'s words in the old conversation' });
  await again.close();
  await anna.stop();
});

test('a removed tenant is gone everywhere, and its name finds nothing old', async () => {
  const { json: certificate, code } = await remove('acme');
  assert.equal(code, 0);
  assert.equal(certificate.conversations, 2);
  assert.equal(certificate.by, 'operator');
  assert.ok(!existsSync(folder('acme')));
  assert.ok(!serverFile('acme'));
  assert.ok(!(await known('acme')));
  await until(async () => !('acme' in (await instance.pids()).links), { what: 'its link to be forgotten' });
  assert.equal((await add('acme')).code, 0);
  assert.deepEqual(await instance.exported('acme'), []);
  assert.deepEqual((await instance.control('tenant', 'audit', 'acme')).filter(({ action }) => action !== 'transcripts_export').length, 1);
  const vera = await visit('acme');
  await vera.say('a new start');
  await vera.close();
});

test('a tenant that is called otherwise and stands on another site: at once', async () => {
  await instance.control('tenant', 'add', 'delta', '--origin', 'https://delta.example');
  const visit = (origin) => new Visitor(instance, { tenant: 'delta', origin }).connect();
  await assert.rejects(visit('https://shop.delta.example'), ({ status }) => status === 403);
  const changed = await instance.control('tenant', 'change', 'delta', '--name', 'Delta Oy', '--origin', 'https://shop.delta.example', '--lang', 'fi,en');
  assert.equal(changed.name, 'Delta Oy');
  await until(() => visit('https://shop.delta.example').then((welcome) => welcome.settings.name === 'Delta Oy', () => false), { what: 'the new site' });
  await assert.rejects(visit('https://delta.example'), ({ status }) => status === 403);
  await instance.control('tenant', 'remove', 'delta', '--yes');
});

test('--yes is not forgotten', async () => {
  const { code, stderr } = await instance.ctl('tenant', 'remove', 'acme');
  assert.equal(code, 2);
  assert.match(stderr, /--yes is missing/);
  assert.ok(await known('acme'));
});

/** After a kill: the tenant whole, or nothing at all of it. */
async function wholeOrNothing(tenant) {
  await until(async () => (await known(tenant)) ? linked(tenant) : !existsSync(folder(tenant)) && !serverFile(tenant),
    { what: `${tenant} to be whole or gone` });
  return known(tenant);
}

for (const syscall of ['fdatasync', 'writev', 'sendmsg', 'rename', 'mkdir', 'unlink', 'rmdir']) {
  test(`killed at each ${syscall} of an adding and a removal: the tenant, or nothing`, { timeout: 500000 }, async () => {
    let deaths = 0;
    for (let nth = 1; ; nth++) {
      const died = await coreDyingAt(instance, syscall, nth, () => add('cumulus'));
      deaths += died;
      const whole = await wholeOrNothing('cumulus');
      if (!died) assert.ok(whole, 'an adding nobody disturbed');
      if (whole) {
        const removalDied = await coreDyingAt(instance, syscall, nth, () => remove('cumulus'));
        deaths += removalDied;
        if (await wholeOrNothing('cumulus')) assert.equal((await remove('cumulus')).code, 0);
        if (!died && !removalDied) break;
      }
      assert.ok(!existsSync(folder('cumulus')));
      assert.ok(!serverFile('cumulus'));
    }
    assert.ok(deaths > 0, 'nothing was killed');
    assert.equal((await add('cumulus')).code, 0, 'the name is free');
    assert.equal((await remove('cumulus')).code, 0);
    const vera = await visit('acme');
    await vera.say(`others go on, ${syscall}`);
    await vera.close();
  });
}

/** What it is called now: in the directory, and in all that bears its name. */
async function wholeUnder(one, other) {
  const shown = await until(async () => {
    const { json } = await instance.ctl('tenant', 'show', one);
    return json?.link === 'up' && json;
  }, { what: `${one} or ${other} to be linked` });
  const not = shown.tenant === one ? other : one;
  assert.ok(existsSync(join(folder(shown.tenant), 'transcripts.db')) && !existsSync(folder(not)), 'folder');
  assert.ok(serverFile(shown.tenant) && !serverFile(not), 'the file of the XMPP server');
  assert.equal(JSON.stringify(Object.keys((await instance.pids()).links)).includes(`"${shown.tenant}"`), true, 'link');
  return shown.tenant;
}

for (const syscall of ['fdatasync', 'fsync', 'sendmsg', 'renameat2', 'rename']) {
  test(`killed at each ${syscall} of a renaming: wholly under one name or the other`, { timeout: 500000 }, async () => {
    await add('sirius');
    await (await visit('sirius')).say('kept');
    let name = 'sirius', deaths = 0;
    for (let nth = 1; ; nth++) {
      const to = name === 'sirius' ? 'sirius-oy' : 'sirius';
      const died = await coreDyingAt(instance, syscall, nth, () => instance.ctl('tenant', 'rename', name, to, '--yes'));
      deaths += died;
      name = await wholeUnder('sirius', 'sirius-oy');
      assert.equal((await instance.exported(name)).flatMap(({ messages }) => messages.map(({ text }) => text)).join(), 'kept');
      if (!died) {
        assert.equal(name, to, 'a renaming nobody disturbed');
        break;
      }
    }
    assert.ok(deaths > 0, 'nothing was killed');
    assert.equal((await remove(name)).code, 0);
    assert.ok(!existsSync(folder('sirius')) && !existsSync(folder('sirius-oy')));
  });
}
