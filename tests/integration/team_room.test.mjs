// SPDX-License-Identifier: Apache-2.0
// Team rooms on a real XMPP server: who is let in, who is not, and what the desk says there.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join as path } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';

import { xml } from '@xmpp/client';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const MUC = 'http://jabber.org/protocol/muc';
const ROOMS = 'rooms.agents.localhost';
let instance, anna, ben;

before(async () => {
  instance = await Instance.start({ empty: true });
  for (const [tenant, title] of [['acme', 'Acme Oy'], ['borealis', 'Borealis']])
    await instance.control('tenant', 'add', tenant, '--name', title, '--origin', `https://${tenant}.example`, '--lang', 'en');
  await instance.addAgent('anna', 'acme');
  await instance.addAgent('ben', 'borealis');
  anna = await Agent.login(instance, 'anna');
  ben = await Agent.login(instance, 'ben');
});
after(async () => {
  await anna?.stop();
  await ben?.stop();
  await instance?.stop();
});

/** Of type normal, and alone: Gajim takes nothing else for an invitation, and Profanity shows nothing beside one. */
const addressIn = (stanza) => (['normal', undefined].includes(stanza.attrs.type) && !stanza.getChild('body')
  ? stanza.getChild('x', 'jabber:x:conference')?.attrs.jid : undefined);

/** Every room this agent was invited to by the tenant's desk, in order. */
function invitations(agent, tenant) {
  return agent.stanzas.filter((stanza) => stanza.is('message') && stanza.attrs.from?.startsWith(`desk@${tenant}.`)).map(addressIn).filter(Boolean);
}

/** Comes into a room; resolves with our own presence there, or with the error. */
async function join(agent, room, nick) {
  const mark = agent.stanzas.length;
  await agent.xmpp.send(xml('presence', { to: `${room}/${nick}` }, xml('x', { xmlns: MUC })));
  return agent.until(() => agent.stanzas.slice(mark).find((stanza) => stanza.is('presence') && stanza.attrs.from.startsWith(room) &&
    (stanza.attrs.type === 'error' || (!stanza.attrs.type && statuses(stanza).includes('110')))));
}

const statuses = (stanza) => (stanza.getChild('x', `${MUC}#user`)?.getChildren('status') ?? []).map(({ attrs }) => attrs.code);

/** What is said in the room; or, said before, told to who has come in since `mark`. */
function heardIn(agent, room, text, mark = 0) {
  return agent.until(() => agent.stanzas.slice(mark).find((stanza) => stanza.is('message') && stanza.attrs.type === 'groupchat' &&
    stanza.attrs.from.startsWith(room) && text.test(stanza.getChildText('body') ?? '')));
}

/** The agent is put out of the room, or it is destroyed, and they are told so. */
function putOut(agent, room, mark) {
  return agent.until(() => agent.stanzas.slice(mark).find((stanza) => stanza.is('presence') && stanza.attrs.type === 'unavailable' &&
    stanza.attrs.from.startsWith(room) && (statuses(stanza).includes('110') || stanza.getChild('x', `${MUC}#user`)?.getChild('destroy'))));
}

let acme;

test('an agent is invited into the room of their tenant, and sees nobody\'s address there', async () => {
  acme = await anna.until(() => invitations(anna, 'acme')[0]);
  assert.match(acme, /^team-[0-9a-f]{32}@rooms\.agents\.localhost$/);
  await anna.hears(`The team room of Acme Oy: xmpp:${acme}?join`);
  const own = await join(anna, acme, 'Anna');
  assert.notEqual(own.attrs.type, 'error');
  const desk = await anna.until(() => anna.stanzas.find((stanza) => stanza.is('presence') && stanza.attrs.from === `${acme}/desk`));
  assert.equal(desk.getChild('x', `${MUC}#user`).getChild('item').attrs.jid, undefined);
  const { attrs } = own.getChild('x', `${MUC}#user`).getChild('item');
  assert.deepEqual([attrs.affiliation, attrs.role], ['member', 'participant']);
  const info = (await anna.asks(acme, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }))).getChild('query');
  assert.equal(info.getChild('identity').attrs.name, 'Acme Oy · team');
  const features = info.getChildren('feature').map((feature) => feature.attrs.var);
  for (const feature of ['muc_membersonly', 'muc_hidden', 'muc_persistent', 'muc_semianonymous']) assert.ok(features.includes(feature), feature);
});

