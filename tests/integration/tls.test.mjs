// SPDX-License-Identifier: Apache-2.0
// HTTPS as browsers meet it: what is spoken and what is refused, a certificate for each tenant's
// own domain, new ones without dropping anybody, and who is told that one expires.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';

import { Instance, PATIENCE_S, root, until } from '../support/instance.mjs';

let instance, tls, port, ca;

before(async () => {
  instance = await Instance.start({ empty: true });
  tls = join(instance.home, 'tls');
  port = Number(new URL(instance.about.https).port);
  ca = await readFile(instance.about.ca);
});
after(() => instance?.stop());

const command = (file, ...args) => new Promise((resolve) => {
  const child = execFile(file, args, { timeout: PATIENCE_S * 1000 }, (error, stdout, stderr) => resolve({ code: error ? 1 : 0, text: stdout + stderr }));
  child.stdin.end();
});
const make = (...args) => command('bash', join(root, 'certs/make-dev-ca.sh'), tls, ...args);
const reload = async () => process.kill((await instance.pids()).supervisor, 'SIGHUP');
const client = (where, ...args) => command('openssl', 's_client', '-connect', `127.0.0.1:${where}`, '-brief', ...args);
const metrics = async () => {
  const headers = { authorization: `Bearer ${(await readFile(instance.about.admin_token_file, 'utf8')).trim()}` };
  return (await fetch(`${instance.http}/api/v1/metrics`, { headers })).text();
};
const check = async () => {
  const { code, json } = await instance.ctl('check', 'tls');
  return { code, text: json.findings.map(({ verdict, text }) => `${verdict} ${text}`).join('\n') };
};

/** Resolves with the socket, once it is trusted, and the serial of what it was shown. */
const shake = (servername) => new Promise((resolve, reject) => {
  const socket = connect({ port, host: '127.0.0.1', servername, ca }, () => {
    socket.serial = socket.getPeerCertificate().serialNumber;
    resolve(socket);
  });
  socket.once('error', reject);
});
const trusted = (servername) => shake(servername).then((socket) => !socket.destroy().connecting, () => false);
const serial = async (servername) => {
  const socket = await shake(servername);
  socket.destroy();
  return socket.serial;
};
const ask = (socket) => new Promise((resolve, reject) => {
  socket.once('data', (data) => resolve(String(data).split('\r\n')[0]));
  socket.once('close', () => reject(new Error('the connection was dropped')));
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
});

test('TLS 1.2 and 1.3 are spoken, with suites that have forward secrecy alone', async () => {
  const newest = await client(port);
  assert.match(newest.text, /Protocol version: TLSv1\.3/);
  for (const suite of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
    const { code, text } = await client(port, '-tls1_2', '-cipher', suite);
    assert.equal(code, 0, text);
    assert.match(text, new RegExp(`Ciphersuite: ${suite}`));
  }
});

