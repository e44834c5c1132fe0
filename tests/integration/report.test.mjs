// SPDX-License-Identifier: Apache-2.0
// A tenant's month and week, worked by hand: forty chats of one week and what lies around it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Instance } from '../support/instance.mjs';

let instance;

/** Opened then; a person answers after `wait` seconds, or nobody does. */
const chat = (id, opened, { wait = null, tags = [], outcome, survey = null } = {}) => {
  const at = (s) => new Date(Date.parse(opened) + s * 1000).toISOString();
  const messages = [{ from: 'visitor', at: at(0), text: 'Hello' }];
  if (wait !== null) messages.push({ from: 'agent', name: 'Anna', at: at(wait), text: 'Hello Vera' });
  return { id, visitor: id, language: 'fi', opened_at: at(0), ended_at: at(600), tags, outcome, survey, messages };
};

/** Five chats a day, from Monday 14 October 2024 on … */
const chats = Array.from({ length: 35 }, (_, i) =>
  chat(`week ${i}`, new Date(Date.UTC(2024, 9, 14 + (i % 7), 9 + Math.floor(i / 7))).toISOString(), {
    wait: i < 32 ? i + 1 : null, tags: i % 2 ? ['delivery', 'delivery', '=price'] : [], outcome: i < 20 ? 'solved' : undefined,
    survey: i < 31 ? { csat: i < 30 ? 5 : 1 } : null }))
  // … and two that are of that week and month by Helsinki's clock alone, and one that is not.
  .concat([chat('monday', '2024-10-13T21:00:00Z', { wait: 1 }), chat('october', '2024-09-30T21:00:00Z', { wait: 1 }), chat('november', '2024-10-31T22:00:00Z')]);

const report = async (format, ...period) => {
  const path = join(instance.home, `report.${format}`);
  await instance.control('report', 'acme', ...period, '--format', format, '-o', path);
  return readFileSync(path, 'utf8');
};

before(async () => {
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--name', 'Acme <Oy>', '--origin', 'https://acme.example');
  await instance.control('tenant', 'set', 'acme', 'hours.zone=Europe/Helsinki');
  const path = join(instance.home, 'chats.jsonl');
  writeFileSync(path, chats.map((one) => JSON.stringify(one)).join('\n'));
  await instance.control('transcript', 'import', 'acme', path);
});
after(() => instance?.stop());

test('a week has the chats of its seven days there', async () => {
  const week = JSON.parse(await report('json', '--week', '2024-W42'));
  assert.deepEqual([week.from, week.to], ['2024-10-13T21:00:00.000Z', '2024-10-20T21:00:00.000Z']);
  assert.deepEqual(week.by_day.map(({ day, chats: n }) => [day.slice(8), n]),
    [['14', 6], ['15', 5], ['16', 5], ['17', 5], ['18', 5], ['19', 5], ['20', 5]]);
  assert.deepEqual([week.chats.n, week.answered.count, week.answered.n], [36, 33, 36]);
  assert.deepEqual(week.outcomes, [{ name: 'solved', chats: 20 }, { name: '', chats: 16 }]);
  assert.deepEqual(week.topics, [{ name: '=price', chats: 17 }, { name: 'delivery', chats: 17 }]);
  // Waits of 1, 1, 2 … 32 s: 33 of them, the 17th is 16 s and the 30th 29 s.
  assert.deepEqual([week.times.first_response.n, week.times.first_response.median_s, week.times.first_response.p90_s], [33, 16, 29]);
  assert.deepEqual([week.csat.n, week.csat.too_few], [31, false]);
  assert.ok(!('agents' in week), 'no agent is told apart');
});

test('a month has one more, and few of anything are too few', async () => {
  const month = JSON.parse(await report('json', '--month', '2024-10'));
  assert.deepEqual([month.chats.n, month.by_day.length, month.by_day[0].chats], [37, 31, 1]);
  const november = JSON.parse(await report('json', '--month', '2024-11'));
  assert.deepEqual([november.chats.n, november.answered.too_few], [1, true]);
  assert.match(await report('csv', '--month', '2024-11'), /^volume,"answered",share,too few,1\r$/m);
  assert.match(await report('html', '--month', '2024-11'), /too few \(n = 1\)/);
});

test('as CSV and as a page it is the same, byte for byte each time, and holds no markup of others', async () => {
  for (const format of ['json', 'csv', 'html'])
    assert.equal(await report(format, '--week', '2024-W42'), await report(format, '--week', '2024-W42'));
  const csv = await report('csv', '--week', '2024-W42');
  assert.match(csv, /^topic,"'=price",chats,17,\r$/m);
  assert.match(csv, /^time,"first_response",median_s,16,33\r$/m);
  const html = await report('html', '--week', '2024-W42');
  assert.match(html, /Acme &lt;Oy&gt;/);
  assert.doesNotMatch(html, /Acme <Oy>|<script/);
});

test('what is no period is refused', async () => {
  for (const period of [[], ['--month', '2024-10', '--week', '2024-W42'], ['--week', '2024-10'], ['--month', '2024-W42'], ['--week', '2024-W53']]) {
    const { code, stderr } = await instance.ctl('report', 'acme', ...period, '-o', join(instance.home, 'none'));
    assert.equal(code, 1);
    assert.match(stderr, /either "month", 2026-10, or "week", 2026-W43/);
  }
});
