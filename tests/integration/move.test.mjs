// SPDX-License-Identifier: Apache-2.0
// A tenant moves to another server, whole: a backup of it alone, taken over by an instance that has
// never heard of it. Two instances with an XMPP server each.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Receiver } from '../support/receiver.mjs';
import { Visitor } from '../support/visitor.mjs';

const origin = 'https://acme.example';
let old, fresh, aside, key, dir, receiver, vera, token, forgotten, spare, picture;

before(async () => {
  [old, fresh] = await Promise.all([Instance.start({ empty: true }), Instance.start({ empty: true })]);
  aside = mkdtempSync(join(tmpdir(), 'lasna-move-'));
  key = join(aside, 'key');
  writeFileSync(key, 'a key of a backup that is long enough\n', { mode: 0o600 });
  for (const tenant of ['acme', 'borealis']) await old.control('tenant', 'add', tenant, '--name', `${tenant} of old`, '--origin', `https://${tenant}.example`);
});
after(async () => {
  await receiver?.stop();
  await Promise.all([old?.stop(), fresh?.stop()]);
  if (aside) rmSync(aside, { recursive: true, force: true });
});

const everything = async (instance) => {
  const file = join(aside, `export-${Math.random()}`);
  await instance.control('transcript', 'export', 'acme', '--format', 'jsonl', '-o', file);
  return readFileSync(file);
};
const listed = async (instance, ...words) => JSON.stringify(await instance.control(...words));
const ask = (instance, bearer) => fetch(`${instance.http}/api/v1/tenants/acme`, { headers: { authorization: `Bearer ${bearer}` } });

test('a tenant with all it has is backed up alone', async () => {
  await old.control('tenant', 'set', 'acme', 'widget.color=#aa0000', 'retention.days=700');
  const jid = await old.addAgent('anna', 'acme');
  await old.control('agent', 'assign', jid, 'acme', '--role', 'supervisor', '--skill', 'fi', '--persona', 'Anna of Acme', '--signature', '{agent} of {company}');
  writeFileSync(join(aside, 'anna.png'), png(64, 64));
  picture = (await old.control('agent', 'avatar', jid, 'acme', join(aside, 'anna.png'))).address;
  await old.addAgent('boris', 'borealis');
  receiver = await Receiver.start(old);
  await old.control('webhook', 'add', 'acme', receiver.url(), '--events', 'message');
  ({ token } = await old.control('token', 'create', '--role', 'analyst', '--tenant', 'acme', '--label', 'reports of acme'));
  ({ id: spare } = await old.control('token', 'create', '--role', 'analyst', '--tenant', 'acme', '--label', 'to be revoked'));
  const other = await old.control('token', 'create', '--role', 'analyst', '--tenant', 'borealis', '--label', 'reports of borealis');
  await old.control('token', 'revoke', other.id);

  const anna = await Agent.login(old, 'anna');
  vera = new Visitor(old, { origin, name: 'Vera' });
  await vera.connect();
  await vera.say('before the move');
  const contact = await anna.accept('acme', /before the move/);
  await anna.say(contact, 'an answer of old');
  await vera.next(({ text }) => text === 'an answer of old');
  await vera.sendFile('picture.png', png());
  const quokka = new Visitor(old, { origin, name: 'Quokka' });
  forgotten = (await quokka.connect()).visitor;
  await quokka.say('to be forgotten');
  await Promise.all([vera.close(), quokka.close(), anna.stop()]);
  await old.control('tenant', 'disable', 'acme');

  dir = join(aside, 'acme');
  const { manifest } = await old.control('backup', dir, '--tenant', 'acme', '--key-file', key);
  assert.deepEqual(manifest.pieces.map(({ kind }) => kind).sort(), ['erasures', 'files', 'record', 'transcripts']);
  assert.equal((await old.ctl('verify', dir, '--key-file', key)).code, 0);
  await old.control('tenant', 'enable', 'acme');
  await old.control('visitor', 'erase', 'acme', forgotten, '--yes');
  await old.control('tenant', 'disable', 'acme');
  await old.control('token', 'revoke', spare);
});

test('its record holds nothing of other tenants', async () => {
  const open = join(aside, 'open');
  await old.control('backup', open, '--tenant', 'acme');
  const bytes = readFileSync(join(open, 'tenants/acme/record.db'), 'latin1');
  assert.match(bytes, /Anna of Acme/);
  for (const word of ['borealis', 'boris', '"./dev up"', 'address_key', 'file_key', 'tenant_add']) assert.ok(!bytes.includes(word), word);
});

