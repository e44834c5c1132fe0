// SPDX-License-Identifier: Apache-2.0
// An agent in Profanity, by its keys: what the desk promises holds in a client that we have not written.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance } from '../support/instance.mjs';
import { Profanity } from '../support/profanity.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, home, anna, ben;

before(async () => {
  instance = await Instance.start();
  await instance.control('tenant', 'set', 'acme', 'desk.canned=greet: Hello {visitor}, how can I help?', 'routing.offer_ms=600000');
  await instance.control('agent', 'assign', 'ben@agents.localhost', 'acme', '--limit', '5');
  home = await mkdtemp(join(tmpdir(), 'lasna-test-profanity-'));
  anna = await Profanity.start(home);
  await anna.login(instance, 'anna');
  await anna.shows('Acme Oy desk');
});
after(async () => {
  await anna?.stop();
  await ben?.stop();
  await instance?.stop();
  if (home) await rm(home, { recursive: true, force: true });
});

const spoken = (visitor) => visitor.frames.filter(({ type, from }) => type === 'message' && from !== 'visitor').map(({ text }) => text);

/** A visitor whose offer Anna takes; her window is then the visitor's. */
async function talking(name, words) {
  const visitor = new Visitor(instance, { name });
  await visitor.connect();
  await visitor.say(`${words}?`);
  await anna.line('/msg desk@acme.chat.localhost');
  await anna.shows(new RegExp(`${name} · "${words}[?]".*reply ok`));
  await anna.line('ok');
  await visitor.next(({ type, state }) => type === 'agent' && state === 'joined');
  const { visitor: { id } } = await instance.control('conversation', 'show', 'acme', visitor.conversation);
  await anna.line(`/msg v${id}@acme.chat.localhost`);
  await anna.shows(new RegExp(`\\[lasna\\] ${name} · Acme Oy[\\s\\S]*${words}[?]`));
  return visitor;
}

test('an offer is taken, answered, and nothing that looks like a command leaks', async () => {
  const visitor = await talking('Maria', 'what does Pro cost');
  await anna.line('Hello! 29 euros a month.');
  await visitor.hears('Hello! 29 euros a month.');
  await anna.line('!c greet');
  await visitor.hears('Hello Maria, how can I help?');
  await anna.line('!transfer x');
  await anna.shows('[lasna] Not sent: no command !transfer.');
  await anna.line('/transfer x');
  await anna.line('Anything else?'); // whatever came before it on the way, it overtakes nothing
  await visitor.hears('Anything else?');
  assert.deepEqual(spoken(visitor), ['Hello! 29 euros a month.', 'Hello Maria, how can I help?', 'Anything else?']);

  ben = await Agent.login(instance, 'ben');
  await anna.line('!to ben knows prices');
  const contact = await ben.accept('acme', /knows prices/, 'Maria');
  await ben.say(contact, 'Ben here.');
  await visitor.hears('Ben here.');
  await anna.line('am I still read?');
  await anna.line('/msg desk@acme.chat.localhost');
  await anna.shows('Not sent: Ben has this conversation (Maria).');
  assert.ok(!spoken(visitor).includes('am I still read?'));
  await ben.say(contact, '!end solved');
  await visitor.next(({ type }) => type === 'ended');
  await visitor.close();
  await ben.stop();
});

test('!end ends it, and the visitor is told', async () => {
  const visitor = await talking('Kaisa', 'may I order');
  await anna.line('!note wants to order');
  await anna.shows('[lasna] Noted; visitors never see it.');
  await anna.line('!end solved');
  await visitor.next(({ type }) => type === 'ended');
  assert.deepEqual(spoken(visitor), []);
  const conversation = (await instance.exported('acme')).find(({ id }) => id === visitor.conversation);
  assert.equal(conversation.outcome, 'solved');
  assert.deepEqual(conversation.notes.map(({ text }) => text), ['wants to order']);
  await visitor.close();
});
