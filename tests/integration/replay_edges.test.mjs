// SPDX-License-Identifier: Apache-2.0
// What happens while a browser is being told what was said before: it hears of it all, in order, and behind
// the words of before. It polls, so that it is told the next page only when it asks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, PATIENCE_S, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const COUNT = 650; // four pages
let instance, site, anna, writer;

before(async () => {
  instance = await Instance.start();
  site = await instance.siteKey('acme');
  writer = new Visitor(instance, { name: 'Writer' });
  await writer.connect();
  await sayMany();
  anna = await Agent.login(instance, 'anna');
});
after(async () => {
  await writer?.close();
  await anna?.stop();
  await instance?.stop();
});

async function sayMany() {
  const from = writer.frames.length;
  for (let n = 1; n <= COUNT; n++) writer.send({ type: 'say', cid: `${from}-${n}`, text: `word ${n}` });
  await writer.next(({ type, cid }) => type === 'saved' && cid === `${from}-${COUNT}`, { from });
}

/** The writer's own, in another browser, which asks for one page after another. */
class Slow {
  frames = [];

  async begin() {
    this.id = (await (await this.#post(JSON.stringify({ type: 'hello', site, token: writer.token, conversation: null, after: 0, lang: 'en' }))).json()).poll;
    return this;
  }

  #post(body) {
    return fetch(`${instance.http}/t/acme/poll`, { method: 'POST', body,
      headers: { Origin: instance.http, ...(this.id && { 'Lasna-Poll': this.id }) } });
  }

  async page() {
    const answer = await this.#post('');
    assert.equal(answer.status, 200);
    this.frames.push(...(await answer.json()).frames);
  }

  async upTo(fits) {
    for (const deadline = Date.now() + PATIENCE_S * 1000; !this.frames.some(fits); await this.page())
      assert.ok(Date.now() < deadline, `told no such thing; ${JSON.stringify(this.frames.slice(-3))}`);
  }

  /** Its first words, which may come behind an answer that greets alone. */
  firstPage() {
    return this.upTo(({ type }) => type === 'message');
  }

  /** What it was told behind the last word. */
  behind() {
    return this.frames.slice(this.frames.findLastIndex(({ type }) => type === 'message') + 1);
  }
}

const seqsOf = (frames) => frames.filter(({ type }) => type === 'message').map(({ seq }) => seq);
const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const isAgent = ({ type }) => type === 'agent';
const isState = (state) => (frame) => frame.type === 'conversation' && frame.state === state;

test('an agent who takes it meanwhile stands behind the words of before, once', async () => {
  const slow = await new Slow().begin();
  await slow.firstPage();
  await anna.accept('acme', /Writer · /, 'Writer');
  await writer.next(isAgent);
  await slow.upTo(isAgent);
  assert.deepEqual(seqsOf(slow.frames), upTo(COUNT));
  assert.deepEqual(slow.behind().slice(0, 2).map(({ type, state }) => [type, state]), [['conversation', 'active'], ['agent', 'joined']]);
  assert.equal(slow.frames.filter(isAgent).length, 1);
});

test('a `web` that is killed between two pages costs no word', async () => {
  const slow = await new Slow().begin();
  await slow.firstPage();
  const got = seqsOf(slow.frames);
  assert.ok(got.length < COUNT, 'there is more to come');
  const old = await instance.kill('web');
  await instance.restarted('web', old);
  const again = new Visitor(instance, { name: 'Writer' });
  Object.assign(again, { token: writer.token, conversation: writer.conversation, after: got.at(-1) });
  await until(() => again.connect().then(() => true, () => false));
  await again.next(isState('active'));
  assert.deepEqual([...got, ...seqsOf(again.frames)], upTo(COUNT));
  await again.close();
  writer = Object.assign(new Visitor(instance, { name: 'Writer' }), { token: writer.token, conversation: writer.conversation, after: COUNT });
  await writer.connect();
});

test('an end and a new beginning in another tab are told as they were', async () => {
  const slow = await new Slow().begin();
  await slow.firstPage();
  writer.send({ type: 'end' });
  await writer.next(({ type }) => type === 'ended');
  const before = writer.conversation;
  await writer.say('something new');
  await until(() => writer.conversation !== before);
  await slow.upTo(({ type, text }) => type === 'message' && text === 'something new');
  const first = slow.frames.findLastIndex(({ type, seq }) => type === 'message' && seq === COUNT);
  const told = slow.frames.slice(first + 1, -1).filter(({ type }) => type === 'conversation' || type === 'ended');
  assert.deepEqual(told.slice(0, 3).map(({ type, conversation, state, reason }) => [type, conversation ?? reason, state]),
    [['conversation', before, 'ended'], ['ended', 'visitor', undefined], ['conversation', writer.conversation, 'queued']]);
});
