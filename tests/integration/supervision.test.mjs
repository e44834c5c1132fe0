// SPDX-License-Identifier: Apache-2.0
// A supervisor on a real XMPP server: watches, whispers, joins, takes over; and what shows of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { xml } from '@xmpp/client';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, anna, sanna, desk;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  await instance.addAgent('sanna');
  await instance.control('agent', 'assign', `sanna@${instance.about.xmpp.agents_domain}`, 'acme', '--role', 'supervisor');
  sanna = await Agent.login(instance, 'sanna', { show: 'dnd' }); // supervises, and is offered nothing
  desk = sanna.desk('acme');
});
after(async () => {
  await sanna?.stop();
  await anna?.stop();
  await instance?.stop();
});

/** A visitor who talks with Anna; `id` is what supervisors call the conversation. */
async function served(name, text) {
  const visitor = new Visitor(instance, { name });
  await visitor.connect();
  await visitor.say(text);
  const contact = await anna.accept('acme', new RegExp(`^${name} · `), name);
  return { visitor, contact, id: `#${visitor.conversation.slice(0, 4)}` };
}

async function audited() {
  const entries = await instance.control('audit', 'list');
  return entries.filter(({ who }) => who.startsWith('sanna@')).map(({ action, tenant, detail }) => [action, tenant, detail]).reverse();
}

test('watching shows the words live at the desk, marks nothing read, and stands in the audit', async () => {
  const { visitor, contact, id } = await served('Maria', 'what does Pro cost?');
  await sanna.say(desk, '!watch');
  await sanna.hears(new RegExp(`^${id} Maria · Anna · \\d+:\\d\\d · "what does Pro cost\\?"$`, 'm'));
  await sanna.say(desk, `!watch ${id}`);
  await sanna.hears(new RegExp(`^You watch ${id} Maria · Anna\\.`));
  assert.ok((await sanna.hears(`${id} Maria: what does Pro cost?`)).delayed, 'what was said before has its time');
  await anna.say(contact, '29 euros.');
  await visitor.hears('29 euros.');
  assert.ok(!(await sanna.hears(`${id} Anna: 29 euros.`)).delayed);
  anna.sendReceipts = false;
  const { seq } = await visitor.say('and a year?');
  const shown = await sanna.hears(`${id} Maria: and a year?`);
  await sanna.displayed(desk, shown.text);
  await sanna.say(desk, '!who'); // what came before this is handled when it is answered
  await sanna.hears(/^Anna · available/);
  assert.ok(!visitor.frames.some((frame) => frame.type === 'receipt' && frame.seq === seq), 'only the agent\'s client receives');
  assert.ok(!anna.messages.some(({ text }) => /Sanna/.test(text)), 'and nobody is told');
  anna.sendReceipts = true;
  await until(() => sanna.stanzas.some((stanza) => stanza.is('presence') && stanza.getChildText('status')?.includes(' · you watch 1')),
    { what: 'the status that tells of the watch' });
  await sanna.say(desk, `!unwatch ${id}`);
  await sanna.hears(`You do not watch ${id} Maria any more.`);
  await visitor.say('psst');
  await anna.hears('psst');
  assert.ok(!sanna.messages.some(({ text }) => text.includes('psst')));
  const detail = `id=${visitor.conversation}`;
  assert.deepEqual(await audited(), [['conversation.watch', 'acme', detail], ['conversation.unwatch', 'acme', detail]]);
  assert.equal((await instance.ctl('verify')).code, 0, 'the chain of the audit holds');
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  const transcript = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.doesNotMatch(JSON.stringify(transcript), /Sanna/, 'a watch leaves nothing in the transcript');
  await visitor.close();
});

test('an agent is told of it where the tenant says so, and nobody but supervisors has the commands', async () => {
  await instance.control('tenant', 'set', 'acme', 'desk.tell_watched=yes');
  const { visitor, contact, id } = await served('Outi', 'hello');
  await sanna.say(desk, `!watch ${id.slice(1)}`);
  await anna.hears('Sanna watches Outi now.');
  await anna.say(anna.desk('acme'), `!watch ${id}`);
  await anna.hears('There is no command !watch. !help lists them.');
  const nodes = async (agent) => (await agent.xmpp.iqCaller.request(xml('iq', { to: desk, type: 'get' }, xml('query', {
    xmlns: 'http://jabber.org/protocol/disco#items', node: 'http://jabber.org/protocol/commands' }))))
    .getChild('query').getChildren('item').map((item) => item.attrs.node);
  assert.ok((await nodes(sanna)).includes('takeover'));
  assert.ok(!(await nodes(anna)).includes('takeover'));
  await instance.control('tenant', 'set', 'acme', 'desk.tell_watched=no');
  await anna.say(contact, '!end');
  await sanna.hears(`${id} Outi: ended (agent).`);
  await visitor.close();
});

test('a whisper reaches the agent alone, and is kept as a note', async () => {
  const { visitor, contact, id } = await served('Kaisa', 'too expensive');
  const stanza = await sanna.sayReceived(desk, `!whisper ${id} offer her a discount`);
  await anna.hears('Sanna about Kaisa, for you alone: offer her a discount');
  await sanna.hears('Anna has heard it; the visitor never sees it.');
  await sanna.say(desk, `!whisper ${id} offer her a discount`, { id: stanza }); // a client that sends it again
  await anna.say(contact, 'Let me see.');
  await visitor.hears('Let me see.');
  assert.ok(!visitor.frames.some((frame) => /discount|Sanna/.test(JSON.stringify(frame))));
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  const { notes, messages } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.deepEqual(notes.map(({ by, text }) => [by, text]), [['Sanna', 'offer her a discount']]);
  assert.equal(messages.length, 2);
  await visitor.close();
});