test('another server takes it over, disabled; what was erased since does not come along', async () => {
  const erasures = join(old.home, 'data', 'erasures');
  const imported = await fresh.control('tenant', 'import', dir, '--key-file', key, '--erasures', erasures);
  assert.deepEqual([imported.imported, imported.erased, imported.without_desk], ['acme', 1, 1], 'Anna has no account here yet');
  assert.equal(imported.tenant.disabled, true);
  assert.ok((await fresh.control('token', 'list')).every(({ id }) => id !== spare), 'what was revoked since does not come along');
  const ours = readFileSync(join(fresh.home, 'data', 'erasures'), 'utf8').trim().split('\n');
  assert.ok(ours.length >= 1 && ours.every((line) => line.startsWith('acme ')), 'nothing is known here of the others there');
  assert.equal((await fresh.control('audit', 'list')).some(({ action }) => /tenant_adopt/.test(action)), true);
  assert.match((await fresh.ctl('tenant', 'import', dir, '--key-file', key)).stderr, /there is a tenant acme already/);

  const jid = `anna@${fresh.about.xmpp.agents_domain}`;
  const file = join(aside, 'anna');
  writeFileSync(file, 'a password of hers\n', { mode: 0o600 });
  await fresh.ctl('agent', 'add', jid, '--name', 'Anna', '--password-file', file);
  await fresh.control('tenant', 'enable', 'acme');
  await until(async () => (await fresh.control('status')).tenants[0].link === 'up', { what: 'its host on the other XMPP server' });
});

test('there it says the same, byte for byte, and is what it was', async () => {
  await old.control('tenant', 'enable', 'acme');
  assert.deepEqual(await everything(fresh), await everything(old));
  for (const words of [['tenant', 'settings', 'acme'], ['webhook', 'list', 'acme']]) assert.equal(await listed(fresh, ...words), await listed(old, ...words), words.join(' '));
  const [before, now] = await Promise.all([old, fresh].map((instance) => instance.control('tenant', 'show', 'acme')));
  assert.deepEqual(now.sites, before.sites);
  assert.equal(now.name, 'acme of old');
  const members = await fresh.control('tenant', 'export', 'acme');
  assert.deepEqual(members.tenants[0].agents, [{ jid: 'anna@agents.localhost', role: 'supervisor', skills: ['fi'], limit: 3, persona: 'Anna of Acme', signature: '{agent} of {company}', avatar: png(64, 64).toString('base64') }]);
  assert.ok(Buffer.from(await (await fetch(fresh.http + picture)).arrayBuffer()).equals(png(64, 64)), 'her picture is at the same place');
  assert.equal((await ask(fresh, token)).status, 200, 'a token of it opens it here');
  assert.equal((await fetch(`${fresh.http}/api/v1/tenants`, { headers: { authorization: `Bearer ${token}` } })).status, 403);
  assert.equal((await fresh.ctl('verify')).code, 0);
});

test('a visitor who was there goes on at the new server', async () => {
  vera.instance = fresh;
  const mark = vera.frames.length;
  vera.after = 0;
  const welcome = await vera.connect();
  assert.equal(welcome.type, 'welcome');
  await vera.next(({ text }) => text === 'an answer of old', { from: mark });
  assert.equal((await vera.say('after the move')).type, 'saved');
  await vera.close();
});

test('what is no backup of one tenant, or holds what is here already, is refused and leaves nothing', async () => {
  const all = join(aside, 'all');
  await old.control('backup', all, '--key-file', key);
  assert.match((await fresh.ctl('tenant', 'import', all, '--key-file', key)).stderr, /all of an instance/);
  assert.equal((await fresh.ctl('tenant', 'import', join(aside, 'nowhere'))).code, 1);
  assert.equal((await fresh.control('tenant', 'list')).length, 1);
});

test('an import that a kill broke off is begun anew', async () => {
  await fresh.control('tenant', 'remove', 'acme', '--yes');
  rmSync(join(fresh.home, 'data', 'erasures')); // the ledger of a server that never had it
  const folder = join(fresh.home, 'data', 'tenants', 'acme');
  mkdirSync(folder);
  writeFileSync(join(folder, 'transcripts.db'), 'somebody\'s');
  assert.match((await fresh.ctl('tenant', 'import', dir, '--key-file', key)).stderr, /there is a folder/);
  writeFileSync(join(folder, 'record.db'), 'half');
  const first = await fresh.control('tenant', 'import', dir, '--key-file', key);
  assert.equal(first.imported, 'acme');
});
