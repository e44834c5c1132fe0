// SPDX-License-Identifier: Apache-2.0
// Twenty real support chats, ten at once, at two tenants: what visitors said goes through
// WebSockets, what agents said through XMPP, and the exported transcripts are compared with
// the original: same words, same order, same sides, nothing at the other tenant.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance } from '../support/instance.mjs';
import { readLines, sharedData } from '../support/shared_data.mjs';
import { Visitor } from '../support/visitor.mjs';

const CHATS = 20, AT_ONCE = 10;
const path = sharedData('stripe_sessions.jsonl.xz');
const skip = path === null && 'stripe_sessions.jsonl.xz is not there (set LASNA_SHARED_DATA)';
const desks = { acme: 'carla', borealis: 'dora' };
const agents = {};
let instance;

before(async () => {
  if (skip) return;
  instance = await Instance.start();
  for (const [tenant, name] of Object.entries(desks)) {
    await instance.addAgent(name, tenant);
    agents[tenant] = await Agent.login(instance, name);
  }
});
after(async () => {
  await Promise.all(Object.values(agents).map((agent) => agent.stop()));
  await instance?.stop();
});

/** What a line becomes on its way: NFC, and an agent's ! and / are doubled to be said. */
const asSaid = (text) => text.normalize('NFC');
const escaped = (text) => (/^[!/]/.test(text) ? `!!${text.startsWith('!') ? text.slice(1) : text}` : text);

async function replay(chat, tenant, number) {
  const agent = agents[tenant];
  const name = `Replay ${number}`;
  const visitor = new Visitor(instance, { tenant, name });
  await visitor.connect();
  // A chat begins with its visitor: agents' lines before that have nobody to reach.
  const turns = chat.turns.slice(chat.turns.findIndex(({ role }) => role === 'visitor'))
    .filter(({ text, role }) => text.trim() && ['visitor', 'agent'].includes(role));
  let contact = null;
  for (const { role, text } of turns) {
    if (role === 'visitor') {
      const { seq } = await visitor.say(text);
      contact ??= await agent.accept(tenant, new RegExp(`^${name} ·`), name);
      await visitor.next((frame) => frame.type === 'receipt' && frame.seq === seq);
    } else {
      const mark = visitor.frames.length;
      await agent.say(contact, escaped(text));
      await visitor.hears(asSaid(text), { from: mark });
    }
  }
  await agent.say(contact, '!end');
  await visitor.next(({ type }) => type === 'ended');
  await visitor.close();
  return { tenant, conversation: visitor.conversation, expected: turns.map(({ role, text }) => [role, asSaid(text)]) };
}

test('twenty real chats, ten at once, come out as they went in', { skip }, async () => {
  const chats = readLines(path).filter(({ turns }) => turns.length >= 4 && turns.length <= 40).slice(0, CHATS);
  assert.equal(chats.length, CHATS);
  const waiting = chats.map((chat, n) => [chat, n % 2 ? 'borealis' : 'acme', n + 1]);
  const done = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) done.push(await replay(...next));
  }));

  const exported = { acme: await instance.exported('acme'), borealis: await instance.exported('borealis') };
  for (const { tenant, conversation, expected } of done) {
    const found = exported[tenant].find(({ id }) => id === conversation);
    assert.deepEqual(found.messages.map(({ from, text }) => [from, text]), expected);
    assert.deepEqual(found.messages.map(({ seq }) => seq), expected.map((_, at) => at + 1));
    const other = tenant === 'acme' ? 'borealis' : 'acme';
    assert.ok(!exported[other].some(({ id }) => id === conversation));
  }
  for (const [tenant, lines] of Object.entries(exported)) {
    assert.equal(lines.length, CHATS / 2);
    assert.ok(lines.every((line) => line.tenant === tenant));
  }
});
