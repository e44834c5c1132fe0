// SPDX-License-Identifier: Apache-2.0
// What agents change of what they said, as clients of theirs send it: corrected (XEP-0308) and withdrawn
// (XEP-0424 in both its forms), on a real server, seen by a visitor and in the transcript.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, anna, people = 0;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
});
after(async () => {
  await anna?.stop();
  await instance?.stop();
});

/** A visitor who talks with Anna: { visitor, contact }. */
async function talking() {
  const name = `Guest ${++people}`;
  const visitor = new Visitor(instance, { name });
  await visitor.connect();
  await visitor.say('what does Pro cost?');
  const contact = await anna.accept('acme', new RegExp(`${name} · `), name);
  return { visitor, contact };
}

/** Anna has room for the next. */
async function leave(visitor) {
  visitor.send({ type: 'end' });
  await visitor.next(({ type }) => type === 'ended');
  await visitor.close();
}

const changes = (visitor) => visitor.frames.filter(({ type }) => type === 'edited' || type === 'withdrawn');
const frameOf = (visitor, type, seq) => visitor.next((frame) => frame.type === type && frame.seq === seq);
const transcriptOf = (visitor) => instance.control('transcript', 'show', 'acme', visitor.conversation);

test('a correction reaches the visitor, and both versions the transcript', async () => {
  const { visitor, contact } = await talking();
  const first = await anna.say(contact, '29 euros a year');
  await visitor.hears('29 euros a year');
  const second = await anna.correct(contact, first, '29 euros a month');
  const edited = await frameOf(visitor, 'edited', 2);
  assert.equal(edited.text, '29 euros a month');
  await anna.until(() => anna.received.has(second));
  await anna.correct(contact, second, '29 euros a month, VAT included'); // some clients name the last correction
  await visitor.next((frame) => frame.type === 'edited' && frame.text.endsWith('VAT included'));

  const { messages } = await transcriptOf(visitor);
  assert.deepEqual(messages.map(({ seq, text }) => [seq, text]), [[1, 'what does Pro cost?'], [2, '29 euros a month, VAT included']]);
  assert.match(messages[1].edited_at, /^20/);
  assert.deepEqual(messages[1].earlier.map(({ text }) => text), ['29 euros a year', '29 euros a month']);
  assert.equal(messages[0].edited_at, undefined);
  await leave(visitor);
});

test('the same correction sent again is received again and changes nothing', async () => {
  const { visitor, contact } = await talking();
  const first = await anna.say(contact, 'one');
  await visitor.hears('one');
  const id = await anna.correct(contact, first, 'two');
  await anna.until(() => anna.received.has(id));
  anna.received.delete(id);
  await anna.correct(contact, first, 'two', { id });
  await anna.until(() => anna.received.has(id));
  assert.equal(changes(visitor).length, 1);
  assert.equal((await transcriptOf(visitor)).messages[1].earlier.length, 1);
  await leave(visitor);
});

for (const form of ['urn:xmpp:message-retract:0', 'urn:xmpp:message-retract:1'])
  test(`what is withdrawn is seen no more, and what a client says beside it never (${form})`, async () => {
    const { visitor, contact } = await talking();
    const id = await anna.say(contact, 'the password is 1234');
    await visitor.hears('the password is 1234');
    await anna.withdraw(contact, id, form);
    await frameOf(visitor, 'withdrawn', 2);
    await anna.sayReceived(contact, 'sorry');
    await visitor.hears('sorry');
    assert.ok(!visitor.frames.some(({ text }) => /attempted|retracted/.test(text ?? '')));

    const { messages } = await transcriptOf(visitor);
    assert.deepEqual(messages.map(({ text }) => text), ['what does Pro cost?', '', 'sorry']);
    assert.match(messages[1].withdrawn_at, /^20/);
    assert.equal(messages[1].earlier[0].text, 'the password is 1234');
    await leave(visitor);
  });