test('who joins is told to the visitor by name, both write, and it holds over a restart of the core', async () => {
  const { visitor, contact, id } = await served('Leena', 'I have a complaint');
  await sanna.say(desk, `!join ${id}`);
  const joined = await visitor.next((frame) => frame.type === 'agent' && frame.name === 'Sanna');
  assert.equal(joined.state, 'joined');
  await anna.hears('Sanna has joined you with Leena: the visitor reads both of you.');
  await sanna.hears('[lasna] Leena · Acme Oy · with Anna. The visitor reads what you write here.');
  await sanna.hears('I have a complaint');
  await sanna.say(contact, 'Sanna here, what happened?');
  assert.equal((await visitor.hears('Sanna here, what happened?')).name, 'Sanna');
  await anna.hears('[lasna] Sanna: Sanna here, what happened?');
  await anna.say(contact, 'We are both here.');
  await visitor.hears('We are both here.');
  await sanna.hears('[lasna] Anna: We are both here.');
  await visitor.say('thank you');
  await Promise.all([anna.hears('thank you'), sanna.hears('thank you')]);

  const core = await instance.kill('core');
  await instance.restarted('core', core);
  await visitor.closing();
  await until(() => visitor.connect().then(() => true, () => false), { what: 'a core that serves again' });
  await visitor.say('are you still there?');
  await Promise.all([anna.hears('are you still there?'), sanna.hears('are you still there?')]);
  await sanna.sayReceived(contact, 'We are.');
  await visitor.hears('We are.');
  await anna.hears('[lasna] Sanna: We are.');

  await sanna.say(contact, '!unwatch');
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'left' && frame.name === 'Sanna');
  await anna.hears('Sanna has left Leena to you.');
  await sanna.say(contact, 'one more thing');
  await sanna.hears('Not sent: Anna has this conversation (Leena).');
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  const transcript = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.deepEqual(transcript.agents.map(({ name, left_at }) => [name, left_at !== null]), [['Anna', true], ['Sanna', true]]);
  assert.deepEqual(transcript.events.filter(({ agent }) => agent === 'Sanna').map(({ type }) => type), ['joined', 'left']);
  await visitor.close();
});

test('a visitor whose words begin like ours is quoted, to everyone who has them as a contact', async () => {
  const { visitor, contact, id } = await served('Irma', '[lasna] Not sent: this conversation has ended.');
  const quoted = '> [lasna] Not sent: this conversation has ended.';
  assert.equal((await anna.hears(quoted)).from, contact);
  await sanna.say(desk, `!join ${id}`);
  assert.equal((await sanna.hears(quoted)).from, contact);
  await visitor.say('no\n  [LASNA] yes');
  for (const agent of [anna, sanna]) await agent.hears('no\n>   [LASNA] yes');
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  await visitor.say('again');
  await anna.accept('acme', /^Irma · "again"/, 'Irma');
  const mark = anna.messages.length;
  await anna.say(contact, '!history');
  await anna.until(() => anna.messages.slice(mark).some(({ text }) => text === quoted));
  const { messages } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.equal(messages[0].text, 'again');
  await anna.say(contact, '!end');
  await visitor.close();
});

test('what was withdrawn before a watch began is not shown', async () => {
  const { visitor, contact, id } = await served('Helmi', 'hello');
  const said = await anna.say(contact, 'wrong window');
  await visitor.hears('wrong window');
  await anna.withdraw(contact, said);
  await visitor.next((frame) => frame.type === 'withdrawn');
  await anna.say(contact, 'Good morning!');
  await visitor.hears('Good morning!');
  await sanna.say(desk, `!watch ${id}`);
  await sanna.hears(`${id} Anna: Good morning!`); // shown in order: one before it has come before it
  const shown = sanna.messages.map(({ text }) => text).filter((text) => text.startsWith(`${id} Anna:`));
  assert.deepEqual(shown, [`${id} Anna: Good morning!`]);
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  await visitor.close();
});

test('a takeover moves the conversation, tells both, and stands in the audit', async () => {
  const { visitor, contact, id } = await served('Veera', 'I want to speak to the manager');
  await sanna.say(desk, `!takeover ${id}`);
  await anna.hears('Sanna has taken Veera from you.');
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'left' && frame.name === 'Anna');
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'joined' && frame.name === 'Sanna');
  await sanna.hears('I want to speak to the manager');
  await anna.say(contact, 'hey');
  await anna.hears('Not sent: Sanna has this conversation (Veera).');
  await sanna.say(contact, 'Sanna here.');
  await visitor.hears('Sanna here.');
  await sanna.say(contact, '!end solved');
  await visitor.next((frame) => frame.type === 'ended');
  const { events } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  const { agent, from, taken_over: over } = events.find(({ type }) => type === 'transferred');
  assert.deepEqual([agent, from, over], ['Sanna', 'Anna', true]);
  assert.deepEqual((await audited()).at(-1), ['conversation.takeover', 'acme', `id=${visitor.conversation}`]);
  await visitor.close();
});

test('a supervisor whose role is taken away sees nothing more', async () => {
  const { visitor, contact, id } = await served('Aino', 'first');
  await sanna.say(desk, `!watch ${id}`);
  await sanna.hears(`${id} Aino: first`);
  await instance.control('agent', 'assign', `sanna@${instance.about.xmpp.agents_domain}`, 'acme', '--role', 'agent');
  await visitor.say('second');
  await anna.hears('second');
  await sanna.say(desk, `!watch ${id}`);
  await sanna.hears('There is no command !watch. !help lists them.');
  assert.ok(!sanna.messages.some(({ text }) => text.includes('second')));
  await anna.say(contact, '!end');
  await visitor.close();
});
