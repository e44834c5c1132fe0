// SPDX-License-Identifier: Apache-2.0
// People code: a sample is drawn, dealt out, coded blind by two, settled, measured, taken elsewhere.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Instance } from '../support/instance.mjs';

const friend = 'A friend recommended you to me';
let instance;

before(async () => {
  instance = await Instance.start();
  const chats = Array.from({ length: 12 }, (_, i) => ({
    id: `chat ${i}`, lang: 'en', stage: i % 2 ? 'existing' : 'new',
    turns: [{ role: 'visitor', text: i < 6 ? friend : 'Does it support SSO?', ts: 1000 + i }, { role: 'agent', text: 'Hello there!', ts: 2000 + i }],
  }));
  await writeFile(join(instance.home, 'chats.jsonl'), chats.map((chat) => JSON.stringify(chat)).join('\n'));
  await instance.control('transcript', 'import', 'acme', join(instance.home, 'chats.jsonl'));
});
after(() => instance?.stop());

const presence = (...args) => instance.control('presence', ...args);

/** Fills the next form in as `codes` says and submits it; null when nothing is left. */
async function codeNext(coder, codes) {
  const sheet = await presence('next', 'acme', '--coder', coder);
  if (sheet.id === null) return null;
  for (const message of sheet.messages) message.codes = codes(message);
  sheet.functions = ['F.INFO'];
  const path = join(instance.home, 'sheet.json');
  await writeFile(path, JSON.stringify(sheet, null, 2));
  await presence('submit', 'acme', path, '--coder', coder);
  return sheet;
}

test('a sample is refused until the machine has coded, then drawn by a seed', async () => {
  const early = await instance.ctl('presence', 'sample', 'acme', 'spring');
  assert.equal(early.code, 1);
  assert.match(early.stderr, /not coded/);
  await presence('code', 'acme');
  const draw = (name, seed) => presence('sample', 'acme', name, '--chats', '8', '--code', 'WOM.SRC', '--seed', seed);
  const { strata, chats } = await draw('spring', '7');
  assert.equal(chats, 8);
  assert.deepEqual(strata.map(({ stratum, chats: all, drawn }) => [stratum, all, drawn]), [
    ['en existing with', 3, 2], ['en existing without', 3, 2], ['en new with', 3, 2], ['en new without', 3, 2]]);
});

test('two coders code it blind, each in what was dealt to them', async () => {
  await presence('assign', 'acme', 'spring', '--coder', 'Erik', '--coder', 'Anna');
  const erik = [], anna = [];
  for (let sheet; (sheet = await codeNext('Erik', ({ from, text }) => (text === friend ? ['WOM.SRC'] : from === 'agent' ? ['COH.GREET'] : ['INT.Q'])));) erik.push(sheet);
  for (let sheet; (sheet = await codeNext('Anna', ({ from, text }) => (text === friend ? [] : from === 'agent' ? ['COH.GREET'] : ['INT.Q'])));) anna.push(sheet);
  assert.equal(erik.length, 8);
  assert.deepEqual(anna.map(({ id }) => id), erik.map(({ id }) => id));
  for (const sheet of anna) {
    assert.ok(!('stage' in sheet));
    assert.doesNotMatch(JSON.stringify(sheet), /stratum|weight|"rule"/);
  }
  const [sample] = await presence('samples', 'acme');
  assert.deepEqual([sample.chats, sample.both_done, sample.settled], [8, 8, 0]);
});

test('a coder\'s token reads the chats dealt to its name and nothing else', async () => {
  const { token } = await instance.control('token', 'create', '--role', 'coder', '--tenant', 'acme', '--label', 'Erik');
  const get = (path) => fetch(`${instance.http}/api/v1/tenants/${path}`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await (await get('acme/presence/next')).json()).coder, 'Erik');
  assert.equal((await get('acme/presence/next?coder=Anna')).status, 403);
  for (const path of ['acme/transcripts', 'acme/presence/codes?coder=Anna', 'acme/presence/report', 'acme/presence/samples']) {
    assert.equal((await get(path)).status, 403, path);
  }
  assert.equal((await get('borealis/presence/next')).status, 404);
});

test('what they agree on is settled, the rest by a third', async () => {
  let answer = await presence('adjudicate', 'acme', 'spring');
  assert.deepEqual([answer.settled, answer.open], [4, 4]);
  const path = join(instance.home, 'open.json');
  while (answer.next !== null) {
    assert.deepEqual(answer.next.messages[0].disputed, [{ code: 'WOM.SRC', by: 'Erik' }]);
    answer.next.messages[0].codes.push('WOM.SRC');
    await writeFile(path, JSON.stringify(answer));
    await presence('submit', 'acme', path, '--coder', 'adjudicated');
    answer = await presence('adjudicate', 'acme', 'spring');
  }
  assert.equal(answer.open, 0);
});

test('agreement is measured with the weights, coder against coder and machine', async () => {
  const row = ({ rows }, wanted) => rows.find(({ code, role }) => code === wanted && role === 'both');
  const people = await presence('agreement', 'acme', '--sample', 'spring');
  // 16 messages drawn, each for 3 ÷ 2 of its kind; Anna marks none of Erik's four WOM.SRC.
  assert.deepEqual([row(people, 'WOM.SRC').messages, row(people, 'WOM.SRC').recall.value, row(people, 'WOM.SRC').percent], [16, 0, 75]);
  assert.equal(row(people, 'COH.GREET').kappa.value, 1);
  const { coder: machine } = await presence('code', 'acme');
  const against = await presence('agreement', 'acme', '--sample', 'spring', '--first', 'adjudicated', '--second', machine);
  assert.equal(row(against, 'WOM.SRC').kappa.value, 1);
});

test('codes go out, come in under another name, and what was submitted stands', async () => {
  const path = join(instance.home, 'erik.jsonl');
  await presence('export', 'acme', '--coder', 'Erik', '-o', path);
  assert.equal((await presence('import', 'acme', path, '--coder', 'Erik again')).imported, 8);
  const again = join(instance.home, 'again.jsonl');
  await presence('export', 'acme', '--coder', 'Erik again', '-o', again);
  assert.equal(await readFile(again, 'utf8'), await readFile(path, 'utf8'));
  const { code, stderr } = await instance.ctl('presence', 'submit', 'acme', join(instance.home, 'sheet.json'), '--coder', 'Anna');
  assert.equal(code, 1);
  assert.match(stderr, /coded already/);
});

test('transcripts are listed by stage and tag', async () => {
  const list = async (...args) => (await instance.control('transcript', 'list', 'acme', ...args)).length;
  const tagged = join(instance.home, 'tagged.jsonl');
  await writeFile(tagged, JSON.stringify({ id: 'tagged', stage: 'new', tags: ['pro'], turns: [{ role: 'visitor', text: 'x', ts: 9000 }] }));
  await instance.control('transcript', 'import', 'acme', tagged);
  assert.deepEqual([await list(), await list('--stage', 'existing'), await list('--stage', 'new')], [13, 6, 7]);
  assert.deepEqual([await list('--tag', 'pro'), await list('--tag', 'pr'), await list('--stage', 'existing', '--tag', 'pro')], [1, 0, 0]);
  assert.equal(await list('--agent', 'nobody@agents.localhost'), 0);
});

test('who read which chat stands in the audit', async () => {
  const entries = await instance.control('tenant', 'audit', 'acme');
  assert.ok(entries.some(({ action, detail }) => action === 'presence_next' && /coder=Anna id=[a-z2-7]{26}/.test(detail)));
});
