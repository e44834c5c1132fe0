// SPDX-License-Identifier: Apache-2.0
// Agents' presence: what the desk looked like is in the report, also after the core was restarted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, anna;

before(async () => {
  instance = await Instance.start();
});
after(async () => {
  await anna?.stop();
  await instance?.stop();
});

const desk = async () => (await instance.control('presence', 'report', 'acme')).desk;
const seenFor = (seconds) => until(async () => (await instance.control('status')).uptime_s > seconds,
  { seconds: 120, what: `${seconds} s of uptime` });

test('before anybody looked, nothing is claimed', async () => {
  assert.equal(await desk(), undefined);
});

test('offers taken are counted, and the desk is staffed while an agent is there', async () => {
  anna = await Agent.login(instance, 'anna');
  const visitor = new Visitor(instance, { name: 'Vera' });
  await visitor.connect();
  await visitor.say('Is anybody there?');
  await anna.accept('acme', /Vera/);
  await seenFor(21); // it looks every ten seconds
  await instance.restarted('core', await instance.kill('core', 'SIGTERM'));
  const { offers, hours, ...sums } = await until(desk, { what: 'the desk in the report' });
  assert.deepEqual([offers.offered, offers.taken.count, offers.missed.count], [1, 1, 0]);
  assert.ok(sums.staffed_min > 0 && sums.staffed_min <= sums.open_min && sums.open_min <= sums.seen_min, JSON.stringify(sums));
  assert.ok(sums.agents > 0 && sums.agents <= 1);
  assert.ok(sums.held > 0 && sums.held <= 1);
  assert.equal(hours.length, 24);
  assert.equal(hours.reduce((sum, { chats }) => sum + chats, 0), 1);
  await visitor.close();
});