test('a browser that comes back is told of what changed meanwhile, and one that is new sees only the latest', async () => {
  const { visitor, contact } = await talking();
  const first = await anna.say(contact, 'first words');
  const second = await anna.say(contact, 'second words');
  await visitor.hears('second words');
  visitor.drop();
  await anna.correct(contact, first, 'better words');
  const last = await anna.withdraw(contact, second);
  await anna.until(() => anna.received.has(last));

  const mark = visitor.frames.length;
  await visitor.connect();
  await visitor.next(({ type }) => type === 'withdrawn', { from: mark });
  assert.deepEqual(visitor.frames.slice(mark).filter(({ seq }) => seq).map(({ type, seq, text }) => [type, seq, text]),
    [['receipt', 1, undefined], ['edited', 2, 'better words'], ['withdrawn', 3, undefined]]);

  await visitor.close();
  visitor.after = 0; // as after a reload that lost everything but the token
  const again = visitor.frames.length;
  await visitor.connect();
  await visitor.next(({ type, seq }) => type === 'message' && seq === 3, { from: again });
  assert.deepEqual(visitor.frames.slice(again).filter(({ type }) => type === 'message')
    .map(({ seq, text, edited, withdrawn }) => [seq, text, edited, withdrawn]),
    [[1, 'what does Pro cost?', undefined, undefined], [2, 'better words', true, undefined], [3, '', undefined, true]]);
  await leave(visitor);
});

test('a correction of nothing is said as words of its own, and the agent is told', async () => {
  const { visitor, contact } = await talking();
  const id = await anna.correct(contact, 'never-sent', '29 euros');
  await visitor.hears('29 euros');
  await anna.until(() => anna.received.has(id));
  await anna.hears(/^\[lasna\] .*went out as a new message/);
  await anna.withdraw(contact, 'never-sent-either');
  await anna.hears(/^\[lasna\] Not withdrawn: /);
  assert.equal(changes(visitor).length, 0);
  await leave(visitor);
});

test('a correction to a command reaches no visitor; one after the end changes nothing', async () => {
  const { visitor, contact } = await talking();
  const id = await anna.say(contact, 'good bye');
  await visitor.hears('good bye');
  await anna.correct(contact, id, '!nosuch thing');
  await anna.hears(/Not sent: no command !nosuch/);
  await anna.say(contact, '!end');
  await visitor.next(({ type }) => type === 'ended');
  await anna.correct(contact, id, 'good riddance');
  await anna.hears(/^\[lasna\] Not changed: /);
  assert.equal(changes(visitor).length, 0);
  assert.equal((await transcriptOf(visitor)).messages[1].text, 'good bye');
  await leave(visitor);
});

test('an agent answers one message of several, and the visitor sees which, without the quotation', async () => {
  const { visitor, contact } = await talking();
  await visitor.say('and what does Basic cost? 🙂');
  const question = await anna.hears('and what does Basic cost? 🙂');
  await anna.reply(contact, question.id, question.text, '9 euros');
  const answer = await visitor.hears('9 euros');
  assert.equal(answer.reply_to, 2);
  await anna.reply(contact, 'nobody-knows', 'something', 'by the way');
  assert.equal((await visitor.hears('by the way')).reply_to, null);
  await anna.reply(contact, question.id, question.text, '!nosuch');
  await anna.hears(/Not sent: no command !nosuch/);
  assert.deepEqual((await transcriptOf(visitor)).messages.map(({ reply_to: to }) => to), [null, null, 2, null]);
  await leave(visitor);
});

test('a visitor answers one message of several, and the agent sees which, in every client', async () => {
  const { visitor, contact } = await talking();
  const id = await anna.say(contact, 'Pro or Basic?\nYou can change later.');
  await visitor.hears('Pro or Basic?\nYou can change later.');
  await visitor.say('Pro', { reply_to: 2 });
  const pro = await anna.hears('> Pro or Basic? You can change later.\nPro');
  assert.equal(pro.answers, id);
  const own = anna.messages.find(({ from, text }) => from === contact && text === 'what does Pro cost?');
  await visitor.say('that is still open', { reply_to: 1 });
  assert.equal((await anna.hears('> what does Pro cost?\nthat is still open')).answers, own.id);
  await visitor.say('and this is of nothing', { reply_to: 99 });
  assert.equal((await anna.hears('and this is of nothing')).answers, undefined);

  anna.messages.length = 0;
  anna.seen.clear();
  await anna.say(contact, '!back'); // whoever takes it next hears all of it again, replies as replies
  await anna.hears(/back in the queue/);
  await anna.say(contact, 'here again');
  const again = await anna.hears('> Pro or Basic? You can change later.\nPro');
  assert.equal(again.answers, id);
  await leave(visitor);
});

