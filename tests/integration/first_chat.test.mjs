// SPDX-License-Identifier: Apache-2.0
// The whole way on real servers: WebSocket → web → core → link → Prosody → XMPP client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, anna;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
});
after(async () => {
  await anna?.stop();
  await instance?.stop();
});

test('a visitor and an agent talk, and the transcript has it all', async () => {
  const maria = new Visitor(instance, { name: 'Maria', lang: 'fi' });
  const welcome = await maria.connect();
  assert.equal(welcome.conversation, null);
  assert.equal(welcome.last_seq, 0);

  const saved = await maria.say('Hei, paljonko Pro maksaa?');
  assert.equal(saved.type, 'saved');
  assert.equal(saved.seq, 1);

  const contact = await anna.accept('acme', /Maria · "Hei, paljonko Pro maksaa\?" · fi · \/pricing/);
  const first = await anna.hears('Hei, paljonko Pro maksaa?');
  assert.equal(first.from, contact);
  assert.ok(first.delayed);

  await anna.say(contact, 'Hei Maria! 29 € kuussa.');
  const answer = await maria.hears('Hei Maria! 29 € kuussa.');
  assert.equal(answer.seq, 2);
  assert.equal(answer.from, 'agent');
  assert.equal(answer.name, 'Anna');

  await maria.say('Kiitos!');
  await anna.hears('Kiitos!');
  await maria.next((frame) => frame.type === 'receipt' && frame.seq === 3 && frame.state === 'delivered');

  const order = maria.frames.map((frame) => frame.type).filter((type) => type !== 'availability');
  assert.ok(order.indexOf('conversation') < order.indexOf('saved'), `conversation before saved: ${order}`);

  await anna.say(contact, '!end solved');
  assert.equal((await maria.next((frame) => frame.type === 'ended')).reason, 'agent');

  const transcript = await instance.control('transcript', 'show', 'acme', maria.conversation);
  assert.deepEqual(transcript.messages.map((m) => [m.seq, m.from, m.text]), [
    [1, 'visitor', 'Hei, paljonko Pro maksaa?'],
    [2, 'agent', 'Hei Maria! 29 € kuussa.'],
    [3, 'visitor', 'Kiitos!'],
  ]);
  assert.equal(transcript.outcome, 'solved');
  assert.equal(transcript.agents[0].name, 'Anna');
  assert.doesNotMatch(JSON.stringify(transcript), /agents\.localhost/, 'no JID in a transcript');
  await maria.close();
});

test('a browser that comes back gets what it missed, and only that', async () => {
  const visitor = new Visitor(instance, { name: 'Outi' });
  await visitor.connect();
  await visitor.say('one');
  const contact = await anna.accept('acme', /Outi · "one"/);
  visitor.drop();
  await anna.sayReceived(contact, 'while you were away');

  const welcome = await visitor.connect();
  assert.equal(welcome.conversation, visitor.conversation);
  assert.equal(welcome.last_seq, 2);
  await visitor.hears('while you were away');
  const replayed = visitor.frames.slice(visitor.frames.indexOf(welcome)).filter((f) => f.type === 'message');
  assert.deepEqual(replayed.map((f) => f.seq), [2]);

  visitor.after = 0; // as after a reload that lost everything but the token
  await visitor.close();
  const again = await visitor.connect();
  await visitor.next((frame) => frame.type === 'message' && frame.seq === 2, { from: visitor.frames.indexOf(again) });
  const all = visitor.frames.slice(visitor.frames.indexOf(again)).filter((f) => f.type === 'message');
  assert.deepEqual(all.map((f) => [f.seq, f.from]), [[1, 'visitor'], [2, 'agent']]);
  assert.ok(all[0].cid, "the visitor's own come with their cid");
  visitor.send({ type: 'end' });
  await visitor.next((frame) => frame.type === 'ended', { from: visitor.frames.indexOf(again) });
  await visitor.close();
});

test('a receipt that came while the browser was away is told when it is back', async () => {
  const visitor = new Visitor(instance, { name: 'Pia' });
  await visitor.connect();
  await visitor.say('hear me');
  const contact = await anna.accept('acme', /Pia · "hear me"/);
  anna.sendReceipts = false;
  await visitor.say('and this');
  await anna.hears('and this');
  visitor.drop();
  const { id } = anna.messages.find(({ text }) => text === 'and this');
  await anna.receive(contact, id);
  anna.sendReceipts = true;
  await until(async () => (await instance.exported('acme')).some(({ messages }) =>
    messages.some(({ text, delivered_at }) => text === 'and this' && delivered_at)), { what: 'the receipt on disk' });

  const welcome = await visitor.connect();
  assert.equal(visitor.after, 2);
  await visitor.next(({ type, seq, state }) => type === 'receipt' && seq === 2 && state === 'delivered',
    { from: visitor.frames.indexOf(welcome) });
  assert.ok(!visitor.frames.slice(visitor.frames.indexOf(welcome)).some(({ type }) => type === 'message'));
  visitor.send({ type: 'end' });
  await visitor.next((frame) => frame.type === 'ended');
  await visitor.close();
});

test('the same cid again gives the same saved, never a second message', async () => {
  const visitor = new Visitor(instance, { tenant: 'borealis' });
  await visitor.connect();
  const once = await visitor.say('only once', { cid: 'same' });
  const mark = visitor.frames.length;
  visitor.send({ type: 'say', cid: 'same', text: 'only once' });
  const twice = await visitor.next((frame) => frame.type === 'saved', { from: mark });
  assert.deepEqual(twice, once);
  const transcript = await instance.control('transcript', 'show', 'borealis', visitor.conversation);
  assert.equal(transcript.messages.length, 1);
  visitor.send({ type: 'end' });
  await visitor.next((frame) => frame.type === 'ended');
  const later = await visitor.say('a new one');
  assert.equal(later.seq, 1, 'after the end a new conversation begins');
  visitor.send({ type: 'end' });
  await visitor.close();
});

test('what looks like a command never reaches the visitor', async () => {
  const visitor = new Visitor(instance, { name: 'Leena' });
  await visitor.connect();
  await visitor.say('hello');
  const contact = await anna.accept('acme', /Leena/);
  await anna.say(contact, '/transfer ben');
  await anna.hears('[lasna] Not sent: no command /transfer. !help lists them; !!/transfer sends it as text.');
  await anna.say(contact, '!foo');
  await anna.hears('[lasna] Not sent: no command !foo. !help lists them; !!foo sends it as text.');
  await anna.say(contact, '!!wow');
  await visitor.hears('!wow');
  assert.ok(!visitor.frames.some((frame) => /transfer|foo/.test(frame.text ?? '')));
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  await visitor.close();
});
