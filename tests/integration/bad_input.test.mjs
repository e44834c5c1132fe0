// SPDX-License-Identifier: Apache-2.0
// What strangers send: each thing has its own answer, nobody else notices, and the XMPP
// server never sees any of it.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, afterEach, test } from 'node:test';

import WebSocket from 'ws';
import { Agent } from '../support/agent.mjs';
import { Instance, PATIENCE_S, STUCK_MS } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, anna, ben, witness, contact, visitor, started;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  ben = await Agent.login(instance, 'ben');
  // Somebody whose chat goes on through everything below.
  witness = new Visitor(instance, { name: 'Witness' });
  await witness.connect();
  await witness.say('I was here first');
  contact = await anna.accept('acme', /Witness/);
  started = (await instance.log()).split('event=role.started').length;
  assert.ok(started > 4);
});
after(async () => {
  await Promise.all([anna?.stop(), ben?.stop(), witness?.close()]);
  await instance?.stop();
});
beforeEach(() => (visitor = new Visitor(instance)));
afterEach(async () => {
  await visitor.close();
  const text = `still here ${Math.random()}`;
  await witness.say(text);
  await anna.hears(text);
  await anna.say(contact, `and so am I ${text}`);
  await witness.hears(`and so am I ${text}`);
});

/** A handshake of our own making; resolves with the HTTP status, or 101. */
function knock(path, { origin = instance.http, protocol = 'lasna.v1', headers = {} } = {}) {
  const options = { headers, handshakeTimeout: PATIENCE_S * 1000 };
  if (origin !== null) options.origin = origin;
  const socket = protocol === null ? new WebSocket(instance.ws + path, options) : new WebSocket(instance.ws + path, protocol, options);
  return new Promise((resolve, reject) => {
    socket.once('open', () => (socket.terminate(), resolve(101)));
    socket.once('unexpected-response', (request, response) => (request.destroy(), resolve(response.statusCode)));
    socket.once('error', reject);
  });
}

/** Sends raw bytes to the HTTP port; resolves with all that comes back once it is closed. */
function raw(bytes) {
  const { port } = new URL(instance.http);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setTimeout(PATIENCE_S * 1000, () => socket.destroy(new Error('kept open')));
    socket.on('data', (data) => (text += data));
    socket.on('close', (failed) => failed || resolve(text));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
  });
}

/** The next error frame after sending this. */
async function errorAfter(frame) {
  const mark = visitor.frames.length;
  visitor.send(frame);
  return visitor.next(({ type }) => type === 'error' || type === 'saved', { from: mark });
}

test('the handshake wants a known Origin', async () => {
  for (const origin of ['http://evil.example', 'null', 'https://acme.example.evil.example', '', `${instance.http}.evil.example`])
    assert.equal(await knock('/t/acme/ws', { origin }), 403, origin);
  assert.equal(await knock('/t/acme/ws', { origin: null }), 403);
  assert.equal(await knock('/t/acme/ws'), 101);
});

test('another tenant’s Origin does not open this one', async () => {
  const base = Number(new URL(instance.http).port) - 80;
  assert.equal(await knock('/t/borealis/ws', { origin: `http://127.0.0.1:${base + 501}` }), 101);
  assert.equal(await knock('/t/acme/ws', { origin: `http://127.0.0.1:${base + 501}` }), 403);
});

test('the handshake wants the subprotocol', async () => {
  assert.equal(await knock('/t/acme/ws', { protocol: null }), 400);
  assert.equal(await knock('/t/acme/ws', { protocol: 'foo' }), 400);
});

test('an unknown tenant is not there', async () => {
  for (const path of ['/t/nobody/ws', '/t/ACME/ws', '/t/acme%2f/ws', '/t/../ws', '/t/acme/ws/'])
    assert.ok([403, 404].includes(await knock(path)), path);
  assert.equal(await knock('/t/nobody/ws'), 404);
});

