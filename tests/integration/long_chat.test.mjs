// SPDX-License-Identifier: Apache-2.0
// A chat of ten thousand messages: a browser that comes back gets all of it once and in order, however
// slowly it reads, and nobody else waits for that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const COUNT = 10_000;
const WORDS = 'so much to tell '.repeat(120); // 20 MB together: more than any socket holds
let instance, site, writer;

before(async () => {
  instance = await Instance.start();
  site = await instance.siteKey('acme');
  writer = new Visitor(instance, { name: 'Writer' });
  await writer.connect();
  for (let n = 1; n <= COUNT; n++) {
    writer.send({ type: 'say', cid: `w${n}`, text: `${n} ${WORDS}` });
    if (n % 500 === 0) await writer.next((frame) => frame.type === 'saved' && frame.cid === `w${n}`, { from: Math.max(0, writer.frames.length - 600) });
  }
});
after(async () => {
  await writer?.close();
  await instance?.stop();
});

/** The writer's own, in another browser. */
function another(more = {}) {
  const visitor = new Visitor(instance, { name: 'Writer' });
  return Object.assign(visitor, { token: writer.token }, more);
}

const seqsOf = (frames, type = 'message') => frames.filter((frame) => frame.type === type).map(({ seq }) => seq);
const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const isState = ({ type }) => type === 'conversation';

test('all of it comes once, in order, and then the state; what is said meanwhile comes after it', async () => {
  const visitor = another();
  await visitor.connect();
  visitor.send({ type: 'say', cid: 'meanwhile', text: 'I am here again' });
  await visitor.next(isState);
  assert.deepEqual(seqsOf(visitor.frames), upTo(COUNT));
  assert.deepEqual(visitor.frames.filter(({ type }) => type === 'message').map(({ cid }) => cid), upTo(COUNT).map((n) => `w${n}`));
  const saved = await visitor.next((frame) => frame.type === 'saved');
  assert.deepEqual([saved.cid, saved.seq], ['meanwhile', COUNT + 1]);
  await visitor.close();
});

test('after a part of it only the rest comes', async () => {
  const visitor = another({ conversation: writer.conversation, after: 9000 });
  await visitor.connect();
  await visitor.next(isState);
  assert.deepEqual(seqsOf(visitor.frames), upTo(COUNT + 1, 9001));
  await visitor.close();
});

test('a browser that reads nothing for a while slows nobody, is not sent away, and misses nothing', async () => {
  const slow = another(), other = new Visitor(instance, { name: 'Other' });
  await slow.connect();
  slow.socket.pause();
  await other.connect();
  for (let n = 0; n < 20; n++) assert.equal((await other.say(`question ${n}`)).type, 'saved');
  const { seq } = await writer.say('one more meanwhile');
  assert.equal(seq, COUNT + 2);
  assert.ok(seqsOf(slow.frames).length < COUNT, 'it has not read all of it');
  slow.socket.resume();
  await slow.next(isState);
  assert.deepEqual(seqsOf(slow.frames), upTo(COUNT + 2));
  const live = await writer.say('and now it is live');
  await slow.next((frame) => frame.type === 'message' && frame.seq === live.seq);
  assert.deepEqual(seqsOf(slow.frames), upTo(COUNT + 3));
  await Promise.all([slow.close(), other.close()]);
});

test('a browser that goes away in the middle of it leaves nothing behind, and may begin anew', async () => {
  const visitor = another();
  await visitor.connect();
  visitor.socket.pause();
  visitor.drop();
  const again = another();
  await again.connect();
  await again.next(isState);
  assert.deepEqual(seqsOf(again.frames), upTo(COUNT + 3));
  await again.close();
});

test('where no WebSocket can pass it comes as well', async () => {
  const post = (body, id) => fetch(`${instance.http}/t/acme/poll`, { method: 'POST', body,
    headers: { Origin: instance.http, ...(id && { 'Lasna-Poll': id }) } });
  const hello = { type: 'hello', site, token: writer.token, conversation: writer.conversation, after: 5000, lang: 'en' };
  const { poll } = await (await post(JSON.stringify(hello))).json();
  const frames = [];
  while (!frames.some(isState)) {
    const answer = await (await post('', poll)).json();
    assert.equal(answer.close, null);
    frames.push(...answer.frames);
  }
  assert.deepEqual(seqsOf(frames), upTo(COUNT + 3, 5001));
});

test('as an earlier conversation it comes page by page, too', async () => {
  const before = writer.conversation;
  await writer.say('that was all');
  writer.send({ type: 'end' });
  await writer.next(({ type }) => type === 'ended');
  await writer.say('something new');
  await until(() => writer.conversation !== before);
  const from = writer.frames.length;
  writer.send({ type: 'earlier', before: writer.conversation });
  writer.send({ type: 'earlier', before: writer.conversation });
  const end = await writer.next(({ type }) => type === 'earlier_end', { from });
  assert.equal(end.conversation, before);
  assert.deepEqual(seqsOf(writer.frames.slice(from), 'earlier'), upTo(COUNT + 4));
});