test('!room invites again; what is said in the room is nothing the desk hears', async () => {
  const before = invitations(anna, 'acme').length;
  await anna.say(anna.desk('acme'), '!room');
  await anna.until(() => invitations(anna, 'acme').length === before + 1);
  assert.equal(invitations(anna, 'acme').at(-1), acme);
  const mark = anna.messages.length;
  await anna.xmpp.send(xml('message', { to: acme, type: 'groupchat', id: 'g1' }, xml('body', {}, '!who')));
  await anna.xmpp.send(xml('message', { to: `${acme}/desk`, type: 'chat', id: 'g2' }, xml('body', {}, '!who')));
  await heardIn(anna, acme, /^!who$/);
  await anna.say(anna.desk('acme'), '!lang en'); // answered after whatever the others could give rise to
  await anna.until(() => anna.messages.slice(mark).some(({ text }) => text === 'I speak English with you now.'));
  assert.equal(anna.messages.slice(mark).filter(({ from, text }) => from.startsWith('desk@') && /Anna ·/.test(text)).length, 0);
});

test('what a client asks of the desk in the room is refused, and the room stays open', async () => {
  for (const query of [xml('vCard', { xmlns: 'vcard-temp' }), xml('query', { xmlns: 'jabber:iq:version' })])
    assert.equal((await anna.asks(`${acme}/desk`, query)).attrs.type, 'error');
  const before = invitations(anna, 'acme').length;
  await anna.say(anna.desk('acme'), '!room');
  await anna.until(() => invitations(anna, 'acme').length === before + 1);
});

test('no other tenant\'s people come in, find it, or learn what it is called', async () => {
  const refused = await join(ben, acme, 'Ben');
  assert.equal(refused.attrs.type, 'error');
  assert.doesNotMatch(refused.toString(), /Acme/);
  const items = (await ben.asks(ROOMS, xml('query', { xmlns: 'http://jabber.org/protocol/disco#items' }))).getChild('query');
  const own = await ben.until(() => invitations(ben, 'borealis')[0]);
  const listed = (items?.getChildren('item') ?? []).map((item) => item.attrs.jid);
  assert.deepEqual(listed.filter((jid) => jid !== own), [], 'ejabberd lists rooms to their own members');
  await anna.asks(acme, xml('query', { xmlns: `${MUC}#admin` }, xml('item', { jid: ben.jid, affiliation: 'member' })), 'set')
    .then((answer) => assert.equal(answer.attrs.type, 'error', 'a member lets nobody in'));
  await anna.xmpp.send(xml('message', { to: acme }, xml('x', { xmlns: `${MUC}#user` }, xml('invite', { to: ben.jid }))));
  assert.equal((await join(ben, acme, 'Ben')).attrs.type, 'error', 'nor does an invitation of theirs');
  for (const mine of [`mine@${ROOMS}`, `team-${'0'.repeat(32)}@${ROOMS}`]) {
    const made = await join(ben, mine, 'Ben');
    assert.equal(made.attrs.type, 'error', 'agents make no rooms there');
  }
});

test('who is assigned is let in at once; who is not any more is put out at once', async () => {
  await instance.control('agent', 'assign', ben.jid, 'acme');
  await ben.until(() => invitations(ben, 'acme')[0]);
  assert.notEqual((await join(ben, acme, 'Ben')).attrs.type, 'error');
  const mark = ben.stanzas.length;
  await instance.control('agent', 'unassign', ben.jid, 'acme');
  await putOut(ben, acme, mark);
  assert.equal((await join(ben, acme, 'Ben')).attrs.type, 'error');

  await instance.control('agent', 'assign', ben.jid, 'acme', '--role', 'bot');
  await ben.until(() => ben.stanzas.slice(mark).some((stanza) => stanza.is('presence') && stanza.attrs.from.startsWith('desk@acme')));
  assert.equal((await join(ben, acme, 'Ben')).attrs.type, 'error', 'a bot has no place there');
  await instance.control('agent', 'unassign', ben.jid, 'acme');
});

