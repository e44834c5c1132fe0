// SPDX-License-Identifier: Apache-2.0
// A tenant gets another short name while people chat: nobody loses a word, all it has is found
// under the new name, and the old one goes on to lead to it, in snippets, signatures and programs.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, eventually, until } from '../support/instance.mjs';
import { signed } from '../support/jwt.mjs';
import { png } from '../support/pictures.mjs';
import { Receiver } from '../support/receiver.mjs';
import { Visitor } from '../support/visitor.mjs';

const origin = 'https://acme.example';
let instance, aside, receiver, anna, contact, vera, forgotten, key, token, spare, picture, face;

before(async () => {
  instance = await Instance.start({ empty: true });
  aside = mkdtempSync(join(tmpdir(), 'lasna-rename-'));
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
});
after(async () => {
  await anna?.stop();
  await receiver?.stop();
  await instance?.stop();
  if (aside) rmSync(aside, { recursive: true, force: true });
});

const refusal = async (...words) => {
  const { code, stderr } = await instance.ctl(...words);
  return `${code} ${stderr.trim()}`;
};
const rename = (from, to) => instance.control('tenant', 'rename', from, to, '--yes');
const ask = (path) => fetch(`${instance.http}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
const folders = () => readdirSync(join(instance.home, 'data', 'tenants')).sort();

test('before: a chat, a file, a webhook, a token, an identity key, a backup', async () => {
  const jid = await instance.addAgent('anna', 'acme');
  writeFileSync(join(aside, 'anna.png'), png(64, 64));
  face = (await instance.control('agent', 'avatar', jid, 'acme', join(aside, 'anna.png'))).address;
  anna = await Agent.login(instance, 'anna');
  receiver = await Receiver.start(instance);
  await instance.control('webhook', 'add', 'acme', receiver.url(), '--events', 'message');
  ({ token } = await instance.control('token', 'create', '--role', 'tenant-admin', '--tenant', 'acme'));
  ({ id: spare } = await instance.control('token', 'create', '--role', 'analyst', '--tenant', 'acme'));
  key = await instance.control('identity', 'renew', 'acme');
  const quokka = new Visitor(instance, { tenant: 'acme', origin, name: 'Quokka' });
  ({ visitor: forgotten } = await quokka.connect());
  await quokka.say('to be forgotten');
  await quokka.close();
  vera = new Visitor(instance, { tenant: 'acme', name: 'Vera' }); // in the widget's frame: it alone sends files
  await vera.connect();
  await vera.say('before');
  contact = await anna.accept('acme', /before/);
  await anna.say(contact, 'an answer');
  await vera.hears('an answer');
  assert.equal((await vera.sendFile('picture.png', png())).type, 'saved');
  picture = (await anna.hears(/\/f\/acme\//)).text;
  await instance.control('backup', join(aside, 'before'));
});

test('what may not be is refused, with why, and nothing is changed', async () => {
  assert.match(await refusal('tenant', 'rename', 'acme', 'acme-oy'), /^2 .*--yes is missing/s);
  assert.match(await refusal('tenant', 'rename', 'acme', 'Acme Oy', '--yes'), /^1 .*"to" must be 1 to 32 of a-z, 0-9 and inner hyphens/s);
  assert.match(await refusal('tenant', 'rename', 'acme', 'desk', '--yes'), /^1 .*none of the names we keep/s);
  assert.match(await refusal('tenant', 'rename', 'acme', 'acme', '--yes'), /^1 .*It is called acme already\./s);
  assert.match(await refusal('tenant', 'rename', 'acme', 'borealis', '--yes'), /^1 .*There is a tenant borealis already\./s);
  assert.match(await refusal('tenant', 'rename', 'nobody', 'somebody', '--yes'), /^1 .*There is no such tenant\./s);
  assert.deepEqual(folders(), ['acme', 'borealis']);
});

test('while they chat: the visitor is back in a moment, by the address the page still has', async () => {
  const mark = receiver.of('message').length;
  const renamed = await rename('acme', 'acme-oy');
  assert.deepEqual([renamed.tenant, renamed.former_names, renamed.domain], ['acme-oy', ['acme'], 'acme.chat.localhost']);
  assert.match(renamed.snippet, /\/w\/acme-oy\.js/);
  assert.equal(await vera.closing(), 1013, 'come again');
  assert.deepEqual(folders(), ['acme-oy', 'borealis']);
  if (instance.about.xmpp.server === 'prosody') assert.ok(readdirSync(join(instance.home, 'xmpp'), { recursive: true }).some((name) => name.endsWith('/acme-oy.cfg.lua')));

  const welcome = await vera.connect(); // to /t/acme/ws, with the token of then
  assert.equal(welcome.conversation, vera.conversation);
  assert.equal((await vera.say('after')).type, 'saved');
  await anna.hears(/^after/);
  await anna.say(contact, 'I am the same contact'); // to the address in her roster
  await vera.hears('I am the same contact');
  await until(() => receiver.of('message').length > mark, { what: 'the webhook' });
  assert.equal(receiver.of('message').at(-1).json.tenant, 'acme-oy');
});

test('a page that loads now gets the widget by either name, and a site may sign for either', async () => {
  for (const name of ['acme', 'acme-oy']) {
    const loader = await (await fetch(`${instance.http}/w/${name}.js`)).text();
    assert.ok(loader.includes('"tenant":"acme-oy"'), name);
    const visitor = new Visitor(instance, { tenant: name, origin, identity: signed(key, { sub: `crm-${name}`, aud: name }) });
    await visitor.connect();
    assert.equal((await visitor.say(`by ${name}`)).type, 'saved');
    await visitor.close();
  }
  const moved = face.replace('/p/acme/', '/p/acme-oy/');
  assert.equal((await instance.control('agent', 'avatar', `anna@${instance.about.xmpp.agents_domain}`, 'acme-oy')).address, moved);
  assert.equal((await vera.next(({ text }) => text === 'I am the same contact')).avatar, moved);
  for (const path of [face, moved]) assert.deepEqual(Buffer.from(await (await fetch(instance.http + path)).arrayBuffer()), png(64, 64), path);
  for (const url of [picture, picture.replace('/f/acme/', '/f/acme-oy/')])
    assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), png(), 'an agent reads what was sent before');
});

test('a program that knows the old name goes on, and sees nothing but its own', async () => {
  for (const name of ['acme', 'acme-oy']) {
    const answer = await ask(`/tenants/${name}`);
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).tenant, 'acme-oy');
  }
  assert.equal((await ask('/tenants/borealis')).status, 404);
  const all = await instance.exported('acme-oy');
  assert.equal(all.length, 4);
  assert.ok(all.every(({ tenant }) => tenant === 'acme-oy'));
  assert.ok(all.some(({ messages }) => messages.some(({ text }) => text === 'before') && messages.some(({ text }) => text === 'I am the same contact')));
  const audit = await instance.control('tenant', 'audit', 'acme-oy');
  const entry = audit.find(({ action }) => action === 'tenant_rename');
  assert.deepEqual([entry.tenant, entry.detail, entry.who], ['acme', 'from=acme to=acme-oy', 'operator']);
  assert.ok(audit.some(({ action }) => action === 'tenant_add'), 'what was before');
  assert.equal((await instance.ctl('verify')).code, 0);
});

test('backed up alone by the old name, it is in there as what it is called', async () => {
  const { manifest } = await instance.control('backup', join(aside, 'alone'), '--tenant', 'acme');
  assert.equal(manifest.tenant, 'acme-oy');
  assert.ok(manifest.pieces.some(({ path }) => path === 'tenants/acme-oy/record.db'));
  assert.match((await refusal('tenant', 'import', join(aside, 'alone'))), /^1 .*there is a tenant acme-oy already/s);
});

test('the old name is nobody else\'s as long as the tenant is', async () => {
  const add = ['tenant', 'add', 'acme', '--origin', 'https://other.example'];
  assert.match(await refusal(...add), /^1 .*acme is what acme-oy was called before, and stays its own: old snippets lead there\./s);
  assert.match(await refusal('tenant', 'rename', 'borealis', 'acme', '--yes'), /^1 .*acme is what acme-oy was called before/s);
  const document = join(aside, 'tenants.json');
  writeFileSync(document, JSON.stringify({ lasna: 'tenants/1', tenants: [{ tenant: 'acme', sites: [{ origins: [origin] }] }] }));
  assert.match(await refusal('apply', '-f', document, '--dry-run'), /^1 .*tenants\[0\]\.tenant: acme is called acme-oy here\. Write that\./s);
  writeFileSync(document, JSON.stringify({ lasna: 'tenants/1', tenants: [{ tenant: 'acme-group', sites: [{ origins: [origin] }] }] }));
  assert.match(await refusal('apply', '-f', document, '--dry-run'), /^1 .*`lasnactl tenant rename acme-oy acme-group` first/s);
});

test('a backup from before is put back under the new name, without who was erased under it', async () => {
  await vera.close();
  await instance.control('visitor', 'erase', 'acme-oy', forgotten, '--yes');
  await instance.control('tenant', 'disable', 'acme-oy');
  assert.match(await refusal('restore', join(aside, 'before'), '--tenant', 'acme', '--yes'),
    /acme was renamed after this was made: --tenant acme-oy puts it back\./);
  assert.match(await refusal('restore', join(aside, 'before'), '--tenant', 'nobody', '--yes'), /`lasnactl tenant import` takes it over/);
  const restored = await instance.control('restore', join(aside, 'before'), '--tenant', 'acme-oy', '--yes');
  assert.deepEqual([restored.tenants, restored.erased], [1, 1]);
  await instance.control('tenant', 'enable', 'acme-oy');
  const texts = (await instance.exported('acme-oy')).flatMap(({ messages }) => messages.map(({ text }) => text));
  assert.ok(texts.includes('before') && !texts.includes('after') && !texts.includes('to be forgotten'));
  assert.deepEqual(folders(), ['acme-oy', 'borealis']);
});

test('all of it put back elsewhere: the ledger says what it is called by now, and who is shut out', async () => {
  await instance.control('token', 'revoke', spare);
  const home = join(aside, 'elsewhere'), ledger = join(instance.home, 'data', 'erasures');
  const { json, code } = await instance.ctl('restore', join(aside, 'before'), '--data', home, '--erasures', ledger);
  assert.equal(code, 0);
  assert.deepEqual([json.tenants, json.renamed, json.erased, json.shut_out], [2, 1, 1, 1]);
  assert.ok(existsSync(join(home, 'tenants', 'acme-oy', 'transcripts.db')));
  assert.ok(!existsSync(join(home, 'tenants', 'acme')));
  assert.match(readFileSync(ledger, 'utf8'), /^acme > acme-oy \d+$/m);
  assert.equal((await instance.ctl('verify', home)).code, 0);
});

test('removed, it takes all its names along', async () => {
  const certificate = await instance.control('tenant', 'remove', 'acme', '--yes'); // by the name somebody remembers
  assert.deepEqual([certificate.tenant, certificate.former_names], ['acme-oy', ['acme']]);
  await eventually(async () => assert.equal((await fetch(`${instance.http}/w/acme.js`)).status, 404));
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://other.example');
  assert.deepEqual(await instance.exported('acme'), []);
  assert.equal((await ask('/tenants/acme')).status, 401, 'a token of the one before');
  assert.ok((await instance.control('tenant', 'audit', 'acme')).every(({ action }) => action !== 'tenant_rename'));
  assert.match(await refusal('restore', join(aside, 'before'), '--tenant', 'acme', '--yes'), /is being served|for good/);
});

test('one whose renaming waits for somebody to mend something costs no other its backup', async (t) => { // last: Prosody cannot read what is in the way
  if (instance.about.xmpp.server !== 'prosody') return t.skip('nothing but Prosody keeps a file of a tenant');
  const files = join(instance.home, 'xmpp');
  const [file] = readdirSync(files, { recursive: true }).filter((name) => name.endsWith('/borealis.cfg.lua'));
  mkdirSync(join(files, file.replace('borealis', 'borealis-oy'), 'in the way'), { recursive: true });
  assert.match(await refusal('tenant', 'rename', 'borealis', 'borealis-oy', '--yes'), /rename_waits/);
  const { code, json, stderr } = await instance.ctl('backup', join(aside, 'without'));
  assert.equal(code, 3, stderr);
  assert.match(stderr, /borealis-oy is left out: borealis-oy was renamed, and not all of it could be moved yet/);
  assert.deepEqual([Object.keys(json.left_out), json.problems], [['borealis-oy'], 1]);
  assert.ok(json.manifest.pieces.some(({ path }) => path.startsWith('tenants/acme/')));
});
