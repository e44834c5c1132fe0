// SPDX-License-Identifier: Apache-2.0
// What agents, or whoever writes as one, get wrong at the desk: each with the exact answer, on a real
// server. Nothing of it reaches a visitor.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { xml } from '@xmpp/client';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const COMMANDS = 'http://jabber.org/protocol/commands';
let instance, anna, ben, desk;

before(async () => {
  instance = await Instance.start();
  await instance.control('tenant', 'set', 'acme', 'desk.room=off'); // no invitation among the answers
  anna = await Agent.login(instance, 'anna');
  desk = anna.desk('acme');
  await instance.control('agent', 'assign', `ben@${instance.about.xmpp.agents_domain}`, 'acme', '--limit', '50');
  ben = await Agent.login(instance, 'ben');
  await ben.say(desk, '!away');
  await ben.hears('No more offers here until !here. What you have stays yours.');
});
after(async () => {
  await Promise.all([anna?.stop(), ben?.stop()]);
  await instance?.stop();
});

/** A visitor who is with Anna, and the contact they have with her. */
async function withAnna(name) {
  const visitor = new Visitor(instance, { name });
  await visitor.connect();
  await visitor.say(`I am ${name}`);
  const contact = await anna.accept('acme', new RegExp(`^${name} · `), name);
  await anna.hears(`I am ${name}`); // the last that comes unasked
  return { visitor, contact };
}

async function end(visitor, contact) {
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  await visitor.close();
}

/** Says it, and what comes back next from there. */
async function answer(agent, contact, line) {
  const mark = agent.messages.length;
  await agent.say(contact, line);
  return (await agent.until(() => agent.messages.slice(mark).find(({ from }) => from === contact))).text;
}

const offerOf = (name) => new RegExp(`^${name} · .* reply ok`);

/** Takes what is offered now or, when that was taken back, the next time it is; resolves with the contact. */
async function takes(agent, name) {
  for (;;) {
    const heard = (fits) => agent.until(() => agent.messages.slice(mark).find(fits));
    const mark = agent.messages.length;
    await agent.say(desk, 'ok');
    const { from } = await heard(({ text }) => text.startsWith(`[lasna] ${name} · `) || text === 'Nothing is offered to you now.');
    if (from !== desk) return from;
    await heard(({ text }) => offerOf(name).test(text));
  }
}

test('commands to the wrong contact, unknown ones and numbers out of range are told so at the desk', async () => {
  for (const [line, told] of [
    ['!end', "!end belongs in a visitor's chat, not at the desk."],
    ['!to ben', "!to belongs in a visitor's chat, not at the desk."],
    ['!foo', 'There is no command !foo. !help lists them.'],
    ['/transfer ben', 'There is no command /transfer. !help lists them.'],
    ['hello', 'There is no command hello. !help lists them.'],
    ['!watch', 'There is no command !watch. !help lists them.'],
    ['ok', 'Nothing is offered to you now.'],
    ['ok 7', 'There is no offer 7 for you now.'],
    ['ok 0', 'Nothing is offered to you now.'],
    ['no -1', "Which one? Reply ok, or ok and the offer's number."],
    ['ok 99999999999999999999', "Which one? Reply ok, or ok and the offer's number."],
    ['!why 99', 'Nobody waits.'],
    ['!lang xx', 'Like this: !lang en|fi|sv – the language I speak with you'],
  ]) assert.equal(await answer(anna, desk, line), told, line);
});

