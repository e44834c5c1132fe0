// SPDX-License-Identifier: Apache-2.0
// Console users: invited, logged in by cookie, kept from foreign pages, throttled, and shown out:
// nothing works from then on, not even what was still waiting for an answer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, STUCK_MS, lasnactl, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const PASSWORD = 'correct horse battery';
let instance;

before(async () => {
  instance = await Instance.start({ empty: true });
  for (const tenant of ['acme', 'borealis']) {
    await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  }
});
after(() => instance?.stop());

const ask = (path, { method = 'GET', body, ...headers } = {}) => fetch(`${instance.http}/api/v1${path}`, {
  method,
  headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
  ...(body && { body: JSON.stringify(body) }),
});
const post = (path, body, headers) => ask(path, { method: 'POST', body, ...headers });
const logIn = (user, more = {}) => post('/session', { user, password: PASSWORD, ...more });

/** Invites a user, who chooses PASSWORD. */
async function addUser(name, ...rights) {
  const { invitation } = await instance.control('user', 'add', name, ...rights);
  const answer = await post('/session/invitation', { invitation: invitation.token, password: PASSWORD });
  assert.equal(answer.status, 200, await answer.text());
}

async function tokenOf(name) {
  const answer = await logIn(name, { bearer: true });
  assert.equal(answer.status, 200);
  return (await answer.json()).token;
}

test('a user who was invited logs in by a cookie that no script reads', async () => {
  await addUser('vera', '--role', 'supervisor', '--tenant', 'acme');
  const answer = await logIn('vera');
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).token, undefined);
  const [set] = answer.headers.getSetCookie();
  assert.match(set, /^__Host-lasna=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const cookie = set.split(';')[0];
  assert.equal((await ask('/tenants/acme/conversations', { cookie })).status, 200);
  assert.equal((await ask('/tenants/borealis/conversations', { cookie })).status, 404);
  assert.equal((await ask('/tenants/acme/conversations', { cookie: `${cookie}; ${cookie}` })).status, 400);

  const origin = instance.http;
  const out = { method: 'DELETE', cookie };
  for (const foreign of [{}, { origin: 'https://evil.example' }, { origin: 'null' },
    { origin, 'sec-fetch-site': 'cross-site' }, { origin, 'sec-fetch-site': 'same-site' }]) {
    const refused = await ask('/session', { ...out, ...foreign });
    assert.equal(refused.status, 403, JSON.stringify(foreign));
    assert.equal((await refused.json()).code, 'foreign_page');
  }
  assert.equal((await post('/session', { user: 'vera', password: PASSWORD }, { origin: 'https://evil.example' })).status, 403);
  const done = await ask('/session', { ...out, origin, 'sec-fetch-site': 'same-origin' });
  assert.equal(done.status, 204);
  assert.match(done.headers.getSetCookie()[0], /^__Host-lasna=;.*Max-Age=0$/);
  assert.equal((await ask('/session', { cookie })).status, 401);
});

test('a password is nowhere but in its hash, and no secret in a log or the audit', async () => {
  const token = await tokenOf('vera');
  const { invitation } = await instance.control('user', 'reset', 'vera');
  const read = (file) => readFile(join(instance.home, file), 'latin1');
  const files = { database: await read('data/lasna.db') + await read('data/lasna.db-wal'), log: await read('log/lasnad.log') };
  assert.match(files.database, /vera/);
  for (const [file, text] of Object.entries(files))
    for (const secret of [PASSWORD, token, invitation.token]) assert.ok(!text.includes(secret), file);
  assert.equal((await post('/session/invitation', { invitation: invitation.token, password: PASSWORD })).status, 200);
});

test('logging in holds nothing up: visitors are ticked meanwhile', async () => {
  const visitor = new Visitor(instance, { tenant: 'acme', name: 'Vera', origin: 'https://acme.example' });
  await visitor.connect();
  let slowest = 0;
  const flood = Promise.all(Array.from({ length: 24 }, (_, i) => logIn(`nobody${i}`)));
  let over = false;
  flood.finally(() => { over = true; });
  for (let i = 0; !over || i < 5; i++) {
    const begun = Date.now();
    assert.equal((await visitor.say(`word ${i}`)).type, 'saved');
    slowest = Math.max(slowest, Date.now() - begun);
  }
  const statuses = (await flood).map(({ status }) => status);
  assert.ok(statuses.includes(401) && statuses.includes(503), String(statuses));
  assert.ok(slowest < STUCK_MS, `${slowest} ms`);
  await visitor.close();
});

