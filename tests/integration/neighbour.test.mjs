// SPDX-License-Identifier: Apache-2.0
// A salesperson on another company's XMPP server: what is handed to them goes there by s2s, and
// what cannot go comes back and is told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance } from '../support/instance.mjs';
import { Neighbour } from '../support/neighbour.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, neighbour, anna;
const outside = [];

before(async () => {
  instance = await Instance.start();
  neighbour = await Neighbour.meet(instance);
  anna = await Agent.login(instance, 'anna');
});
after(async () => {
  await Promise.all([anna, ...outside].map((person) => person?.stop()));
  await neighbour?.stop();
  await instance?.stop();
});

/** Somebody with an account at the other server. */
async function there(name) {
  const person = await Agent.login(neighbour, name);
  outside.push(person);
  return person;
}

/** Anna takes what she is offered once more since she had heard so much. */
async function takeAgain(offer, mark) {
  await anna.until(() => anna.messages.slice(mark).some(({ text }) => offer.test(text)));
  await anna.say(anna.desk('acme'), 'ok');
}

/** A visitor who is with Anna. */
async function withAnna(name, text) {
  const visitor = new Visitor(instance, { name });
  await visitor.connect();
  await visitor.say(text);
  return { visitor, contact: await anna.accept('acme', new RegExp(`${name} · "${text}`)) };
}

test('a salesperson on another server hears of a call-back, and takes a conversation', async () => {
  const jid = await neighbour.addAccount('tuula');
  await instance.control('tenant', 'set', 'acme', `desk.contacts=Tuula: ${jid} fi`);
  const tuula = await there('tuula');
  const { visitor, contact } = await withAnna('Maria', 'hello');
  await anna.say(contact, '!callback 040 123 4567 @tuula');
  await tuula.hears(/^Maria · Acme Oy pyytää soittoa: 040 123 4567 · .* · kirjasi Anna$/);
  await anna.say(contact, '!to tuula wants a demo');
  assert.equal(await tuula.accept('acme', /^Anna \(Acme Oy\) siirtää sinulle: Maria · "hello" \(wants a demo\)/), contact);
  await anna.hears('Tuula has taken Maria from you.');
  await tuula.say(contact, 'Good day from the sales');
  assert.equal((await visitor.hears('Good day from the sales')).name, 'Tuula');
  const { seq } = await visitor.say('good day to you');
  await tuula.hears('good day to you');
  await visitor.next((frame) => frame.type === 'receipt' && frame.seq === seq && frame.state === 'delivered');
  const mark = anna.messages.length;
  await tuula.say(contact, '!back');
  await takeAgain(/^Maria · "hello" .* reply ok/, mark);
  await anna.hears('good day to you');
  await tuula.say(contact, 'still here');
  await tuula.hears('[lasna] Tämä keskustelu ei ole sinun.');
  await anna.say(contact, '!end');
  await visitor.next((frame) => frame.type === 'ended');
  assert.ok(!visitor.frames.some((frame) => JSON.stringify(frame).includes('tuula@')), 'no JID for a visitor');
  await visitor.close();
});

test('whoever is not there, or whose server is not, leaves the conversation where it was', async () => {
  await instance.control('tenant', 'set', 'acme', 'desk.contacts=Ville: ville@localhost, Paula: paula@nowhere.invalid');
  const { visitor, contact } = await withAnna('Outi', 'good evening');
  for (const name of ['Ville', 'Paula']) {
    await anna.say(contact, `!to ${name}`);
    await anna.hears(`[lasna] ${name} cannot be reached now: what we wrote came back. It stays yours.`);
  }
  await anna.say(contact, '!callback tomorrow @ville');
  await anna.hears('Ville could not be told of the call-back: what we wrote came back. It stands in the transcript.');
  await anna.say(contact, 'I am still here');
  await visitor.hears('I am still here');
  await anna.say(contact, '!end');
  await visitor.close();
});

test('a salesperson whose server goes away loses the conversation to the queue, with every word', async () => {
  const jid = await neighbour.addAccount('mikko');
  await instance.control('tenant', 'set', 'acme', `desk.contacts=Mikko: ${jid}`);
  const mikko = await there('mikko');
  const { visitor, contact } = await withAnna('Raili', 'a question');
  await anna.say(contact, '!to mikko');
  await mikko.accept('acme', /Raili · "a question"/);
  await anna.hears('Mikko has taken Raili from you.');
  const mark = anna.messages.length;
  await mikko.stop();
  await neighbour.stop();
  await visitor.say('are you there?');
  await takeAgain(/^Raili · "a question".* reply ok/, mark);
  await anna.hears('are you there?');
  await anna.say(contact, 'Back with me');
  await visitor.hears('Back with me');
  await anna.say(contact, '!end');
  await visitor.close();
});