test('no upgrade by h2c, by CONNECT, or without a version', async () => {
  const host = `Host: ${new URL(instance.http).host}\r\n`;
  assert.match(await raw(`GET / HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n`), /^HTTP\/1\.1 4\d\d /);
  assert.match(await raw(`CONNECT example.com:80 HTTP/1.1\r\n${host}\r\n`), /^HTTP\/1\.1 (400|405|501) /);
  assert.match(await raw(`GET /t/acme/ws HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: ${instance.http}\r\n` +
    `Sec-WebSocket-Protocol: lasna.v1\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 4(00|26) /);
});

test('smuggling is refused', async () => {
  const host = `Host: ${new URL(instance.http).host}\r\n`;
  const bad = [
    `POST /api HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /api HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    `GET / HTTP/1.1\n${host}\n`,
    `GET / HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}Content-Length : 0\r\n\r\n`,
    `GET / HTTP/1.1\r\n${host}${host}\r\n`,
    'GET / HTTP/1.1\r\n\r\n',
    `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`,
  ];
  for (const bytes of bad) assert.match(await raw(bytes), /^HTTP\/1\.1 (400|411|501) /, JSON.stringify(bytes));
});

test('an unknown site key closes with 4002', async () => {
  visitor.site = 'a'.repeat(26);
  await assert.rejects(visitor.connect(), { code: 4002 });
  assert.equal(visitor.frames[0].code, 'not_allowed');
});

test('the site key of another tenant closes with 4002', async () => {
  visitor.site = await instance.siteKey('borealis');
  await assert.rejects(visitor.connect(), { code: 4002 });
});

test('a forged token closes with 4003', async () => {
  for (const token of ['x', 'A'.repeat(43), witness.token.slice(0, -1) + (witness.token.endsWith('A') ? 'B' : 'A')]) {
    const forger = new Visitor(instance);
    forger.token = token;
    await assert.rejects(forger.connect(), { code: 4003 }, token.length);
  }
});

test('a token of one tenant opens nothing at another', async () => {
  visitor = new Visitor(instance, { tenant: 'borealis' });
  visitor.token = witness.token;
  await assert.rejects(visitor.connect(), { code: 4003 });
});

test('something other than hello first closes with 4001', async () => {
  await visitor.connect({ hello: false });
  visitor.send({ type: 'say', cid: 'x', text: 'hello' });
  assert.equal(await visitor.closing(), 4001);
});

test('no hello in 10 s closes with 4001, and not much earlier', async () => {
  await visitor.connect({ hello: false });
  const begun = Date.now();
  assert.equal(await visitor.closing(), 4001);
  assert.ok(Date.now() - begun > 8000);
});

test('too long a text is too_long; 4,000 of the longest code points fit', async () => {
  await visitor.connect();
  const { code, cid } = await visitor.say('a'.repeat(4001), { cid: 'long' });
  assert.deepEqual([code, cid], ['too_long', 'long']);
  assert.equal((await visitor.say('😀'.repeat(4001))).code, 'too_long');
  assert.equal((await visitor.say('😀'.repeat(4000))).type, 'saved');
  visitor.send({ type: 'end' });
  await visitor.next(({ type }) => type === 'ended');
});

test('characters that XML or Unicode forbid are bad_text, and never reach the server', async () => {
  await visitor.connect();
  for (const text of ['\u0000', 'a\u0007b', '\u001b[31m', '\ufffe', '\uffff', '\u{1fffe}', ' \n\t ', ''])
    assert.equal((await visitor.say(text)).code, 'bad_text', JSON.stringify(text));
  for (const text of ['\\ud800', 'a\\udc00b', '\\ud83d\\ud83d']) {
    const { code, cid } = await errorAfter(`{"type":"say","cid":"s","text":"${text}"}`);
    assert.deepEqual([code, cid], ['bad_text', 's'], text);
  }
});

test('what is not a frame is bad_frame', async () => {
  const bad = ['', 'hello', '[]', '{}', '{"type":7}', '{"type":"nothing"}', '{"type":"say"', '{"type":"typing","on":true} x',
    '{"type":"say","cid":"a","cid":"b","text":"x"}', `${'['.repeat(200)}${']'.repeat(200)}`,
    `{"type":"say","cid":"a","text":"x","reply_to":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}`,
    '{"type":"say","cid":"","text":"x"}', `{"type":"say","cid":"${'c'.repeat(37)}","text":"x"}`, '{"type":"say","cid":"a","text":["x"]}',
    '{"type":"read","seq":-1}', '{"type":"read","seq":1.5}', '{"type":"typing","on":"yes"}', '{"type":"survey","csat":9}'];
  for (const frame of bad) {
    const stranger = new Visitor(instance);
    await stranger.connect();
    const mark = stranger.frames.length;
    stranger.send(frame);
    const { code } = await stranger.next(({ type }) => type === 'error', { from: mark });
    assert.equal(code, 'bad_frame', frame.slice(0, 60));
    await stranger.close();
  }
});

test('a second hello and a binary frame are bad_frame', async () => {
  await visitor.connect();
  assert.equal((await errorAfter({ type: 'hello', site: visitor.site })).code, 'bad_frame');
  assert.equal((await errorAfter(Buffer.from('{"type":"end"}'))).code, 'bad_frame');
});

test('ten bad frames close with 1008', async () => {
  await visitor.connect();
  for (let n = 0; n < 10; n++) visitor.send('nonsense');
  assert.equal(await visitor.closing(), 1008);
  assert.equal(visitor.frames.filter(({ code }) => code === 'bad_frame').length, 10);
});

test('invalid UTF-8 closes with 1007', async () => {
  await visitor.connect();
  visitor.socket.send(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), { binary: false });
  assert.equal(await visitor.closing(), 1007);
});