test('shown out, neither session nor token nor account nor what was waiting lives on', async () => {
  await addUser('erik', '--role', 'admin');
  const jid = await instance.addAgent('anna', 'acme');
  const anna = await Agent.login(instance, 'anna');
  const bearer = await tokenOf('erik');
  const authorization = `Bearer ${bearer}`;
  const { id, token } = await instance.control('token', 'create', '--role', 'admin');

  const visitor = new Visitor(instance, { tenant: 'acme', name: 'Wim', origin: 'https://acme.example' });
  await visitor.connect();
  for (let i = 0; i < 60; i++) { // 23 MB: more than the sockets on the way can hold
    await Promise.all(Array.from({ length: 50 }, () => visitor.say('ä'.repeat(3900))));
  }
  const long = await ask('/tenants/acme/transcripts/export?format=jsonl', { authorization });
  const reader = long.body.getReader();
  await reader.read();
  const other = await ask('/tenants/acme/transcripts/export?format=jsonl', { authorization: `Bearer ${token}` });
  const otherReader = other.body.getReader();
  await otherReader.read();

  const xmpp = Number(await readFile(join(instance.home, 'xmpp', `${instance.about.xmpp.server}.pid`), 'utf8'));
  await instance.control('agent', 'revoke', jid); // before the server stops: it has to follow
  process.kill(xmpp, 'SIGSTOP');
  let waiting;
  try { // its answer waits for the server
    waiting = post('/tenants', { tenant: 'cumulus', origins: ['https://cumulus.example'] }, { authorization });
    await until(async () => (await instance.ctl('tenant', 'add', 'cumulus', '--origin', 'https://c.example')).stderr.includes('in_progress'),
      { what: 'the tenant under way' });
    await instance.control('user', 'logout', 'erik');
    await instance.control('token', 'revoke', id);
    assert.equal((await waiting).status, 401);
  } finally {
    process.kill(xmpp, 'SIGCONT');
  }
  assert.equal((await ask('/session', { authorization })).status, 401);
  assert.equal((await ask('/session', { authorization: `Bearer ${token}` })).status, 401);
  for (const each of [reader, otherReader]) {
    await assert.rejects(async () => {
      while (!(await each.read()).done);
    });
  }
  await assert.rejects(Agent.login(instance, 'anna'));
  await anna.stop();
  await visitor.close();
});

/** What a terminal shows that types `keys`, one to each question for a password, and how it echoes then. */
function typed(name, keys) {
  const command = `"${lasnactl}" --home "${instance.home}" user add ${name} --role admin --password-file -`;
  const terminal = spawn('script', ['-qec', `trap : INT; ${command}; echo "exit $?"; stty -a`, '/dev/null'], { env: { ...process.env, SHELL: '/bin/sh' } });
  let shown = '', asked = 0;
  terminal.stdout.on('data', (bytes) => {
    shown += bytes;
    for (const now = shown.match(/(Password|Again): /g)?.length ?? 0; asked < now; asked++) terminal.stdin.write(keys[asked]);
  });
  return new Promise((resolve, reject) => terminal.once('error', reject).once('close', () => resolve(shown)));
}

test('a password that is asked for is not shown, and Ctrl-C leaves the terminal as it was', async () => {
  const fine = await typed('typist', [`${PASSWORD}\n`, `${PASSWORD}\n`]);
  assert.match(fine, /exit 0[^]* echo /);
  assert.doesNotMatch(fine, new RegExp(PASSWORD));
  assert.equal((await logIn('typist')).status, 200);
  assert.match(await typed('nobody', ['\x03']), /exit 130[^]* echo /);
  assert.match(await typed('nobody', [`${PASSWORD}\n`, '\x03']), /exit 130[^]* echo /);
  assert.match(await typed('nobody', [`${PASSWORD}\n`, 'another\n']), /two different ones[^]*exit 1\b/);
  assert.match(await typed('nobody', ['\x04', '\x04']), /none was typed[^]*exit 1\b/);
});

test('wrong passwords are slowed down, and told so', async () => {
  const guess = () => post('/session', { user: 'nobody-in-particular', password: 'guess' });
  const last = await until(async () => {
    const answer = await guess();
    return answer.status === 429 && answer;
  }, { what: '429' });
  assert.ok(Number(last.headers.get('retry-after')) >= 1);
});
