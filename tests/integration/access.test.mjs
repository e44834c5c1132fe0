// SPDX-License-Identifier: Apache-2.0
// The REST API over the network by tokens, and revocation: once it is told nothing works any more,
// for a token, for a long answer on its way, for an agent's XMPP account.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start({ empty: true });
  for (const tenant of ['acme', 'borealis']) {
    await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  }
});
after(() => instance?.stop());

const token = async (...args) => (await instance.control('token', 'create', ...args));
const ask = (path, { bearer, method = 'GET', body } = {}) => fetch(`${instance.http}/api/v1${path}`, {
  method,
  headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { 'content-type': 'application/json' }) },
  ...(body && { body: JSON.stringify(body) }),
});

test('without a token there is the description, and 401', async () => {
  assert.equal((await ask('/openapi.json')).status, 200);
  for (const bearer of [undefined, 'x', 'A'.repeat(43), 'A'.repeat(200)]) {
    const answer = await ask('/tenants', { bearer });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
  }
});

test('a tenant\'s admin changes its own settings, and another\'s are not there', async () => {
  const { token: bearer } = await token('--role', 'tenant-admin', '--tenant', 'acme', '--expires', '1h', '--label', 'CI');
  const values = { 'widget.color': '#123456' };
  const changed = await ask('/tenants/acme/settings', { bearer, method: 'PATCH', body: { values } });
  assert.equal(changed.status, 200);
  const [foreign, unknown] = await Promise.all(['borealis', 'nobody'].map((tenant) =>
    ask(`/tenants/${tenant}/settings`, { bearer, method: 'PATCH', body: { values } })));
  assert.equal(foreign.status, 404);
  assert.equal(await foreign.text(), await unknown.text());
  assert.equal((await ask('/tenants', { bearer })).status, 403);
  assert.equal((await ask('/tokens', { bearer, method: 'POST', body: { role: 'admin' } })).status, 403);
  const { settings } = await instance.control('tenant', 'show', 'borealis');
  assert.equal(settings['widget.color'].from, 'built-in');
});

test('the file that instance.json names holds an admin\'s token, and only its owner reads it', async () => {
  const { admin_token_file: file } = instance.about;
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await ask('/tenants', { bearer: (await readFile(file, 'utf8')).trim() })).status, 200);
});

test('an admin\'s token may what lasnactl may', async () => {
  const { token: bearer } = await token('--role', 'admin');
  const made = await ask('/tenants', { bearer, method: 'POST', body: { tenant: 'cumulus', origins: ['https://cumulus.example'] } });
  assert.equal(made.status, 201);
  assert.equal((await ask('/tenants/cumulus', { bearer, method: 'DELETE' })).status, 200);
});

test('Prometheus scrapes with an admin\'s token, and nobody else does', async () => {
  const { token: bearer } = await token('--role', 'admin', '--label', 'Prometheus');
  const answer = await ask('/metrics', { bearer });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^application\/openmetrics-text; version=1\.0\.0/);
  const text = await answer.text();
  assert.match(text, /^lasna_link_up\{tenant="acme"\} [01]$/m);
  const dashboard = await readFile(new URL('../../deploy/grafana.json', import.meta.url), 'utf8');
  for (const [name] of dashboard.matchAll(/lasna_\w+/g)) assert.match(text, new RegExp(`^${name}[ {]`, 'm'), `the dashboard's ${name}`);
  const manual = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const told = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
  assert.ok(told.length > 10);
  assert.deepEqual(told.filter((name) => !manual.includes(`\`${name}\``)), [], 'in docs/api.md');
  assert.deepEqual(new Set(text.match(/^lasna_\w+/gm)), new Set(told), 'each has its type');
  assert.match(text, /# EOF\n$/);
  const { token: other } = await token('--role', 'tenant-admin', '--tenant', 'acme');
  assert.equal((await ask('/metrics', { bearer: other })).status, 403);
  assert.equal((await ask('/metrics')).status, 401);
});

