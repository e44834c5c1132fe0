// SPDX-License-Identifier: Apache-2.0
// A visitor sees what we know, gets a copy, and is forgotten: canary words in every field are
// found in no file of ours afterwards, nor after an old database is put back.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { eachFile } from '../support/disk.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const words = ['name', 'page', 'title', 'referrer', 'message', 'second', 'agent', 'note', 'tag', 'survey', 'event', 'email']
  .map((field) => [field, `canary${field}quokka`]);
const canary = Object.fromEntries(words);
let instance;
let visitor;
let agent;

before(async () => {
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  await instance.addAgent('anna', 'acme');
  agent = await Agent.login(instance, 'anna');
});
after(async () => {
  await agent?.stop();
  await instance?.stop();
});

/** Files under home that hold one of the words. What the XMPP server keeps is the agents' own. */
function filesWith(found) {
  const holding = [];
  eachFile(instance.home, (name, bytes) => {
    if (name.startsWith('xmpp')) return;
    for (const [field, word] of words) if (bytes.includes(word)) holding.push(`${name}: ${field}`);
  });
  return found ? holding.length > 0 : holding;
}

async function chat() {
  visitor = new Visitor(instance, { tenant: 'acme', name: canary.name, origin: 'https://acme.example' });
  await visitor.connect({ hello: false });
  visitor.send({ type: 'hello', site: visitor.site, token: null, conversation: null, after: 0, lang: 'en', name: canary.name,
    email: `${canary.email}@acme.example`,
    page: { url: `https://acme.example/${canary.page}`, title: canary.title, referrer: `https://acme.example/${canary.referrer}` } });
  const welcome = await visitor.next(({ type }) => type === 'welcome');
  await visitor.say(canary.message);
  const contact = await agent.accept('acme', new RegExp(canary.name));
  await agent.say(contact, canary.agent);
  await visitor.hears(canary.agent);
  await agent.say(contact, `!note ${canary.note}`);
  await agent.say(contact, `!tag ${canary.tag}`);
  visitor.send({ type: 'event', name: 'purchase', value: 1, currency: 'EUR', id: canary.event });
  await visitor.say(canary.second);
  visitor.send({ type: 'survey', csat: 5, comment: canary.survey });
  await until(async () => (await instance.exported('acme')).some((line) => JSON.stringify(line).includes(canary.survey)),
    { what: 'the survey on disk' });
  return welcome.visitor;
}

let id;

test('what we know of a visitor is shown, and copied whole', async () => {
  id = await chat();
  const shown = await instance.control('visitor', 'show', 'acme', id);
  assert.equal(shown.name, canary.name);
  assert.deepEqual(shown.conversations, [visitor.conversation]);
  const file = join(instance.home, 'copy.jsonl');
  await instance.control('visitor', 'export', 'acme', id, '-o', file);
  const [self, conversation] = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(self.id, id);
  assert.deepEqual(conversation.messages.map(({ text }) => text), [canary.message, canary.agent, canary.second]);
  rmSync(file);
  assert.ok(filesWith(true), 'the words are on disk before');
});

test('another tenant\'s visitor, and one nobody is, are not there', async () => {
  await instance.control('tenant', 'add', 'borealis', '--origin', 'https://borealis.example');
  for (const [tenant, who] of [['borealis', id], ['acme', 'a'.repeat(26)]]) {
    for (const verb of [['show'], ['export', '-o', join(instance.home, 'none')], ['erase', '--yes']]) {
      const { code, stderr } = await instance.ctl('visitor', verb[0], tenant, who, ...verb.slice(1));
      assert.equal(code, 1);
      assert.match(stderr, /no such/i);
    }
  }
});

test('an erased visitor is in no file any more', async () => {
  await instance.ctl('visitor', 'erase', 'acme', id).then(({ code }) => assert.equal(code, 2, '--yes'));
  cpSync(join(instance.home, 'data', 'tenants', 'acme'), join(instance.home, '..', `${instance.home.split('/').pop()}-old`), { recursive: true });
  for (const name of readdirSync(instance.home)) if (name.startsWith('export-')) rmSync(join(instance.home, name)); // our own copies
  const erased = await instance.control('visitor', 'erase', 'acme', id, '--yes');
  assert.equal(erased.conversations, 1);
  assert.equal(erased.scrubbed, true);
  assert.deepEqual(filesWith(false), []);
  await until(() => visitor.closed !== null, { what: 'the visitor to be shown out' });
  await assert.rejects(visitor.connect(), 'the token opens nothing');
  assert.equal((await instance.ctl('visitor', 'show', 'acme', id)).code, 1);
  assert.deepEqual(await instance.exported('acme'), []);
});

test('an old database put back is cleaned at the next start', async () => {
  const old = join(instance.home, '..', `${instance.home.split('/').pop()}-old`);
  await instance.kill('supervisor', 'SIGTERM');
  rmSync(join(instance.home, 'data', 'tenants', 'acme'), { recursive: true });
  cpSync(old, join(instance.home, 'data', 'tenants', 'acme'), { recursive: true });
  rmSync(old, { recursive: true });
  assert.ok(filesWith(true), 'the old words are back');
  await instance.startDaemon();
  await until(() => filesWith(false).length === 0, { what: 'the words to go again' });
  assert.equal((await instance.ctl('visitor', 'show', 'acme', id)).code, 1);
});

test('words older than a tenant keeps them go at once when it says so, and not under a legal hold', async () => {
  const file = join(instance.home, 'old.jsonl');
  const old = `${'b'.repeat(25)}a`;
  const at = '2020-03-02T09:14:05.120Z';
  writeFileSync(file, `${JSON.stringify({ id: `${'c'.repeat(25)}a`, language: 'en', visitor: { id: old, name: canary.name },
    opened_at: at, ended_at: at, end_reason: 'visitor', messages: [{ seq: 1, from: 'visitor', at, text: canary.message }] })}\n`);
  const imported = await instance.ctl('transcript', 'import', 'borealis', file);
  assert.equal(imported.code, 0, imported.stderr);
  rmSync(file);
  await instance.control('tenant', 'set', 'borealis', 'retention.hold=yes', 'retention.days=365');
  const refused = await instance.ctl('visitor', 'erase', 'borealis', old, '--yes');
  assert.match(refused.stderr, /legal_hold/);
  assert.ok(filesWith(true), 'held');
  await instance.control('tenant', 'set', 'borealis', 'retention.hold=no');
  await until(() => filesWith(false).length === 0, { what: 'the words to go' });
  const [line] = await instance.control('transcript', 'list', 'borealis');
  assert.equal(line.last_seq, 1, 'counts stay');
  assert.equal((await instance.ctl('verify')).code, 0);
});
