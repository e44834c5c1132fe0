// SPDX-License-Identifier: Apache-2.0
// Tenants come, many at once, on a running instance: each is whole, and who chats elsewhere goes on
// chatting. How long it takes is measured by `./dev bench tenants`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { latenciesDuring } from '../support/fairness.mjs';
import { Instance } from '../support/instance.mjs';
import { names, provision } from '../support/many_tenants.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
});
after(() => instance?.stop());

test('a dozen tenants come while Acme\'s visitors chat: all are whole, no word is lost', async () => {
  const visitors = [1, 2, 3].map(() => new Visitor(instance, { origin: 'https://acme.example' }));
  for (const visitor of visitors) await visitor.connect();
  const { took } = await latenciesDuring(visitors, provision(instance, names(12)));
  const said = (await instance.exported('acme')).flatMap(({ messages }) => messages.filter(({ from }) => from === 'visitor'));
  assert.ok(took.all.length >= visitors.length, 'they chatted');
  assert.equal(said.length, took.all.length);
  assert.ok(visitors.every(({ closed }) => closed === null), 'nobody was dropped');
  await Promise.all(visitors.map((visitor) => visitor.close()));

  for (const tenant of names(12)) {
    const { domain, sites, settings } = await instance.control('tenant', 'show', tenant);
    assert.deepEqual([domain, sites.length, settings['widget.color'].value], [`${tenant}.chat.localhost`, 1, '#123456']);
  }
  const last = new Visitor(instance, { tenant: names(12).at(-1), origin: 'https://tenant-012.example' });
  await last.connect();
  assert.equal((await last.say('hello?')).type, 'saved');
  await last.close();
});