test('a frame of more than 64 KiB closes with 1009', async () => {
  await visitor.connect();
  visitor.send(`{"type":"say","cid":"big","text":"${'a'.repeat(70000)}"}`);
  assert.equal(await visitor.closing(), 1009);
});

test('too fast is told with the time to wait, where the limits are the real ones', async () => {
  const strict = await Instance.start({ limits: 'production' });
  try {
    const hasty = new Visitor(strict);
    await hasty.connect();
    for (let n = 0; n < 60; n++) hasty.send({ type: 'say', cid: `c${n}`, text: `number ${n}` });
    const error = await hasty.next(({ code }) => code === 'too_fast');
    assert.match(error.cid, /^c\d+$/);
    assert.ok(error.retry_after_ms > 0 && error.retry_after_ms < 60000);
    await hasty.close();

    const [flood, vera] = [new Visitor(strict), new Visitor(strict)];
    await Promise.all([flood.connect(), vera.connect()]);
    const { web } = await strict.pids();
    const began = performance.now();
    for (let n = 0; n < 10000; n++) flood.send({ type: n % 2 ? 'typing' : 'page', on: true, url: 'https://acme.example/', title: 'x' });
    assert.equal((await vera.say('beside ten thousand frames a second')).type, 'saved');
    assert.ok(performance.now() - began < STUCK_MS, 'and soon');
    assert.ok([1008, 1006].includes(await flood.closing()), 'whoever goes on regardless is shown out'); // 1006: the line broke before the frame was read
    assert.deepEqual((await strict.pids()).web, web);
    await vera.close();

    const picture = () => fetch(`${strict.http}/p/acme/${'a'.repeat(26)}`).then(({ status }) => status);
    const answers = [await picture()];
    while (answers.length < 3000 && !answers.includes(429)) answers.push(...await Promise.all(Array.from({ length: 6 }, picture)));
    assert.deepEqual([answers[0], answers.includes(429)], [404, true], 'who asks for pictures without end waits, too');
  } finally {
    await strict.stop();
  }
});

test('an agent of another tenant gets forbidden and leaves no trace', async () => {
  const before = (await instance.exported('acme')).map(({ messages }) => messages.length);
  for (const to of [contact, anna.desk('acme')]) {
    const mark = ben.stanzas.length;
    await ben.say(to, 'let me in');
    const error = await ben.until(() => ben.stanzas.slice(mark).find((s) => s.is('message') && s.attrs.type === 'error'));
    assert.equal(error.attrs.from, to);
    assert.ok(error.getChild('error').getChild('forbidden'));
  }
  assert.deepEqual((await instance.exported('acme')).map(({ messages }) => messages.length), before);
  assert.doesNotMatch(JSON.stringify(await instance.exported('acme')), /let me in/);
});

test('through all of it Prosody saw no broken stream, and no role died', async () => {
  const log = await instance.log('xmpp/prosody.log');
  assert.doesNotMatch(log, /stream error|not-well-formed|invalid-xml|policy-violation/i);
  assert.equal((await instance.log()).split('event=role.started').length, started, 'roles that were started again');
  assert.equal(witness.closed, null);
});
