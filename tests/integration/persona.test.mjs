// SPDX-License-Identifier: Apache-2.0
// Agents have a name for each company's visitors. Who they are otherwise (their address, their own
// name, what another company calls them) is in nothing that a visitor sees or keeps, nor in what the
// company takes with it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance } from '../support/instance.mjs';
import { Receiver } from '../support/receiver.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, receiver;
const agents = {};

/** Whose legal name is Virtanen, Korhonen or Nieminen; each company has its own name for them. */
const people = {
  virtanen: { acme: 'Aino / Acme', borealis: 'Bea / Borealis', skill: 'fi' },
  korhonen: { acme: 'Kalle / Acme', borealis: 'Ken / Borealis', skill: 'billing' },
  nieminen: { acme: 'Sanna / Acme', borealis: 'Sue / Borealis', role: 'supervisor' },
};
const secret = /virtanen|korhonen|nieminen|agents\.localhost|\/ Borealis/i;

before(async () => {
  instance = await Instance.start();
  await instance.control('agent', 'unassign', `anna@${instance.about.xmpp.agents_domain}`, 'acme');
  for (const [name, { role = 'agent', skill = 'en', ...personas }] of Object.entries(people)) {
    const jid = await instance.addAgent(name); // whose own name is the same with a capital
    for (const [tenant, persona] of Object.entries(personas))
      await instance.control('agent', 'assign', jid, tenant, '--role', role, '--skill', skill, '--persona', persona);
    agents[name] = await Agent.login(instance, name, { show: name === 'virtanen' ? undefined : 'dnd' });
  }
  receiver = await Receiver.start(instance);
  await instance.control('webhook', 'add', 'acme', receiver.url(), '--events', 'conversation.started,conversation.ended,message,callback');
});
after(async () => {
  await Promise.all(Object.values(agents).map((agent) => agent.stop()));
  receiver?.server.close();
  await instance?.stop();
});

test('what a visitor sees of a whole conversation names the personas of that company alone', async () => {
  const { virtanen, korhonen, nieminen } = agents;
  const visitor = new Visitor(instance, { name: 'Maria', lang: 'fi' });
  await visitor.connect();
  await visitor.say('Does anybody know about saunas?');
  const contact = await virtanen.accept('acme', /^Maria · /);
  const { id: asked } = await virtanen.hears('Does anybody know about saunas?');
  const first = await virtanen.say(contact, 'I do, of cuorse.');
  await visitor.hears('I do, of cuorse.');
  await virtanen.correct(contact, first, 'I do, of course.');
  await virtanen.react(contact, asked, '👍');
  await visitor.next((frame) => frame.type === 'reaction');
  await virtanen.withdraw(contact, await virtanen.say(contact, 'Wrong window.'));
  await virtanen.say(contact, '/me looks it up');
  await visitor.next((frame) => frame.type === 'message' && /looks it up$/.test(frame.text));
  await virtanen.say(contact, '!note knows nothing yet');
  await virtanen.say(contact, '!callback tomorrow at 10');
  await virtanen.hears('[lasna] Call back: tomorrow at 10. It stands in the transcript.');

  // One hands it on, by the name the colleague has here; the next whispers, joins and takes it over.
  await korhonen.presence();
  await virtanen.until(() => virtanen.stanzas.some((stanza) => stanza.is('presence') && stanza.getChildText('status')?.includes('2 agents')));
  await virtanen.say(contact, '!to Kalle / Acme knows saunas');
  assert.equal(await korhonen.accept('acme', /^Aino \/ Acme hands you: Maria · .* \(knows saunas\)/), contact);
  await virtanen.hears('Kalle / Acme has taken Maria from you.');
  await korhonen.say(contact, 'A sauna is warm.');
  await visitor.hears('A sauna is warm.');
  const id = `#${visitor.conversation.slice(0, 4)}`;
  await nieminen.say(nieminen.desk('acme'), `!whisper ${id} ask for the size`);
  await nieminen.hears('Kalle / Acme has heard it; the visitor never sees it.');
  await nieminen.say(nieminen.desk('acme'), `!join ${id}`);
  await visitor.next((frame) => frame.type === 'agent' && frame.state === 'joined' && frame.name === 'Sanna / Acme');
  await nieminen.say(nieminen.desk('acme'), `!takeover ${id}`);
  await korhonen.hears('Sanna / Acme has taken Maria from you.');
  await nieminen.say(contact, 'How large?');
  await visitor.hears('How large?');

  // A browser that comes back, and all that is kept.
  await visitor.close();
  const mark = visitor.frames.length;
  visitor.after = 0;
  await visitor.connect();
  await visitor.hears('How large?', { from: mark });
  await nieminen.say(contact, '!end solved');
  await visitor.next((frame) => frame.type === 'ended');
  const seen = JSON.stringify(visitor.frames);
  assert.match(seen, /Aino \/ Acme.*Kalle \/ Acme.*Sanna \/ Acme/s);
  assert.doesNotMatch(seen, secret);
  await visitor.close();
});

test('nor does what the company exports, is told by webhook, or gives its visitors to take along', async () => {
  await receiver.told('conversation.ended');
  const [one] = await instance.exported('acme');
  assert.deepEqual(one.agents.map(({ name }) => name).filter((name) => !/^(Aino|Kalle|Sanna) \/ Acme$/.test(name)), []);
  const kept = [JSON.stringify(one), ...receiver.requests.map(({ body }) => body)];
  for (const format of ['csv', 'html']) {
    const file = join(instance.home, `export.${format}`);
    await instance.control('transcript', 'export', 'acme', '--format', format, '-o', file);
    kept.push(await readFile(file, 'utf8'));
  }
  const copy = join(instance.home, 'visitor.json');
  await instance.control('visitor', 'export', 'acme', one.visitor.id, '-o', copy);
  kept.push(await readFile(copy, 'utf8'));
  for (const text of kept) assert.doesNotMatch(text, secret);
  assert.ok(kept.every((text) => text.length > 0));
});

test('and colleagues see no address of each other', async () => {
  for (const { messages, stanzas, jid } of Object.values(agents)) {
    const others = new RegExp(Object.keys(people).filter((name) => !jid.startsWith(name)).join('|'), 'i');
    assert.doesNotMatch(messages.map(({ text }) => text).join('\n'), others);
    for (const stanza of stanzas.filter(({ attrs }) => attrs.from?.includes('acme.chat.'))) assert.doesNotMatch(stanza.toString(), others);
  }
});

test('whoever is assigned without a persona shows their own name, and that is said', async () => {
  const jid = await instance.addAgent('laaksonen');
  const warned = await instance.ctl('agent', 'assign', jid, 'borealis');
  assert.equal(warned.code, 0);
  assert.match(warned.stderr, /lasnactl: warning: Visitors of borealis see the name "Laaksonen": give a persona/);
  const quiet = await instance.ctl('agent', 'assign', jid, 'borealis', '--persona', 'Lea / Borealis');
  assert.deepEqual([quiet.code, quiet.stderr, quiet.json.warning], [0, '', null]);
});
