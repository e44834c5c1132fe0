// SPDX-License-Identifier: Apache-2.0
// The session where no WebSocket can pass: frames posted, frames waited for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, anna, site;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  site = await instance.siteKey('acme');
});
after(async () => {
  await anna?.stop();
  await instance?.stop();
});

const post = (body, { id, origin = instance.http, tenant = 'acme', method = 'POST' } = {}) =>
  fetch(`${instance.http}/t/${tenant}/poll`, { method, body, redirect: 'error',
    headers: { ...(origin && { Origin: origin }), ...(id && { 'Lasna-Poll': id }) } });
const hello = (more = {}) => JSON.stringify({ type: 'hello', site, token: null, conversation: null, after: 0, lang: 'en', ...more });

/** A visitor who polls: every frame that came stands in `frames`. */
class Poller {
  frames = [];
  closed = null;

  async begin(more) {
    const answer = await post(hello(more));
    assert.equal(answer.status, 200);
    this.id = (await answer.json()).poll;
    this.listening = this.listen();
    return this.next(({ type }) => type === 'welcome');
  }

  async listen() {
    while (this.closed === null && !this.over) {
      const answer = await post('', { id: this.id });
      if (answer.status !== 200) return;
      const { frames, close } = await answer.json();
      this.frames.push(...frames);
      this.closed = close;
    }
  }

  say(...frames) {
    return post(frames.map((frame) => JSON.stringify(frame)).join('\n'), { id: this.id });
  }

  next(fits) {
    return until(() => {
      const frame = this.frames.find(fits);
      if (!frame && this.closed !== null) throw new Error(`closed with ${this.closed}`);
      return frame;
    }, { what: `a frame; got ${JSON.stringify(this.frames)}` });
  }
}

test('a whole conversation, both ways, in order', async () => {
  const maria = new Poller();
  await maria.begin({ name: 'Maria' });
  assert.equal((await maria.say({ type: 'say', cid: 'a', text: 'one' }, { type: 'say', cid: 'b', text: 'two' })).status, 204);
  const contact = await anna.accept('acme', /Maria · "one"/);
  await anna.hears('two');
  await anna.say(contact, 'three');
  await maria.next(({ type, text }) => type === 'message' && text === 'three');
  const saved = maria.frames.filter(({ type }) => type === 'saved').map(({ cid, seq }) => [cid, seq]);
  assert.deepEqual(saved, [['a', 1], ['b', 2]]);
  await maria.say({ type: 'end' });
  await maria.next(({ type }) => type === 'ended');
});

test('what a lost answer held comes again after a new hello, over a WebSocket too', async () => {
  const poller = new Poller();
  const { token } = await poller.begin();
  await poller.say({ type: 'say', cid: 'x', text: 'lost on the way' });
  await poller.next(({ type }) => type === 'saved');
  const contact = await anna.accept('acme', /lost on the way/);
  poller.over = true; // nobody fetches any more
  await anna.say(contact, 'into nowhere');
  const visitor = new Visitor(instance);
  visitor.token = token;
  await visitor.connect();
  await visitor.hears('lost on the way');
  await visitor.hears('into nowhere');
  assert.equal((await visitor.say('lost on the way', { cid: 'x' })).seq, 1);
  await visitor.close();
  await anna.say(contact, '!end');
});

test('rules of frames are the same: bad ones are told, ten of them close', async () => {
  const poller = new Poller();
  await poller.begin();
  await poller.say(...Array.from({ length: 12 }, () => ({ type: 'nonsense' })));
  await until(() => poller.closed === 1008);
  assert.equal(poller.frames.filter(({ code }) => code === 'bad_frame').length, 10);
  await until(async () => (await poller.say({ type: 'ping' })).status === 404);
});

test('no hello, no session; a token that opens nothing closes with 4003', async () => {
  const answer = await post(JSON.stringify({ type: 'say', cid: 'a', text: 'x' }));
  const { poll } = await answer.json();
  assert.equal((await (await post('', { id: poll })).json()).close, 4001);
  const forged = new Poller();
  await assert.rejects(forged.begin({ token: 'A'.repeat(43) }), /closed with 4003/);
});

test('one request waits at a time: a newer one ends it with nothing', async () => {
  const poller = new Poller();
  await poller.begin();
  poller.over = true;
  await poller.say({ type: 'ping' }); // ends the one that listens
  await poller.listening;
  const first = post('', { id: poller.id });
  await until(async () => (await Promise.race([first.then(() => 'done'), new Promise((r) => setTimeout(r, 300, 'waits'))])) === 'waits');
  const second = post('', { id: poller.id });
  assert.deepEqual(await (await first).json(), { frames: [], close: null });
  await poller.say({ type: 'ping' });
  assert.deepEqual((await (await second).json()).frames, [{ type: 'pong' }]);
});

test('only the widget’s own frame may, only by POST, only what is there', async () => {
  for (const origin of [null, 'https://evil.example', 'http://localhost:1', 'null'])
    assert.equal((await post(hello(), { origin })).status, 403, String(origin));
  const shop = (await instance.control('tenant', 'show', 'acme')).sites[0].origins[0];
  assert.equal((await post(hello(), { origin: shop })).status, 403, 'a page of the tenant has a WebSocket');
  for (const method of ['PUT', 'DELETE', 'PATCH']) assert.equal((await post(hello(), { method })).status, 405, method);
  assert.equal((await post(hello(), { tenant: 'nobody' })).status, 404);
  assert.equal((await post('', { id: 'a'.repeat(26) })).status, 404);
  assert.notEqual((await post('', { id: '../../etc' })).status, 200);
  assert.equal((await post('x'.repeat(70000), {})).status, 413);
});

test('the core dies: whoever polls is told to come again, and does', async () => {
  const poller = new Poller();
  const { token } = await poller.begin();
  await poller.say({ type: 'say', cid: 'k', text: 'before the core died' });
  await poller.next(({ type }) => type === 'saved');
  const old = await instance.kill('core');
  await until(() => poller.closed === 1013);
  await instance.restarted('core', old);
  const again = new Poller();
  await until(async () => again.begin({ token }).then(() => true, () => false));
  await again.next(({ type, text }) => type === 'message' && text === 'before the core died');
  again.over = poller.over = true;
});