test('and in a visitor’s chat, where transfers go to nobody, to oneself, to another tenant', async () => {
  const { visitor, contact } = await withAnna('Maria');
  for (const [line, told] of [
    ['!foo bar', 'Not sent: no command !foo. !help lists them; !!foo sends it as text.'],
    ['/transfer ben', 'Not sent: no command /transfer. !help lists them; !!/transfer sends it as text.'],
    ['!ok', 'Not sent: no command !ok. !help lists them; !!ok sends it as text.'],
    ['\u00a0!foo', 'Not sent: no command !foo. !help lists them; !!foo sends it as text.'],
    ['One moment.\n!note in a hurry', 'Not sent: a line of it starts with !note, like a command. !! sends it'],
    ['!history 99', "Like this: !history [n] – the visitor's last n conversations before this one"],
    ['!c 99', 'There is no canned reply 99. !c lists them.'],
    ['!stage rich', 'Like this: !stage potential|new|existing – what the visitor is to the company'],
    ['!to', 'Like this: !to AGENT|SKILL [why] – hand it to a colleague, or to the queue of a skill'],
    ['!to nobody', 'There is no agent and no skill nobody here. !who lists agents.'],
    ['!to borealis', 'There is no agent and no skill borealis here. !who lists agents.'],
    ['!to desk@borealis.chat.localhost', 'There is no agent and no skill desk@borealis.chat.localhost here. !who lists agents.'],
    ['!to anna', 'You have it already.'],
    ['!to ben', 'ben takes no offers now. It stays yours.'],
    ['!callback', 'Like this: !callback TIME|NUMBER [@WHO] – note when, or to which number, to call back; @ and a name: who does'],
    ['!callback tomorrow @nobody', 'Not noted: there is no @nobody here who calls back.'],
  ]) assert.equal(await answer(anna, contact, line), `[lasna] ${told}`, line);
  assert.equal(await answer(ben, contact, '!end'), '[lasna] This conversation is not yours.');
  assert.equal(await answer(ben, desk, 'ok'), 'Nothing is offered to you now.');
  await ben.say(contact, 'let me in');
  await ben.hears('Not sent: Anna has this conversation (Maria).');
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  for (const line of ['!to ben', '!end', '!back', '!c 1', '!callback tomorrow', '!history'])
    assert.equal(await answer(anna, contact, line), '[lasna] This conversation has ended.', line);
  assert.equal(await answer(ben, contact, '!to anna'), '[lasna] This conversation is not yours.');
  assert.equal(await answer(anna, contact, 'one more thing'), '[lasna] Not sent: this conversation has ended.');
  assert.ok(!visitor.frames.some(({ type }) => type === 'message'), 'the visitor got a word');
  await visitor.close();
});

test('a form that is cancelled half way does nothing', async () => {
  const { visitor, contact } = await withAnna('Kaisa');
  const ask = (attrs, ...children) => anna.xmpp.iqCaller.request(xml('iq', { to: contact, type: 'set' },
    xml('command', { xmlns: COMMANDS, node: 'note', ...attrs }, ...children)));
  const form = (await ask({ action: 'execute' })).getChild('command');
  assert.equal(form.attrs.status, 'executing');
  const cancelled = (await ask({ action: 'cancel', sessionid: form.attrs.sessionid },
    xml('x', { xmlns: 'jabber:x:data', type: 'cancel' }))).getChild('command');
  assert.deepEqual([cancelled.attrs.status, cancelled.attrs.sessionid], ['canceled', form.attrs.sessionid]);
  await assert.rejects(ask({ node: 'nothing' }), /item-not-found/);
  await assert.rejects(ask({ action: 'prev', sessionid: form.attrs.sessionid }, xml('x', { xmlns: 'jabber:x:data', type: 'submit' })), /bad-request/);
  await end(visitor, contact);
  assert.deepEqual((await instance.control('transcript', 'show', 'acme', visitor.conversation)).notes ?? [], []);
});

test('of two agents who answer in the same instant one has it, and the other is told', async () => {
  await instance.control('tenant', 'set', 'acme', 'routing.mode=all');
  await ben.say(desk, '!here');
  await ben.hears('You take offers again.');
  const visitor = new Visitor(instance, { name: 'Liisa' });
  await visitor.connect();
  await visitor.say('who is faster?');
  await Promise.all([anna, ben].map((agent) => agent.hears(/^Liisa · .* reply ok/)));
  await Promise.all([anna, ben].map((agent) => agent.say(desk, 'ok')));
  const winner = await until(() => [anna, ben].find((agent) => agent.messages.some(({ text }) => /^\[lasna\] Liisa · /.test(text))), { what: 'a winner' });
  const [loser, name] = winner === anna ? [ben, 'Anna'] : [anna, 'Ben'];
  await loser.hears(`Too late: ${name} has taken Liisa.`);
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'joined' && frame.name === name);
  const contact = winner.messages.find(({ text }) => /^\[lasna\] Liisa · /.test(text)).from;
  await winner.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  const { events } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.equal(events.filter(({ type }) => type === 'claimed').length, 1);
  await visitor.close();
  await instance.control('tenant', 'set', 'acme', 'routing.mode=');
  assert.equal(await answer(ben, desk, '!away'), 'No more offers here until !here. What you have stays yours.');
});

