// SPDX-License-Identifier: Apache-2.0
// Behind a proxy that says whom it brings by the PROXY protocol: exact bytes before TLS or plain
// HTTP, from the addresses that are configured and nobody else. Who is meant shows by who is told
// to wait after ten wrong tokens.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { Instance, until } from '../support/instance.mjs';

const proxy = '127.0.0.2'; // ours; 127.0.0.1 is anybody
let instance, http, https;

before(async () => {
  instance = await Instance.start({ empty: true, limits: 'production' });
  [http, https] = [instance.http, instance.about.https].map((url) => Number(new URL(url).port));
  mkdirSync(join(instance.home, 'conf.d'), { recursive: true });
  writeFileSync(join(instance.home, 'conf.d', 'proxy.conf'), `[web]\nproxies = ${proxy}/32\nproxy_protocol = yes\n`);
  process.kill((await instance.pids()).supervisor, 'SIGHUP');
  await until(async () => (await status(v1('198.51.100.1'))) === 200, { what: 'the setting to count' });
});
after(() => instance?.stop());

const v1 = (address) => Buffer.from(`PROXY TCP4 ${address} 192.0.2.1 4711 443\r\n`);
const v2 = (address) => Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'),
  Buffer.from([...address.split('.').map(Number), 192, 0, 2, 1, 0x12, 0x67, 0x01, 0xbb])]);
const get = (path, ...lines) => ['GET', path, 'HTTP/1.1'].join(' ') + ['', 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n');
const healthz = get('/healthz');
const guess = (i, ...lines) => get('/api/v1/tenants', `Authorization: Bearer ${'A'.repeat(40)}${String(i).padStart(3, '0')}`, ...lines);

/** What comes back, to the end of the connection, for these bytes, each part by itself. */
const exchange = (parts, { from = proxy, port = http } = {}) => new Promise((resolve) => {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true });
  let heard = '';
  socket.on('data', (data) => (heard += data));
  socket.on('error', () => {});
  socket.on('close', () => resolve(heard));
  socket.on('connect', async () => {
    for (const part of parts) await new Promise((next) => socket.write(part, () => setImmediate(next)));
  });
});
const statusOf = (answer) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
const status = async (header, request = healthz, options = {}) => statusOf(await exchange([Buffer.concat([header, Buffer.from(request)])], options));

test('v1 and v2 bring a client, whole with the request or byte by byte', async () => {
  for (const header of [v1('198.51.100.2'), v2('198.51.100.2')]) {
    assert.equal(await status(header), 200);
    assert.equal(statusOf(await exchange([...Array.from(header, (byte) => Buffer.from([byte])), healthz])), 200);
  }
});

test('the header comes before TLS', async () => {
  for (const header of [v1('198.51.100.3'), v2('198.51.100.3')]) {
    const answer = await new Promise((resolve, reject) => {
      const socket = connect({ port: https, host: '127.0.0.1', localAddress: proxy }, () => {
        socket.write(header);
        const tls = connectTls({ socket, servername: 'localhost', ca: readFileSync(instance.about.ca) }, () => tls.write(healthz));
        tls.once('data', (data) => resolve(String(data)));
        tls.once('error', reject);
      });
    });
    assert.equal(statusOf(answer), 200);
  }
});

test('limits go by whom the header names, and nothing the client writes changes that', async () => {
  for (const make of [v1, v2]) {
    const [guesser, other] = make === v1 ? ['198.51.100.10', '198.51.100.11'] : ['198.51.100.12', '198.51.100.13'];
    const told = [];
    while (told.at(-1) !== 429 && told.length < 60) told.push(await status(make(guesser), guess(told.length, `X-Forwarded-For: 203.0.113.${told.length}`)));
    assert.deepEqual([...new Set(told)], [401, 429]);
    assert.ok(told.length > 10, `${told.length - 1} were looked at`); // more, where that took so long that some were granted again
    assert.equal(await status(make(other), guess(11)), 401, 'others go on');
  }
});

test('a proxy that looks whether we live, or knows nobody, is answered', async () => {
  const own = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0', 'latin1');
  for (const header of [own, Buffer.from('PROXY UNKNOWN\r\n')]) assert.equal(await status(header), 200);
});

test('a proxy that only looks whether somebody is there is no news', async () => {
  for (const leave of ['end', 'end', 'resetAndDestroy']) {
    const socket = connect({ port: http, host: '127.0.0.1', localAddress: proxy }, () => socket[leave]());
    await new Promise((resolve) => socket.resume().on('close', resolve));
  }
  assert.equal(await status(v1('198.51.100.7')), 200);
  assert.doesNotMatch(await instance.log(), /web\.no_proxy_header/);
});

test('a proxy that sends none, or a broken one, is closed without a word', async () => {
  const bad = ['', 'PROXY TCP4 198.51.100.4 192.0.2.1 4711\r\n', 'PROXY TCP4 198.51.100.4 192.0.2.1 4711 443\n', 'PROXY TCP6 198.51.100.4 192.0.2.1 4711 443\r\n',
    '\r\n\r\n\0\r\nQUIT\n\x21\x12\0\0', '\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff', 'PROXY TCP4 ' + '1'.repeat(200)];
  for (const header of bad) assert.equal(await exchange([Buffer.from(header + healthz, 'latin1')]), '', JSON.stringify(header));
  const log = await instance.log();
  assert.match(log, /event=web\.no_proxy_header why="there was none" connections=1 remedy=/);
  assert.ok(log.match(/web\.no_proxy_header/g).length < bad.length, 'a line a minute, not one a connection');
});

test('from anybody else there is no such header', async () => {
  for (const header of [v1, v2]) assert.ok(await status(header('198.51.100.5'), healthz, { from: '127.0.0.1' }) >= 400);
  assert.equal(await status(Buffer.alloc(0), healthz, { from: '127.0.0.1' }), 200);
});

test('one that comes too slowly is closed', async () => {
  const began = Date.now();
  assert.equal(await exchange([v1('198.51.100.6').subarray(0, 20)]), '');
  assert.ok(Date.now() - began >= 4000, 'it had its time');
});