test('what one does is no command', async () => {
  const { visitor, contact } = await talking();
  await anna.say(contact, '/me looks it up');
  await visitor.hears('/me looks it up');
  await leave(visitor);
});

test('an agent changes only words of their own', async () => {
  const { visitor, contact } = await talking();
  const [{ id }] = anna.messages.filter(({ from, text }) => from === contact && text === 'what does Pro cost?');
  await anna.withdraw(contact, id); // the visitor's
  await anna.hears(/^\[lasna\] Not withdrawn: /);
  assert.equal((await transcriptOf(visitor)).messages[0].text, 'what does Pro cost?');
  await leave(visitor);
});

test('an agent who serves two companies does not name one to the other by mistake', async () => {
  const { visitor, contact } = await talking();
  await anna.say(contact, 'Welcome to borealis!');
  const warning = await anna.hears(/Not sent: this names/);
  assert.equal(warning.text, '[lasna] Not sent: this names Borealis. !! sends it');
  const shown = await anna.say(contact, '!!');
  await visitor.hears('Welcome to borealis!');
  await anna.until(() => anna.received.has(shown));
  await anna.say(contact, '!! Borealis, as I said');
  await visitor.hears('Borealis, as I said');
  await anna.say(contact, 'Acme is our name');
  await visitor.hears('Acme is our name');

  await instance.control('tenant', 'set', 'acme', 'desk.guard_brands=no');
  await anna.say(contact, 'Borealis again');
  await visitor.hears('Borealis again');
  await instance.control('tenant', 'set', 'acme', 'desk.guard_brands=');
  assert.deepEqual((await transcriptOf(visitor)).messages.filter(({ from }) => from === 'agent').map(({ text }) => text),
    ['Welcome to borealis!', 'Borealis, as I said', 'Acme is our name', 'Borealis again']);
  await leave(visitor);
});

test('an agent is told nothing of companies they do not serve', async () => {
  await instance.control('tenant', 'add', 'cumulus', '--name', 'Cumulus Oyj', '--origin', 'https://cumulus.example');
  const { visitor, contact } = await talking();
  await anna.say(contact, 'Cumulus, at cumulus.example');
  await visitor.hears('Cumulus, at cumulus.example');
  await leave(visitor);
});

test('a conversation ends once its agent has told what the tenant wants to know', async () => {
  await instance.control('tenant', 'set', 'acme', 'desk.end_needs=both', 'desk.outcomes=solved, sold');
  const { visitor, contact } = await talking();
  await anna.say(contact, '!end lost');
  await anna.hears('[lasna] Not ended: tags are missing. !tag WORD adds one.');
  await anna.say(contact, '!tag pricing');
  await anna.hears(/Tags: pricing/);
  await anna.say(contact, '!end lost');
  await anna.hears('[lasna] Not ended: lost is no outcome here. One of: solved, sold.');
  await anna.say(contact, '!end Sold');
  await visitor.next(({ type }) => type === 'ended');
  assert.equal((await transcriptOf(visitor)).outcome, 'sold');
  await instance.control('tenant', 'set', 'acme', 'desk.end_needs=', 'desk.outcomes=');
  await visitor.close();
});

test('a search finds what is said now, not what was', async () => {
  const { visitor, contact } = await talking();
  const id = await anna.say(contact, 'the zeppelin leaves at noon');
  await visitor.hears('the zeppelin leaves at noon');
  const found = async (word) => (await instance.control('transcript', 'search', 'acme', word)).items.length;
  assert.equal(await found('zeppelin'), 1);
  const changed = await anna.correct(contact, id, 'the balloon leaves at noon');
  await anna.until(() => anna.received.has(changed));
  await until(async () => (await found('zeppelin')) === 0 && (await found('balloon')) === 1);
  await leave(visitor);
});