test('presence that flaps twenty times a second rings nobody twenty times, and ends as it is', async () => {
  const { visitor: kept, contact } = await withAnna('Hanna');
  const waiting = new Visitor(instance, { name: 'Sirpa' });
  await waiting.connect();
  await anna.presence('away');
  await waiting.next((frame) => frame.type === 'availability' && frame.availability === 'offline');
  await waiting.say('and I wait');
  const marks = [anna.messages.length, anna.stanzas.length], began = performance.now();
  for (let i = 0; i < 60; i++) {
    await anna.presence(i % 2 === 0 ? undefined : 'away');
    await pause(50); // nothing is waited for: this often is what is tested
  }
  await anna.presence();
  await anna.say(desk, '!who'); // behind all of them
  await anna.until(() => anna.messages.slice(marks[0]).some(({ text }) => /^Anna · available · 1\//.test(text)));
  const seconds = (performance.now() - began) / 1000; // three, or more on a busy machine: an offer in five, the desk in one
  const offers = anna.messages.slice(marks[0]).filter(({ text }) => offerOf('Sirpa').test(text)).length;
  assert.ok(offers <= 3 + seconds / 5, `${offers} offers in ${seconds} s`);
  const shown = anna.stanzas.slice(marks[1]).filter((stanza) => stanza.is('presence') && stanza.attrs.from.startsWith('desk@acme') && stanza.getChildText('status')).length;
  assert.ok(shown <= 10 + seconds, `${shown} times the desk's presence in ${seconds} s`);
  await until(() => waiting.frames.filter(({ type }) => type === 'availability').at(-1).availability === 'online', { what: 'what is so' });
  const other = await takes(anna, 'Sirpa');
  await anna.say(contact, 'still with you');
  await kept.hears('still with you');
  await end(kept, contact);
  await end(waiting, other);
});

test('a stanza of 5,000 elements is refused, and the next one is answered', async () => {
  const mark = anna.stanzas.length;
  await anna.xmpp.send(xml('message', { to: desk, type: 'chat', id: 'wide' }, xml('body', {}, '!queue'),
    ...Array.from({ length: 5000 }, () => xml('x')))); // 20 KB: more would be the server's own limit
  const refused = await anna.until(() => anna.stanzas.slice(mark).find((stanza) => stanza.attrs.id === 'wide'));
  assert.equal(refused.attrs.type, 'error');
  assert.ok(refused.getChild('error').getChild('policy-violation'));
  assert.match(refused.getChild('error').getChildText('text'), /^(The stanza has too many elements|Too many elements in one stanza\.)$/);
  assert.match(await answer(anna, desk, '!who'), /^Anna · available/);
});

test('forged carbons and forwards, receipts for foreign ids and errors change nothing, and are not answered', async () => {
  const { visitor, contact } = await withAnna('Outi');
  const { id } = await anna.hears('I am Outi');
  const inner = xml('forwarded', 'urn:xmpp:forward:0', xml('message', { xmlns: 'jabber:client', from: `${anna.jid}/x`, to: contact, type: 'chat', id: 'forged' }, xml('body', {}, 'forged')));
  const marks = [anna, ben].map((agent) => agent.messages.length);
  const frames = visitor.frames.length;
  for (const wrapped of [xml('received', 'urn:xmpp:carbons:2', inner), xml('sent', 'urn:xmpp:carbons:2', inner), inner])
    for (const to of [contact, desk]) await ben.xmpp.send(xml('message', { to, type: 'chat' }, wrapped, xml('body', {}, 'forged')));
  // A colleague knows the id; nobody knows the other two.
  for (const foreign of [id, 'ciaaaaaaaaaaaaaaaaaaaaaaaa', '../../etc'])
    await ben.xmpp.send(xml('message', { to: contact, type: 'chat' }, xml('received', { xmlns: 'urn:xmpp:receipts', id: foreign }),
      xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: foreign })));
  await anna.receive(contact, 'ciaaaaaaaaaaaaaaaaaaaaaaaa');
  for (const to of [contact, desk])
    for (let i = 0; i < 20; i++)
      await ben.xmpp.send(xml('message', { to, type: 'error', id: `loop${i}` }, xml('body', {}, 'an error'),
        xml('error', { type: 'cancel' }, xml('service-unavailable', 'urn:ietf:params:xml:ns:xmpp-stanzas'))));
  // Each of them comes before this one does, from the same client.
  await ben.say(desk, '!queue');
  await ben.hears('Nobody waits.');
  await anna.say(contact, 'a real word');
  await visitor.hears('a real word');
  assert.deepEqual(ben.messages.slice(marks[1]).map(({ text }) => text), ['Nobody waits.']);
  assert.deepEqual(anna.messages.slice(marks[0]), []);
  const seen = visitor.frames.slice(frames);
  assert.deepEqual(seen.filter(({ type }) => type === 'message').map(({ text }) => text), ['a real word']);
  assert.ok(!seen.some(({ type, state }) => type === 'receipt' && state === 'read'), 'somebody else read it');
  await end(visitor, contact);
});