test('who is unassigned while the link hears nothing is put out when it is back', async () => {
  await instance.control('agent', 'assign', ben.jid, 'acme');
  await ben.until(() => invitations(ben, 'acme').length === 2);
  assert.notEqual((await join(ben, acme, 'Ben')).attrs.type, 'error');
  process.kill((await instance.pids()).links.acme, 'SIGSTOP');
  await instance.control('agent', 'unassign', ben.jid, 'acme');
  const mark = ben.stanzas.length;
  await instance.kill('acme');
  await putOut(ben, acme, mark);
});

test('announcements tell who waits, who left and who wants a call, and no word of theirs', async () => {
  await instance.control('tenant', 'set', 'acme', 'desk.room=announces', 'routing.unanswered_ms=1s');
  await anna.presence('away');
  const maria = new Visitor(instance, { tenant: 'acme', name: 'Maria' });
  await maria.connect();
  await maria.say('My secret is 4711.');
  const waits = await heardIn(anna, acme, /Maria: nobody has taken it for \d+:\d\d\.$/);
  assert.equal(waits.attrs.from, `${acme}/desk`);
  await maria.send({ type: 'end' });
  await heardIn(anna, acme, /Maria has left; nobody had answered in \d+:\d\d\.$/);
  const said = anna.stanzas.filter((stanza) => stanza.attrs.type === 'groupchat').map(String).join('\n');
  assert.doesNotMatch(said, /4711/);

  await instance.control('tenant', 'set', 'acme', 'routing.unanswered=callback');
  const noora = new Visitor(instance, { tenant: 'acme', name: 'Noora' });
  await noora.connect();
  await noora.say('Hello?');
  await heardIn(anna, acme, /Noora: nobody has taken it/);
  await noora.say('Call 040 123 4567');
  await heardIn(anna, acme, /Noora asks to be called\.$/);
  assert.doesNotMatch(anna.stanzas.filter((stanza) => stanza.attrs.type === 'groupchat').map(String).join('\n'), /123 4567/);
  await instance.control('tenant', 'set', 'acme', 'desk.room=quiet', 'routing.unanswered_ms=0');
  await anna.presence();
});

test('a link that comes back finds the room as it was, and invites nobody anew', async () => {
  const before = invitations(anna, 'acme').length;
  const open = async () => (await instance.log('log/lasnad.log')).split('event=room.open tenant=acme').length;
  const opened = await open();
  await instance.kill('acme');
  await until(async () => (await open()) > opened, { what: 'the room open again' });
  await instance.kill('core');
  await until(async () => (await open()) > opened + 1, { what: 'and again' });
  await anna.say(anna.desk('acme'), '!room');
  await anna.until(() => invitations(anna, 'acme').length > before);
  assert.equal(invitations(anna, 'acme').length, before + 1);
  assert.match((await instance.ctl('check', 'xmpp')).stdout, /The team room is open/);
});

test('a room of 300 members is the same one when the link comes back: who left is put out, and nobody else', async () => {
  const jids = Array.from({ length: 300 }, (_, i) => `m${i}@${instance.about.xmpp.agents_domain}`);
  const file = path(instance.home, 'many.json');
  await writeFile(file, JSON.stringify({ lasna: 'tenants/1', agents: jids.map((jid) => ({ jid, name: jid.split('@')[0] })),
    tenants: [{ tenant: 'acme', agents: jids.map((jid) => ({ jid })) }] }));
  await instance.control('apply', '-f', file, '--yes');
  const before = invitations(ben, 'acme').length;
  await instance.control('agent', 'assign', ben.jid, 'acme');
  await ben.until(() => invitations(ben, 'acme').length > before);
  assert.notEqual((await join(ben, acme, 'Ben')).attrs.type, 'error');
  assert.notEqual((await join(anna, acme, 'Anna')).attrs.type, 'error');
  process.kill((await instance.pids()).links.acme, 'SIGSTOP');
  await instance.control('agent', 'unassign', ben.jid, 'acme');
  const [mark, bens] = [anna.stanzas.length, ben.stanzas.length]; // before another link can do anything
  await instance.kill('acme');
  await putOut(ben, acme, bens);
  const open = /event=room\.(open|closed|made_anew) tenant=acme/g;
  const after = (await instance.log('log/lasnad.log')).match(open);
  assert.equal(after.at(-1), 'event=room.open tenant=acme');
  assert.ok(!after.some((line) => line.includes('made_anew')));
  assert.deepEqual(anna.stanzas.slice(mark).filter((stanza) => stanza.is('presence') && stanza.attrs.from === `${acme}/Anna`), [], 'and stays inside');
});