test('a request that comes again is done once, and what was seen is not sent again', async () => {
  const { token: bearer } = await token('--role', 'admin');
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const add = (tenant) => fetch(`${instance.http}/api/v1/tenants`, {
    method: 'POST', headers: { ...headers, 'idempotency-key': 'one-and-the-same' },
    body: JSON.stringify({ tenant, origins: [`https://${tenant}.example`] }),
  });
  const first = await (await add('dorado')).text();
  await instance.kill('core').then((pid) => instance.restarted('core', pid)); // the answer outlives it
  const again = await add('dorado');
  assert.equal(again.status, 201);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.deepEqual(await again.json(), JSON.parse(first));
  assert.equal((await add('eridanus')).status, 422);

  const path = `${instance.http}/api/v1/tenants/dorado/settings`;
  const etag = (await fetch(path, { headers })).headers.get('etag');
  const unchanged = await fetch(path, { headers: { ...headers, 'if-none-match': etag } });
  assert.equal(unchanged.status, 304);
  assert.equal(unchanged.headers.get('content-length'), null);
  const manySeen = await fetch(path, { headers: { ...headers, 'if-none-match': Array.from({ length: 30 }, (_, i) => `"seen-${i}-and-forgotten"`).join(', ') } });
  assert.equal(manySeen.status, 200, 'a long list is no fault');
  const change = (color) => fetch(path, {
    method: 'PATCH', headers: { ...headers, 'if-match': etag }, body: JSON.stringify({ values: { 'widget.color': color } }),
  });
  assert.equal((await change('#111111')).status, 200);
  assert.equal((await change('#222222')).status, 412);
  assert.equal((await ask('/tenants/dorado', { bearer, method: 'DELETE' })).status, 200);
});

test('a revoked token is worth nothing, not even for the rest of a long answer', async () => {
  const made = await token('--role', 'analyst', '--tenant', 'acme');
  const visitor = new Visitor(instance, { tenant: 'acme', name: 'Vera', origin: 'https://acme.example' });
  await visitor.connect();
  for (let i = 0; i < 60; i++) { // 23 MB: more than the sockets on the way can hold
    const answers = await Promise.all(Array.from({ length: 50 }, () => visitor.say('ä'.repeat(3900))));
    for (const { type } of answers) assert.equal(type, 'saved');
  }
  const answer = await ask('/tenants/acme/transcripts/export?format=jsonl', { bearer: made.token });
  assert.equal(answer.status, 200);
  const reader = answer.body.getReader();
  await reader.read();
  await instance.control('token', 'revoke', made.id);
  assert.equal((await ask('/tenants/acme', { bearer: made.token })).status, 401);
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  });
  await visitor.close();
});

test('a revoked agent is out at once, and their conversation waits for another', async () => {
  const jid = await instance.addAgent('anna', 'acme', 'borealis');
  const anna = await Agent.login(instance, 'anna');
  const visitor = new Visitor(instance, { tenant: 'borealis', name: 'Bea', origin: 'https://borealis.example' });
  await visitor.connect();
  await visitor.say('hello?');
  const contact = await anna.accept('borealis', /Bea/);
  await anna.say(contact, 'hello Bea');
  await visitor.hears('hello Bea');

  const { account } = await instance.control('agent', 'revoke', jid);
  assert.equal(account, 'deleted');
  await until(async () => (await instance.control('conversation', 'list', 'borealis', '--state', 'queued')).length === 1,
    { what: 'the conversation in the queue' });
  await anna.say(contact, 'am I still here?').catch(() => {});
  await assert.rejects(Agent.login(instance, 'anna'));
  const seen = (await instance.control('tenant', 'audit', 'borealis')).filter(({ detail }) => detail?.startsWith(`jid=${jid}`));
  assert.deepEqual(seen.map(({ action, detail }) => `${action} ${detail}`), [`agent_revoke jid=${jid}`, `member_set jid=${jid} role=agent`], 'who could see, from when to when');
  const { could, did } = await instance.control('tenant', 'access', 'borealis');
  const [span] = could.filter(({ who }) => who === jid);
  assert.deepEqual([span.kind, span.role, span.everywhere, span.ended_by], ['agent', 'agent', false, 'operator']);
  assert.ok(span.from < span.until);
  assert.deepEqual(did.filter(({ who }) => who === jid).map(({ what, as, things }) => [what, as, things]), [['offered', 'serve', 1], ['served', 'serve', 1]]);
  const later = await instance.control('tenant', 'access', 'borealis', '--since', new Date(Date.now() + 60000).toISOString().slice(0, 19) + 'Z');
  assert.deepEqual([later.could.some(({ who }) => who === jid), later.did], [false, []]);
  const [line] = await instance.exported('borealis');
  assert.ok(!line.messages.some(({ text }) => text === 'am I still here?'));
  assert.equal((await instance.ctl('agent', 'assign', jid, 'acme')).code, 1);
  await anna.stop();
  await visitor.close();
});

test('added again, the agent begins anew', async () => {
  await instance.addAgent('anna', 'acme');
  const anna = await Agent.login(instance, 'anna');
  const visitor = new Visitor(instance, { tenant: 'acme', name: 'Wim', origin: 'https://acme.example' });
  await visitor.connect();
  await visitor.say('anybody?');
  await anna.hears(/Wim/);
  await anna.stop();
  await visitor.close();
});
