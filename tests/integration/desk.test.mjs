// SPDX-License-Identifier: Apache-2.0
// The desk on a real XMPP server: what an agent can do about a conversation by chatting.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { xml } from '@xmpp/client';

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

/** Waits until the desk's status tells of so many agents. */
function agentsHere(agent, count) {
  const mark = agent.stanzas.length;
  return agent.until(() => agent.stanzas.slice(mark).some((stanza) => stanza.is('presence') &&
    stanza.attrs.from.startsWith('desk@acme') && stanza.getChildText('status')?.includes(` · ${count} agents`)));
}

async function ended(visitor, contact, line = '!end') {
  await anna.say(contact, line);
  await visitor.next((frame) => frame.type === 'ended');
}

test('notes, tags, stage and a call-back stand in the transcript, and no visitor sees them', async () => {
  const maria = new Visitor(instance, { name: 'Maria', lang: 'fi' });
  await maria.connect();
  await maria.say('Can somebody call me?');
  const contact = await anna.accept('acme', /Maria · "Can somebody/);
  await anna.say(contact, '!note sounds ready to buy');
  await anna.hears('[lasna] Noted; visitors never see it.');
  await anna.say(contact, '!tag pricing Pro');
  await anna.hears('[lasna] Tags: pricing pro');
  await anna.say(contact, '!stage potential');
  await anna.hears('[lasna] Stage: potential');
  await anna.say(contact, '!callback +358 40 123 4567');
  await anna.hears('[lasna] Call back: +358 40 123 4567. It stands in the transcript.');
  await anna.say(contact, '!info');
  await anna.hears(/^\[lasna\] Maria · fi · \/pricing · open \d+:\d\d · stage potential · tags pricing pro$/);
  await anna.say(contact, 'We will.');
  await maria.hears('We will.');
  await ended(maria, contact, '!end callback');

  const transcript = await instance.control('transcript', 'show', 'acme', maria.conversation);
  assert.deepEqual(transcript.notes.map(({ by, text }) => [by, text]), [['Anna', 'sounds ready to buy']]);
  assert.match(transcript.notes[0].at, /^20\d\d-\d\d-\d\dT[\d:.]{12}Z$/);
  assert.deepEqual(transcript.tags, ['pricing', 'pro']);
  assert.deepEqual([transcript.stage, transcript.stage_source, transcript.outcome], ['potential', 'agent', 'callback']);
  assert.deepEqual(transcript.messages.map((m) => m.seq), [1, 2], 'a note takes no seq');
  assert.equal(transcript.events.find((event) => event.type === 'callback').number, '+358 40 123 4567');
  assert.ok(!maria.frames.some((frame) => /ready to buy|pricing pro/.test(JSON.stringify(frame))));
  assert.doesNotMatch(JSON.stringify(transcript), /agents\.localhost/, 'no JID in a transcript');
  await maria.close();
});

test('earlier conversations come again on request, delay-stamped', async () => {
  const visitor = new Visitor(instance, { name: 'Outi' });
  await visitor.connect();
  await visitor.say('my first question');
  let contact = await anna.accept('acme', /Outi · "my first/);
  await anna.react(contact, (await anna.hears('my first question')).id, '👍');
  await anna.say(contact, 'my first answer');
  const { seq } = await visitor.hears('my first answer');
  await visitor.send({ type: 'react', seq, emojis: ['🎉', '❤️'] });
  await anna.hears(/^\[lasna\] Outi reacted: 🎉 ❤️/);
  await ended(visitor, contact, '!end solved');

  await visitor.say('a second question');
  contact = await anna.accept('acme', /Outi · "a second/);
  await anna.until(() => anna.messages.some((m) => m.from === contact && m.text === 'a second question'));
  const before = anna.messages.length;
  await anna.say(contact, '!history');
  await anna.until(() => anna.messages.slice(before).some((m) => m.text === '[lasna] ↳ 🎉 ❤️'));
  const told = anna.messages.slice(before).filter((m) => m.from === contact && m.delayed);
  assert.match(told[0].text, /^\[lasna\] 20\d\d-\d\d-\d\d \d\d:\d\d UTC · solved$/);
  assert.deepEqual(told.slice(1).map((m) => m.text), ['my first question', '[lasna] ↳ Anna: 👍', '[lasna] Anna: my first answer', '[lasna] ↳ 🎉 ❤️']);
  const [{ action, who, detail }] = await instance.control('tenant', 'audit', 'acme');
  assert.deepEqual([action, who, detail], ['conversation.history', 'anna@agents.localhost', `id=${visitor.conversation}`], 'that she looked is known');
  await ended(visitor, contact);
  await visitor.close();
});

test('reactions go both ways, each set in place of the last, and stand in the transcript', async () => {
  const maria = new Visitor(instance, { name: 'Maria' }), other = new Visitor(instance, { name: 'Kaisa' });
  await maria.connect();
  await maria.say('Do you sell saunas?');
  const contact = await anna.accept('acme', /Maria · "Do you sell/);
  const { id: asked } = await anna.hears('Do you sell saunas?');
  const answer = await anna.say(contact, 'Of every size.');
  await maria.hears('Of every size.');

  const reacted = await anna.react(contact, asked, '👍', '❤️');
  const { by, ...told1 } = await maria.next((frame) => frame.type === 'reaction');
  assert.deepEqual(told1, { type: 'reaction', seq: 1, from: 'agent', name: 'Anna', emojis: ['👍', '❤️'] });
  assert.match(by, /^[a-z2-7]{26}$/, 'one name may be of several');
  await anna.until(() => anna.received.has(reacted));
  await anna.react(contact, asked, '❤️');
  await maria.next((frame) => frame.type === 'reaction' && frame.emojis.length === 1);

  maria.send({ type: 'react', seq: 2, emojis: ['😂'] });
  const told = await anna.hears('[lasna] Maria reacted: 😂 · "Of every size."');
  assert.deepEqual(told.reacts, { to: answer, emojis: ['😂'] });
  await maria.next((frame) => frame.type === 'reaction' && frame.from === 'visitor' && frame.seq === 2);
  maria.send({ type: 'react', seq: 2, emojis: [] });
  assert.deepEqual((await anna.hears('[lasna] Maria took a reaction back. · "Of every size."')).reacts, { to: answer, emojis: [] });

  // What is not theirs to react to, or no emoji.
  await other.connect();
  await other.say('And boats?');
  const second = await anna.accept('acme', /Kaisa · "And boats/);
  const { id: foreign } = await anna.hears('And boats?');
  const refusals = () => anna.messages.filter(({ text }) => text.startsWith('[lasna] Your reaction was not sent: it is to nothing')).length;
  for (const [to, about] of [[contact, foreign], [second, asked], [contact, answer], [contact, 'no-id-of-anybody']]) {
    const before = refusals();
    await anna.react(to, about, '👍');
    await anna.until(() => refusals() === before + 1);
  }
  await anna.react(contact, asked, '+1');
  await anna.hears('[lasna] Your reaction was not sent: it takes up to five emojis.');
  for (const seq of [1, 99]) {
    const from = maria.frames.length;
    maria.send({ type: 'react', seq, emojis: ['👍'] });
    assert.equal((await maria.next((frame) => frame.type === 'error', { from })).code, 'no_reaction');
  }
  assert.equal(other.frames.filter(({ type }) => type === 'reaction').length, 0);

  // A browser that comes back sees what stands there now.
  await maria.close();
  const mark = maria.frames.length;
  await maria.connect();
  await maria.next((frame) => frame.type === 'conversation', { from: mark });
  assert.deepEqual(maria.frames.slice(mark).filter(({ type }) => type === 'reaction').map(({ seq, from, by: whose, emojis }) => [seq, from, whose, emojis]),
    [[1, 'agent', by, ['❤️']], [2, 'visitor', null, []]]);
  await ended(maria, contact);
  await ended(other, second);
  const { events, messages } = await instance.control('transcript', 'show', 'acme', maria.conversation);
  assert.deepEqual(events.filter(({ type }) => type === 'reaction').map(({ agent, seq, from, emojis }) => [agent, seq, from, emojis]),
    [['Anna', 1, 'agent', ['👍', '❤️']], ['Anna', 1, 'agent', ['❤️']], [undefined, 2, 'visitor', ['😂']], [undefined, 2, 'visitor', []]]);
  assert.deepEqual(messages.map(({ text }) => text), ['Do you sell saunas?', 'Of every size.'], 'a reaction is no message');
  await Promise.all([maria.close(), other.close()]);
});

test('the desk speaks the language the agent chose, at every desk', async () => {
  await anna.say(anna.desk('acme'), '!lang fi');
  await anna.hears('Puhun nyt kanssasi suomea.');
  await anna.say(anna.desk('borealis'), '!queue');
  await anna.hears('Kukaan ei odota.');
  // What the link says by itself, too, and at both desks.
  for (const tenant of ['acme', 'borealis']) {
    const desk = anna.desk(tenant);
    const form = await anna.asks(desk, xml('command', { xmlns: 'http://jabber.org/protocol/commands', node: 'lang' }), 'set');
    assert.equal(form.getChild('command').getChild('x').getChildText('instructions'), 'kieli, jota puhun kanssasi');
    const mark = anna.messages.length;
    await anna.xmpp.send(xml('message', { to: desk, type: 'chat' }, xml('encrypted', 'urn:xmpp:omemo:2'), xml('body', {}, 'cannot be read')));
    await anna.until(() => anna.messages.slice(mark).some(({ from, text }) => from === desk && text.startsWith('Ei lähetetty: viesti oli salattu')));
  }
  await anna.say(anna.desk('borealis'), '!lang en');
  await anna.hears('I speak English with you now.');
  await anna.say(anna.desk('acme'), '!end');
  await anna.hears("!end belongs in a visitor's chat, not at the desk.");
});

test('who said !away is offered nothing, and the site says so', async () => {
  const visitor = new Visitor(instance, { name: 'Leena' });
  assert.equal((await visitor.connect()).availability, 'online');
  await anna.say(anna.desk('acme'), '!away');
  await visitor.next((frame) => frame.type === 'availability' && frame.availability === 'offline');
  await visitor.say('anybody?');
  const mark = anna.messages.length;
  await anna.say(anna.desk('acme'), '!queue');
  await anna.hears(/^1\. Leena · /);
  assert.ok(!anna.messages.slice(mark).some((m) => /reply ok/.test(m.text)));
  await anna.say(anna.desk('acme'), '!here');
  const contact = await anna.accept('acme', /Leena · "anybody\?"/);
  await ended(visitor, contact);
  await visitor.close();
});

test('who is away, or marked as not there, stays so over a restart of the core', async () => {
  const visitors = Object.fromEntries(['acme', 'borealis'].map((tenant) => [tenant, new Visitor(instance, { name: 'Ilona', tenant })]));
  const jid = `anna@${instance.about.xmpp.agents_domain}`;
  const online = (tenant = 'acme') => visitors[tenant].connect()
    .then(({ availability }) => visitors[tenant].close().then(() => availability), () => null);
  const restart = async () => {
    await instance.restarted('core', await instance.kill('core'));
    await until(() => online(), { what: 'a core that serves again' });
  };
  await anna.say(anna.desk('acme'), '!away');
  await anna.hears('No more offers here until !here. What you have stays yours.');
  let mark = anna.stanzas.length;
  await restart();
  const status = (part) => anna.until(() => anna.stanzas.slice(mark).some((stanza) => stanza.is('presence') &&
    stanza.attrs.from.startsWith('desk@acme') && stanza.getChildText('status')?.includes(part)));
  await status('you take no offers');
  assert.equal(await online(), 'offline');
  await anna.say(anna.desk('acme'), '!here');
  await until(async () => await online() === 'online', { what: 'an agent again' });

  assert.equal((await instance.control('agent', 'unstaff', jid)).staffed, false);
  assert.equal(await online(), 'offline');
  mark = anna.stanzas.length;
  await restart();
  await status('you are marked as not there');
  assert.equal(await online(), 'offline');
  await instance.control('agent', 'staff', jid);
  // Each company's link tells the new core on its own.
  for (const tenant of ['acme', 'borealis']) await until(async () => await online(tenant) === 'online', { what: `an agent again at ${tenant}` });
});

test('a limit over all companies counts what an agent has at the others', async () => {
  const jid = `anna@${instance.about.xmpp.agents_domain}`;
  assert.equal((await instance.control('agent', 'set', jid, '--limit', '1')).limit, 1);
  const here = new Visitor(instance, { name: 'Raili' });
  const there = new Visitor(instance, { name: 'Saara', tenant: 'borealis' });
  assert.equal((await there.connect()).availability, 'online');
  await here.connect();
  await here.say('hello from acme');
  const contact = await anna.accept('acme', /Raili · "hello from/);
  await there.next((frame) => frame.type === 'availability' && frame.availability === 'busy');
  await there.say('hello from borealis');
  const { why } = await instance.control('conversation', 'route', 'borealis', there.conversation);
  assert.match(why[1], /^Anna: has enough at other desks$/);
  await ended(here, contact);
  const other = await anna.accept('borealis', /Saara · "hello from/);
  await ended(there, other);
  assert.equal((await instance.control('agent', 'set', jid, '--limit', '0')).limit, 0);
  await Promise.all([here.close(), there.close()]);
});

test('whom nobody takes in time is told so, once, and the number they leave is a call-back', async () => {
  await instance.control('tenant', 'set', 'acme', 'routing.unanswered_ms=1s', 'routing.unanswered=callback',
    'desk.unanswered:fi=Kaikki ovat varattuja. Jätä numerosi.');
  const visitor = new Visitor(instance, { name: 'Tuula', lang: 'fi' });
  await visitor.connect();
  await anna.say(anna.desk('acme'), '!away');
  await visitor.next((frame) => frame.type === 'availability' && frame.availability === 'offline');
  await visitor.say('onko siellä ketään?');
  const told = await visitor.hears('Kaikki ovat varattuja. Jätä numerosi.');
  assert.deepEqual([told.from, told.name, told.seq], ['system', 'Acme Oy', 2]);
  await visitor.say('040 123 4567, kiitos');
  await anna.say(anna.desk('acme'), '!here');
  const contact = await anna.accept('acme', /Tuula · "onko siellä/);
  await anna.hears('[lasna] Acme Oy: Kaikki ovat varattuja. Jätä numerosi.');
  await ended(visitor, contact);
  const { messages, events } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.deepEqual(messages.map(({ from, origin }) => [from, origin]), [['visitor', 'typed'], ['system', 'system'], ['visitor', 'typed']]);
  assert.ok(events.find(({ type }) => type === 'unanswered').waited_s >= 1);
  assert.equal(events.find(({ type }) => type === 'callback').number, '040 123 4567');
  await instance.control('tenant', 'set', 'acme', 'routing.unanswered_ms=', 'routing.unanswered=', 'desk.unanswered:fi=');
  await visitor.close();
});

test('a conversation is handed on, and the colleague sees what was said', async () => {
  await instance.control('agent', 'assign', `ben@${instance.about.xmpp.agents_domain}`, 'acme', '--skill', 'billing');
  const ben = await Agent.login(instance, 'ben');
  await ben.say(ben.desk('acme'), '!away');
  await ben.hears('No more offers here until !here. What you have stays yours.');
  const visitor = new Visitor(instance, { name: 'Kaisa' });
  await visitor.connect();
  await visitor.say('an invoice question');
  const contact = await anna.accept('acme', /Kaisa · "an invoice/);
  await anna.say(contact, 'I hand you over.');
  await visitor.hears('I hand you over.');
  await anna.say(contact, '!to ben');
  await anna.hears('[lasna] ben takes no offers now. It stays yours.');
  await ben.say(ben.desk('acme'), '!here');
  await ben.hears('You take offers again.');
  await anna.say(contact, '!to billing knows invoices');
  await anna.hears('[lasna] On its way to billing.');
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'left');
  assert.equal(await ben.accept('acme', /Kaisa · "an invoice question" \(knows invoices\)/), contact);
  assert.ok((await ben.hears(/^\[lasna\] Kaisa · Acme Oy/)).delayed, 'as old as what it stands above');
  assert.ok((await ben.hears('[lasna] Anna: I hand you over.')).delayed);
  await ben.say(contact, '!to anna please finish');
  await anna.hears(/^Ben hands you: Kaisa · "an invoice question" \(please finish\)/);
  await anna.say(anna.desk('acme'), 'ok');
  await ben.hears('Anna has taken Kaisa from you.');
  await anna.say(contact, 'Me again.');
  await visitor.hears('Me again.');
  await ended(visitor, contact, '!end solved');

  const transcript = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.deepEqual(transcript.agents.map(({ name, left_at }) => [name, left_at !== null]),
    [['Anna', true], ['Ben', true], ['Anna', true]]);
  const { agent, from, why } = transcript.events.find((event) => event.type === 'transferred');
  assert.deepEqual([agent, from, why], ['Anna', 'Ben', 'please finish']);
  await visitor.close();
  await ben.stop();
  await instance.control('agent', 'unassign', `ben@${instance.about.xmpp.agents_domain}`, 'acme');
});

test('a salesperson who is no agent hears of call-backs, takes one conversation, and nothing else', async () => {
  const jid = await instance.addAgent('tuula'); // an account; nobody assigns it
  const { code, stderr } = await instance.ctl('tenant', 'set', 'acme', 'desk.contacts=Tuula tuula');
  assert.equal(code, 1);
  assert.match(stderr, /"desk\.contacts" must be at most 16 people with commas between, each a name of one word, a colon, an XMPP address/);
  const tuula = await Agent.login(instance, 'tuula');
  await assert.rejects(tuula.xmpp.iqCaller.request(xml('iq', { to: tuula.desk('acme'), type: 'get' }, xml('ping', 'urn:xmpp:ping'))), /forbidden/);
  await instance.control('tenant', 'set', 'acme', `desk.contacts=Tuula: ${jid}`);
  const visitor = new Visitor(instance, { name: 'Hilkka' });
  await visitor.connect();
  await visitor.say('can I see a demo?');
  const contact = await anna.accept('acme', /Hilkka · "can I see/);
  await anna.say(contact, '!callback tomorrow at 10 @tuula');
  await anna.hears('[lasna] Call back: tomorrow at 10. It stands in the transcript.');
  assert.equal((await tuula.hears(/^Hilkka · Acme Oy asks to be called back: tomorrow at 10 · .* · noted by Anna$/)).from, tuula.desk('acme'));
  await anna.say(contact, '!to mallory@elsewhere.example');
  await anna.hears('[lasna] There is no agent and no skill mallory@elsewhere.example here. !who lists agents.');
  await anna.say(contact, '!to tuula wants a demo');
  assert.equal(await tuula.accept('acme', /^Anna \(Acme Oy\) hands you: Hilkka · "can I see a demo\?" \(wants a demo\)/), contact);
  await anna.hears('Tuula has taken Hilkka from you.');
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'joined' && frame.name === 'Tuula');
  await tuula.hears('can I see a demo?');
  await tuula.say(contact, 'Of course, on Tuesday.');
  assert.deepEqual([(await visitor.hears('Of course, on Tuesday.')).name], ['Tuula']);
  await visitor.say('Tuesday it is');
  await tuula.hears('Tuesday it is');
  await tuula.say(tuula.desk('acme'), '!queue');
  await tuula.hears('There is no command !queue. !help lists them.');
  const commands = xml('query', { xmlns: 'http://jabber.org/protocol/disco#items', node: 'http://jabber.org/protocol/commands' });
  const items = await tuula.xmpp.iqCaller.request(xml('iq', { to: tuula.desk('acme'), type: 'get' }, commands));
  assert.deepEqual(items.getChild('query').getChildren('item'), []);
  await tuula.say(contact, '!end demo');
  await visitor.next((frame) => frame.type === 'ended');
  await tuula.say(contact, 'and one more thing');
  await tuula.hears('[lasna] Not sent: this conversation has ended.');
  const { agents, events, messages } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.deepEqual(agents.map(({ name }) => name), ['Anna', 'Tuula']);
  assert.deepEqual(events.filter(({ type }) => type === 'callback').map((event) => [event.time, event.for, event.agent]), [['tomorrow at 10', 'Tuula', 'Anna']]);
  assert.deepEqual(messages.map(({ text }) => text), ['can I see a demo?', 'Of course, on Tuesday.', 'Tuesday it is']);
  await instance.control('tenant', 'set', 'acme', 'desk.contacts=');
  await assert.rejects(tuula.xmpp.iqCaller.request(xml('iq', { to: tuula.desk('acme'), type: 'get' }, xml('ping', 'urn:xmpp:ping'))), /forbidden/);
  await Promise.all([visitor.close(), tuula.stop()]);
});

test('a visitor’s contact shows what they do: away in a tab they do not see, how often they were here', async () => {
  const visitor = new Visitor(instance, { name: 'Aila' });
  await visitor.connect();
  await visitor.say('the first time');
  let contact = await anna.accept('acme', /Aila · "the first time"/);
  let mark = anna.stanzas.length;
  const shows = (show, status) => anna.until(() => anna.stanzas.slice(mark).some((stanza) => stanza.is('presence') && stanza.attrs.from.startsWith(contact) &&
    !stanza.attrs.type && (stanza.getChildText('show') ?? '') === show && stanza.getChildText('status') === status));
  visitor.send({ type: 'page', url: `${instance.http}/cart`, title: '', hidden: true });
  await shows('away', '/cart · en');
  const other = new Visitor(instance, { name: 'Aila' });
  other.token = visitor.token;
  await other.connect(); // another tab, and that one is seen
  await shows('', '/pricing · en');
  mark = anna.stanzas.length;
  await other.close();
  await shows('away', '/pricing · en');
  await visitor.close();
  await anna.until(() => anna.stanzas.slice(mark).some((stanza) => stanza.attrs.type === 'unavailable' && stanza.attrs.from.startsWith(contact)));
  mark = anna.stanzas.length;
  await visitor.connect({ hidden: true }); // the line was lost, and is back: nobody looks all the same
  await shows('away', '/pricing · en');
  await ended(visitor, contact);
  await visitor.close();
  await visitor.connect();
  mark = anna.stanzas.length;
  await visitor.say('the second time');
  contact = await anna.accept('acme', /Aila · "the second time"/);
  await anna.hears(/^\[lasna\] Aila · Acme Oy · en · \/pricing · visit 2$/);
  await shows('', '/pricing · en · visit 2');
  await ended(visitor, contact);
  await visitor.close();
});

test('opening hours count at once, and it is told why somebody waits', async () => {
  const visitor = new Visitor(instance, { name: 'Sanna' });
  assert.equal((await visitor.connect()).availability, 'online');
  const shut = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 3) % 7];
  await instance.control('tenant', 'set', 'acme', `hours.week=${shut} 9-17`, 'hours.zone=Europe/Helsinki');
  await visitor.next((frame) => frame.type === 'availability' && frame.availability === 'offline');
  await visitor.say('is anybody there?');
  const { why } = await instance.control('conversation', 'route', 'acme', visitor.conversation);
  assert.match(why[0], /^waits for \d+:\d\d; closed now$/);
  assert.match(why[1], /^Anna: can be offered it \(0\/\d+\)$/);
  assert.ok(!anna.messages.some((m) => /Sanna/.test(m.text)));
  await instance.control('tenant', 'set', 'acme', 'hours.week=always');
  const contact = await anna.accept('acme', /Sanna · "is anybody there\?"/);
  assert.deepEqual((await instance.control('conversation', 'route', 'acme', visitor.conversation)).why, ['Anna has it.']);
  await ended(visitor, contact);
  const { code, stderr } = await instance.ctl('tenant', 'set', 'acme', 'hours.week=sometimes');
  assert.equal(code, 1);
  assert.match(stderr, /"hours\.week" must be always, or days and times: mon-fri 9-17/);
  await visitor.close();
});

/** The last presence of a contact that tells of its picture. */
function lastSeen(agent, contact) {
  return agent.stanzas.findLast((stanza) => stanza.is('presence') && !stanza.attrs.type && stanza.attrs.from.startsWith(contact));
}
const photoOf = (presence) => presence?.getChild('x', 'vcard-temp:x:update')?.getChildText('photo');

test('contacts have a card and a picture in the tenant\'s colour, which follow a change at once', async () => {
  const maria = new Visitor(instance, { name: 'Maria', lang: 'fi' });
  await maria.connect();
  await maria.say('Are you there?');
  const contact = await anna.accept('acme', /Maria · "Are you/);
  const desk = anna.desk('acme');
  await anna.until(() => photoOf(lastSeen(anna, contact)) && photoOf(lastSeen(anna, desk)));

  for (const [jid, name] of [[contact, 'Maria · Acme Oy'], [desk, 'Acme Oy']]) {
    const card = (await anna.asks(jid, xml('vCard', { xmlns: 'vcard-temp' }))).getChild('vCard');
    assert.equal(card.getChildText('FN'), name);
    const picture = Buffer.from(card.getChild('PHOTO').getChildText('BINVAL'), 'base64');
    assert.equal(picture.subarray(1, 4).toString(), 'PNG');
    const hash = createHash('sha1').update(picture).digest('hex');
    assert.equal(photoOf(lastSeen(anna, jid)), hash);
    const published = (await anna.asks(jid, xml('pubsub', { xmlns: 'http://jabber.org/protocol/pubsub' },
      xml('items', { node: 'urn:xmpp:avatar:data' }, xml('item', { id: hash }))))).getChild('pubsub').getChild('items').getChild('item');
    assert.equal(Buffer.from(published.getChildText('data'), 'base64').compare(picture), 0);
    assert.equal(picture.subarray(41, 44).toString('hex'), '1f6feb'); // the first of its palette
  }
  const told = (await anna.asks(contact, xml('vCard', { xmlns: 'vcard-temp' }))).getChild('vCard');
  assert.equal(told.getChildText('DESC'), '/pricing · fi');

  const before = photoOf(lastSeen(anna, contact));
  await instance.control('tenant', 'set', 'acme', 'widget.color=#0b6e4f');
  await anna.until(() => photoOf(lastSeen(anna, contact)) !== before);
  await instance.control('tenant', 'set', 'acme', 'widget.color=');
  await anna.until(() => photoOf(lastSeen(anna, contact)) === before);

  const stranger = await Agent.login(instance, 'ben'); // an agent, but Maria is not theirs
  const hidden = (await stranger.asks(contact, xml('vCard', { xmlns: 'vcard-temp' }))).toString();
  assert.doesNotMatch(hidden, /Maria|pricing/);
  await stranger.stop();
  await ended(maria, contact);
});

test('who is assigned while their client is there sees the desk, and is offered something, at once', async () => {
  const cora = await instance.addAgent('cora');
  const agent = await Agent.login(instance, 'cora');
  await agent.asks(instance.about.xmpp.agents_domain, xml('ping', { xmlns: 'urn:xmpp:ping' })); // behind its presence
  await anna.presence('away');
  await instance.control('agent', 'assign', cora, 'acme');
  await agent.until(() => lastSeen(agent, agent.desk('acme')));
  const maria = new Visitor(instance, { name: 'Maria' });
  await maria.connect();
  await maria.say('Anybody?');
  const contact = await agent.accept('acme', /Maria · "Anybody/);
  await agent.say(contact, '!end');
  await maria.next((frame) => frame.type === 'ended');
  await agent.stop();
  await instance.control('agent', 'unassign', cora, 'acme');
  await anna.presence();
});

test('what a contact can do is what its presence promises', async () => {
  const desk = anna.desk('acme');
  const caps = lastSeen(anna, desk).getChild('c', 'http://jabber.org/protocol/caps');
  const node = `${caps.attrs.node}#${caps.attrs.ver}`;
  const query = (await anna.asks(`${desk}/lasna`, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info', node }))).getChild('query');
  const { category, type, name } = query.getChild('identity').attrs;
  const features = query.getChildren('feature').map((feature) => feature.attrs.var);
  const text = [`${category}/${type}//${name}`, ...[...features].sort()].map((line) => `${line}<`).join('');
  assert.equal(createHash('sha1').update(text).digest('base64'), caps.attrs.ver);
  for (const feature of ['vcard-temp', 'jabber:x:oob']) assert.ok(features.includes(feature), feature);
});

test('canned replies and the playbook come from the settings, at once', async () => {
  await instance.control('tenant', 'set', 'acme', 'desk.canned=greet: Hello {visitor}, this is {agent}.\nbye: Bye!',
    'desk.canned:fi=moi: Hei {visitor}!', 'desk.playbook=Refunds: 14 days.');
  await anna.say(anna.desk('acme'), '!info');
  await anna.hears('Refunds: 14 days.');
  const visitor = new Visitor(instance, { name: 'Aino', lang: 'fi' });
  await visitor.connect();
  await visitor.say('moikka');
  const contact = await anna.accept('acme', /Aino · "moikka"/);
  await anna.say(contact, '!c');
  await anna.hears('[lasna] 1. moi – Hei Aino!');
  await anna.say(contact, '!c moi');
  assert.equal((await visitor.hears('Hei Aino!')).from, 'agent');
  await anna.hears('[lasna] → Hei Aino!');
  await instance.control('tenant', 'set', 'acme', 'desk.canned:fi=');
  await anna.say(contact, '!c 1');
  await visitor.hears('Hello Aino, this is Anna.');
  await ended(visitor, contact);
  const { messages } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
  assert.deepEqual(messages.map(({ origin }) => origin), ['typed', 'canned', 'canned']);
  await visitor.close();
});

test('a client that knows ad-hoc commands gets a list, a form and the answer in the chat', async () => {
  const desk = anna.desk('acme');
  const ask = (attrs, ...children) => anna.xmpp.iqCaller.request(xml('iq', { to: desk, ...attrs }, ...children));
  const items = await ask({ type: 'get' }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#items',
    node: 'http://jabber.org/protocol/commands' }));
  const nodes = items.getChild('query').getChildren('item').map((item) => item.attrs.node);
  assert.ok(nodes.includes('queue') && nodes.includes('lang') && !nodes.includes('end'), nodes.join(' '));
  const command = (...children) => xml('command', { xmlns: 'http://jabber.org/protocol/commands', node: 'lang' }, ...children);
  const form = (await ask({ type: 'set' }, command())).getChild('command');
  assert.equal(form.attrs.status, 'executing');
  assert.equal(form.getChild('x').getChild('field').attrs.label, '!lang en|fi|sv');
  const done = (await ask({ type: 'set' }, command(xml('x', { xmlns: 'jabber:x:data', type: 'submit' },
    xml('field', { var: 'words' }, xml('value', {}, 'sv')))))).getChild('command');
  assert.equal(done.attrs.status, 'completed');
  await anna.hears('Jag talar svenska med dig nu.');
  await anna.say(desk, '!lang en');
});

test('the sample bot answers what it knows, and hands over what it does not', async () => {
  const jid = await instance.addAgent('faq');
  await instance.control('agent', 'assign', jid, 'acme', '--role', 'bot', '--limit', '100');
  const example = fileURLToPath(new URL('../../docs/examples/faq-bot/', import.meta.url));
  const arrival = agentsHere(anna, 2);
  const bot = spawn(process.execPath, [`${example}faq-bot.mjs`, `${example}faq.txt`], { stdio: 'inherit', env: { ...process.env,
    JID: jid, PASSWORD_FILE: join(instance.home, 'faq.password'),
    SERVICE: `xmpp://${instance.about.xmpp.host}:${instance.about.xmpp.c2s_port}` } });
  try {
    await arrival;
    const visitor = new Visitor(instance, { name: 'Veera' });
    await visitor.connect();
    await visitor.say('What is your delivery time?');
    const answer = await visitor.hears('Delivery takes two to four working days.');
    assert.equal(answer.from, 'bot');
    await visitor.say('Do you sell boats?');
    await visitor.hears('I do not know that. One moment, I ask a colleague.');
    const contact = await anna.accept('acme', /Veera · "What is your delivery time\?"/);
    await anna.say(contact, 'We do not.');
    await visitor.hears('We do not.');
    await ended(visitor, contact);
    const { messages } = await instance.control('transcript', 'show', 'acme', visitor.conversation);
    assert.deepEqual(messages.map(({ from, origin }) => [from, origin]), [['visitor', 'typed'], ['bot', 'bot'],
      ['visitor', 'typed'], ['bot', 'bot'], ['agent', 'typed']]);
    await visitor.close();
  } finally {
    bot.kill();
  }
});
