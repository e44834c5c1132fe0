// SPDX-License-Identifier: Apache-2.0
// What a tenant pays for, from the rules to the credit: two months that are over, closed, contested;
// and a chat of today, which stands in the draft of its month.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

const file = (name, content) => {
  const path = join(instance.home, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};

/** A chat of an earlier month: `words` of the visitor, an answer after 30 s, three minutes in all. */
const held = (id, ended, { words = 9, visitor = id, tags = [] } = {}) => {
  const at = (before_s) => new Date(Date.parse(ended) - before_s * 1000).toISOString();
  return { id, visitor, tags, opened_at: at(180), ended_at: ended, messages: [
    { from: 'visitor', at: at(180), text: 'word '.repeat(words).trim() },
    { from: 'agent', name: 'Anna', at: at(150), text: 'Yes.' },
    { from: 'visitor', at: at(0), text: '!' },
  ] };
};

const rules = (from) => ({ from, currency: 'EUR', zone: 'Europe/Helsinki', rules: [
  { id: 'spam', if: { tags: ['spam'] }, billable: false },
  { id: 'short', if: { visitor_words_below: 3 }, billable: false },
  { id: 'again', if: { reopened_within_h: 24 }, billable: false },
  { id: 'standard', price: 450 },
] });

/** A month's statement as a document, and its bytes. */
const statement = async (month, format = 'json') => {
  const path = file(`statement.${format}`);
  await instance.control('billing', 'statement', 'acme', '--month', month, '--format', format, '-o', path);
  const bytes = readFileSync(path);
  return { bytes, text: bytes.toString(), document: format === 'json' ? JSON.parse(bytes) : null };
};

const refused = async (words, ...args) => {
  const { code, stderr } = await instance.ctl('billing', ...args);
  assert.equal(code, 1, stderr);
  assert.match(stderr, words);
};

before(async () => {
  instance = await Instance.start({ empty: true });
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  const chats = [
    held('first', '2024-03-02T09:00:00Z', { visitor: 'vera' }),
    held('second', '2024-03-03T08:00:00Z', { visitor: 'vera' }),
    held('short', '2024-03-04T09:00:00Z', { words: 1 }),
    held('spam', '2024-03-05T09:00:00Z', { tags: ['spam'] }),
    held('last', '2024-03-31T20:59:59.999Z'), // Helsinki has summer time by then
    held('april', '2024-03-31T21:00:00Z'),
  ];
  await instance.control('transcript', 'import', 'acme', file('chats.jsonl', chats.map((chat) => JSON.stringify(chat)).join('\n')));
});
after(() => instance?.stop());

test('without rules there is no statement, and rules that make no sense say why', async () => {
  await refused(/No rules hold for 2024-03/, 'statement', 'acme', '--month', '2024-03', '--format', 'json', '-o', file('none'));
  const wrong = rules('2024-03');
  wrong.rules[1].if.words_below = 3;
  await refused(/Rule 2: unknown condition "words_below"/, 'set', 'acme', file('wrong.json', JSON.stringify(wrong)));
  await refused(/must be a month/, 'set', 'acme', file('wrong.json', JSON.stringify(rules('2024-13'))));
});

test('the example in the manual is taken', async () => {
  const example = new URL('../../docs/examples/billing.json', import.meta.url).pathname;
  assert.equal((await instance.control('billing', 'set', 'borealis', example)).version, 1);
});

test('a draft has a line for each conversation, and says why it counts', async () => {
  assert.equal((await instance.control('billing', 'set', 'acme', file('rules.json', JSON.stringify(rules('2024-03'))))).version, 1);
  const { document, bytes } = await statement('2024-03');
  assert.equal(document.state, 'draft');
  assert.deepEqual([document.from, document.to], ['2024-02-29T22:00:00.000Z', '2024-03-31T21:00:00.000Z']);
  assert.deepEqual(document.lines.map(({ rule, billable, amount }) => [rule, billable, amount]),
    [['standard', true, 450], ['again', false, 0], ['short', false, 0], ['spam', false, 0], ['standard', true, 450]]);
  assert.equal(document.lines[2].reason, 'words of the visitor: 1, below 3');
  assert.deepEqual([document.totals.billable, document.totals.due], [2, 900]);
  const transcript = document.lines[0].transcript.split('/').at(-1);
  assert.equal((await instance.control('transcript', 'show', 'acme', transcript)).id, document.lines[0].conversation);
  assert.deepEqual((await statement('2024-03')).bytes, bytes);
});

test('as CSV and as a page it is the same statement, and the same bytes each time', async () => {
  const csv = (await statement('2024-03', 'csv')).text;
  const [head, ...rows] = csv.trim().split('\r\n');
  assert.equal(rows.length, 5);
  for (const row of rows) assert.equal(row.split(',').length >= head.split(',').length, true, row);
  assert.match(rows[0], /^line,2024-03,1,[a-z2-7]{26},.*,"standard","no other rule holds",yes,4\.50,450,EUR,/);
  const html = (await statement('2024-03', 'html')).text;
  assert.match(html, /A draft/);
  assert.match(html, /9\.00 EUR/);
  assert.equal((await statement('2024-03', 'html')).text, html);
  assert.equal((await statement('2024-03', 'csv')).text, csv);
});

let closed;

test('what is closed stays to the byte, whatever happens to the rules and the chats', async () => {
  const { digest } = await instance.control('billing', 'close', 'acme', '--month', '2024-03');
  closed = await statement('2024-03');
  assert.equal(createHash('sha256').update(closed.bytes).digest('hex'), digest);
  assert.equal(closed.document.state, 'closed');
  assert.equal(closed.document.closed_by, 'operator');
  await refused(/closed one after the other/, 'close', 'acme', '--month', '2024-03');
  await refused(/month's statement is closed/, 'set', 'acme', file('rules.json', JSON.stringify(rules('2024-03'))));
  const { lines } = closed.document;
  const { visitor } = await instance.control('transcript', 'show', 'acme', lines[0].conversation);
  await instance.control('visitor', 'erase', 'acme', visitor.id, '--yes');
  await instance.control('tenant', 'set', 'acme', 'hours.zone=UTC');
  assert.deepEqual((await statement('2024-03')).bytes, closed.bytes);
  assert.match((await statement('2024-03', 'html')).text, new RegExp(digest));
  const [next, last] = await instance.control('billing', 'statements', 'acme');
  assert.deepEqual([next.month, next.state, last.month, last.digest, last.totals.due], ['2024-04', 'open', '2024-03', digest, 900]);
  assert.equal((await instance.control('verify')).problems, 0);
});

test('the tenant contests over the network; what is accepted is a credit of the next month', async () => {
  const made = await instance.control('token', 'create', '--role', 'tenant-admin', '--tenant', 'acme');
  const ask = async (path, body) => {
    const answer = await fetch(`${instance.http}/api/v1/tenants/${path}`, { method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    return { status: answer.status, document: await answer.json() };
  };
  const contested = { month: '2024-03', line: 5, reason: 'We answered it\nourselves.' };
  const { status, document } = await ask('acme/billing/disputes', contested);
  assert.equal(status, 201);
  assert.deepEqual([document.dispute, document.state, document.amount], [1, 'open', 450]);
  assert.equal((await ask('acme/billing/disputes', contested)).document.code, 'disputed');
  assert.equal((await ask('acme/billing/disputes', { ...contested, line: 3 })).document.code, 'not_billed');
  assert.equal((await ask('acme/billing/disputes', { ...contested, line: 9 })).status, 404);
  assert.equal((await ask('acme/billing/decisions', { dispute: 1, accept: true })).status, 403);
  assert.equal((await ask('acme/billing/statements', { month: '2024-04' })).status, 403);
  assert.equal((await ask('borealis/billing/statement?month=2024-03')).status, 404);

  await instance.control('billing', 'decide', 'acme', '1', '--accept', '--answer', 'You are right.');
  await refused(/decided already/, 'decide', 'acme', '1', '--reject');
  const april = await statement('2024-04');
  assert.deepEqual(april.document.credits.map(({ month, line, amount }) => [month, line, amount]), [['2024-03', 5, -450]]);
  assert.deepEqual([april.document.totals.amount, april.document.totals.credit, april.document.totals.due], [450, -450, 0]);
  assert.equal(april.document.previous, createHash('sha256').update(closed.bytes).digest('hex'));
  await instance.control('billing', 'close', 'acme', '--month', '2024-04');
  assert.deepEqual((await statement('2024-05')).document.credits, []);
  const [decided] = await instance.control('billing', 'disputes', 'acme', '--state', 'accepted');
  assert.deepEqual([decided.credited_in, decided.answer], ['2024-04', 'You are right.']);
  assert.match((await ask('acme/billing/disputes')).document.items[0].reason, /^We answered it ourselves\.$/);
  assert.deepEqual((await statement('2024-03')).bytes, closed.bytes);
});

test('a chat of today stands in the draft of its month, which is not over', async () => {
  await instance.addAgent('anna', 'acme');
  const anna = await Agent.login(instance, 'anna');
  const vera = new Visitor(instance, { tenant: 'acme', name: 'Vera', origin: 'https://acme.example' });
  try {
    await vera.connect();
    await vera.say('Do you ship to Oulu?');
    const contact = await anna.accept('acme', /Vera/);
    await anna.say(contact, 'We do.');
    await vera.hears('We do.');
    await anna.say(contact, '!end');
    await vera.next(({ type }) => type === 'ended');
    const { ended_at } = await until(async () => (await instance.exported('acme')).find(({ id, ended_at }) => id === vera.conversation && ended_at),
      { what: 'the end on disk' });
    const month = new Date(Date.parse(ended_at)).toLocaleDateString('sv-SE', { timeZone: 'Europe/Helsinki' }).slice(0, 7);
    const [line] = (await statement(month)).document.lines;
    assert.deepEqual([line.conversation, line.rule, line.visitor_words, line.agent_messages], [vera.conversation, 'standard', 5, 1]);
    // Only the one after the last that was closed can be closed: ask where that is no matter.
    await refused(/not over yet/, 'close', 'acme', '--month', month);
  } finally {
    await vera.close();
    await anna.stop();
  }
});