test('a tenant that is disabled has nobody in its room, however it came; enabled, all find there what was said', async () => {
  await anna.xmpp.send(xml('message', { to: acme, type: 'groupchat', id: 'g9' }, xml('body', {}, 'Remember the milk.')));
  await heardIn(anna, acme, /^Remember the milk\.$/);
  const links = async () => (await instance.pids()).links;
  const enabled = async (mark) => {
    await instance.control('tenant', 'enable', 'acme');
    await anna.until(() => invitations({ stanzas: anna.stanzas.slice(mark) }, 'acme')[0]);
    const again = anna.stanzas.length;
    assert.notEqual((await join(anna, acme, 'Anna')).attrs.type, 'error');
    await heardIn(anna, acme, /^Remember the milk\.$/, again);
  };
  let mark = anna.stanzas.length;
  await instance.control('tenant', 'disable', 'acme');
  await putOut(anna, acme, mark);
  assert.equal((await join(anna, acme, 'Anna')).attrs.type, 'error');
  await until(async () => !('acme' in await links()), { what: 'its link to end' });
  await enabled(mark);

  process.kill((await links()).acme, 'SIGSTOP'); // it hears nothing; and the core that knows why dies
  await instance.control('tenant', 'disable', 'acme');
  mark = anna.stanzas.length;
  await instance.kill('core');
  await instance.kill('acme');
  await putOut(anna, acme, mark);
  await until(async () => !('acme' in await links()), { what: 'its link to end' });
  await enabled(mark);
});

test('a tenant without a room has none, and one that is removed leaves none', async () => {
  let mark = anna.stanzas.length;
  await instance.control('tenant', 'set', 'acme', 'desk.room=off');
  await putOut(anna, acme, mark);
  await anna.say(anna.desk('acme'), '!room');
  await anna.hears('There is no team room here now.');
  mark = anna.stanzas.length;
  await instance.control('tenant', 'set', 'acme', 'desk.room=quiet');
  await anna.until(() => invitations({ stanzas: anna.stanzas.slice(mark) }, 'acme')[0]);
  assert.notEqual((await join(anna, acme, 'Anna')).attrs.type, 'error');
  mark = anna.stanzas.length;
  await instance.control('tenant', 'remove', 'acme', '--yes');
  await putOut(anna, acme, mark);
  assert.equal((await join(anna, acme, 'Anna')).attrs.type, 'error');
});

test('where the XMPP server keeps no rooms it is said so, and nothing else is missing', async () => {
  await mkdir(path(instance.home, 'conf.d'), { recursive: true });
  await writeFile(path(instance.home, 'conf.d/rooms.conf'), '[xmpp]\nrooms_domain = nowhere.localhost\n');
  await instance.kill('supervisor');
  await instance.startDaemon();
  const told = await until(async () => {
    const { stdout } = await instance.ctl('check', 'xmpp');
    return /No team room \([a-z-]+\): does the XMPP server keep rooms at nowhere/.test(stdout) && stdout;
  }, { what: 'the missing room told' });
  assert.equal(JSON.parse(told).problems, 0);
  const vera = new Visitor(instance, { tenant: 'borealis', name: 'Vera' });
  await vera.connect();
  await vera.say('Is somebody there?');
  await ben.accept('borealis', /Vera/);
});