/** A server that takes what ours must not: so the client of the next test can really offer it. */
async function careless() {
  const free = instance.port(1);
  const server = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${free}`, '-quiet', '-cipher', 'ALL:@SECLEVEL=0',
    '-cert', join(tls, 'server.pem'), '-key', join(tls, 'server.key')], { stdio: 'ignore' });
  await until(async () => (await client(free)).code === 0, { what: 'a careless server' });
  return { port: free, stop: () => server.kill() };
}

test('TLS 1.0 and 1.1, and suites of old, are refused', async () => {
  const other = await careless();
  const weak = 'ALL:!aNULL:!ECDHE+AESGCM:!ECDHE+CHACHA20:@SECLEVEL=0';
  try {
    for (const args of [['-tls1', '-cipher', 'ALL:@SECLEVEL=0'], ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], ['-tls1_2', '-cipher', weak]]) {
      assert.equal((await client(other.port, ...args)).code, 0, `the client can: ${args}`);
      const { code, text } = await client(port, ...args);
      assert.equal(code, 1, text);
      assert.match(text, /alert (protocol version|handshake failure)|no protocols available/, String(args));
    }
  } finally {
    other.stop();
  }
});

test('a tenant\'s own domain gets its own certificate by a reload, and open connections stay', async () => {
  const open = await shake('localhost');
  assert.equal(await ask(open), 'HTTP/1.1 200 OK');
  assert.equal(await trusted('chat.acme.example'), false);
  await make('chat.acme.example', 'help.acme.example');
  await reload();
  await until(() => trusted('chat.acme.example'), { what: 'the new certificate' });
  assert.equal(await trusted('help.acme.example'), true);
  assert.equal(await trusted('chat.borealis.example'), false, 'nobody else gets it');
  assert.equal(await serial('localhost'), open.serial, 'the default is as it was');
  assert.equal(await ask(open), 'HTTP/1.1 200 OK');
  open.destroy();
});

test('one that is renewed is served from the reload on', async () => {
  const old = await serial('chat.acme.example');
  await make('chat.acme.example');
  assert.equal(await serial('chat.acme.example'), old, 'not before');
  await reload();
  await until(async () => (await serial('chat.acme.example')) !== old, { what: 'the renewed one' });
});

test('a broken one stops no other, keeps its old self in service, and is told', async () => {
  const good = await serial('chat.acme.example');
  await writeFile(join(tls, 'names/chat.acme.example/privkey.pem'), await readFile(join(tls, 'server.key')));
  await mkdir(join(tls, 'names/chat.borealis.example'), { recursive: true });
  await writeFile(join(tls, 'names/chat.borealis.example/fullchain.pem'), 'no certificate\n');
  await make('chat.cumulus.example');
  await reload();
  await until(() => trusted('chat.cumulus.example'), { what: 'the good one beside it' });
  assert.equal(await serial('chat.acme.example'), good);
  assert.equal(await trusted('localhost'), true);
  const { code, text } = await check();
  assert.equal(code, 3);
  assert.match(text, /problem chat\.acme\.example .*the private key is not this certificate's.*the one from before is served/);
  assert.match(text, /problem chat\.borealis\.example .*privkey\.pem: No such file.*it is not served/);
  assert.match(text, /fine chat\.cumulus\.example/);
  assert.match(await instance.log(), /event=tls\.refused name=chat\.borealis\.example/);
  assert.match(await metrics(), /lasna_certificate_usable\{certificate="chat\.borealis\.example"\} 0/);
  for (const name of ['acme', 'borealis']) await rm(join(tls, `names/chat.${name}.example`), { recursive: true });
  await reload();
  await until(async () => (await check()).code === 0, { what: 'all being well' });
  assert.equal(await trusted('chat.acme.example'), false, 'what is gone is served no more');
});

test('check tls names file, hosts, chain, days and what is really spoken', async () => {
  const { text } = await check();
  assert.match(text, /fine default \(.*tls\/server\.pem\): for localhost \*\.localhost 127\.0\.0\.1 ::1; 2 in the chain, the key fits, 29 days left; speaks TLSv1\.3 TLS_AES_256_GCM_SHA384, TLSv1\.2 ECDHE-ECDSA-AES256-GCM-SHA384/);
});

test('one that expires within 21 days is told by check, status, log and metrics', async () => {
  await make('--days', '20', 'soon.acme.example');
  await reload();
  await until(async () => /soon\.acme/.test((await check()).text), { what: 'the new one' });
  const { code, text } = await check();
  assert.equal(code, 0, 'a warning is no problem');
  assert.match(text, /warning soon\.acme\.example: it expires in 19 days/);
  const { certificates } = await instance.control('status');
  const soon = certificates.find(({ certificate }) => certificate === 'soon.acme.example');
  assert.deepEqual([soon.served, soon.days_left, soon.warning], [true, 19, 'expires soon']);
  assert.equal(certificates.find(({ certificate }) => certificate === 'default').warning, '');
  assert.match(await instance.log(), /level=warning .*event=tls\.expires_soon name=soon\.acme\.example .*days_left=19/);
  const [, seconds] = /lasna_certificate_expiry_timestamp_seconds\{certificate="soon\.acme\.example"\} (\d+)/.exec(await metrics());
  assert.equal(Number(seconds), Date.parse(soon.expires_at) / 1000);
});

test('a web process that is started anew serves them, and a core that is told of them', async () => {
  await instance.restarted('web', await instance.kill('web'));
  await until(() => trusted('soon.acme.example'), { what: 'the new web' });
  await instance.restarted('core', await instance.kill('core'));
  await until(async () => /fine default/.test((await check()).text), { what: 'what web tells' });
});
