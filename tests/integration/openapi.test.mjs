// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document holds: a validator that knows OpenAPI 3.1 takes it, every operation answers
// as it says, and what the manual shows of the API is what the API does.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { Agent } from '../support/agent.mjs';
import { Described } from '../support/described.mjs';
import { Instance, root, until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Visits } from '../support/visits.mjs';

const PASSWORD = 'correct horse battery';
const acme = { tenant: 'acme' };
let instance, api, anna, visits;
const held = {}; // of a chat: its id, its visitor's

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  visits = new Visits(instance, anna);
  api = await Described.of(instance);
});
// One token may not ask for all of it at once: each has a budget.
beforeEach(async () => {
  api.bearer = (await instance.control('token', 'create', '--role', 'admin', '--expires', '1h')).token;
});
after(async () => {
  await visits?.close();
  await anna?.stop();
  await instance?.stop();
});

/** A chat of a month that is over, with an answer of Anna's. */
const chat = (id, at, lines = ['A friend recommended you to me', 'Hello there!']) => ({
  id, lang: 'en', stage: 'new', opened_at: at, ended_at: at,
  turns: lines.map((text, i) => ({ role: i % 2 ? 'agent' : 'visitor', name: i % 2 ? 'Anna' : 'Vera', text, ts: at })),
});

/** What an authenticator app shows of a secret in base32, at that moment. */
function oneTimeCode(secret, at) {
  const bits = [...secret.toUpperCase()].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const digest = createHmac('sha1', key).update(step).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

test('a validator that knows OpenAPI 3.1 takes the document, and each of its schemas makes sense', async () => {
  const { valid, errors } = await new Validator().validate(api.document);
  assert.ok(valid, JSON.stringify(errors, null, 2));
  api.compile();
});

test('a validator that does not take whatever it is given', async () => {
  const broken = structuredClone(api.document);
  broken.paths['/tenants'].get.responses['200'].content['application/json'].schema = { $ref: '#/components/schemas/Nobody' };
  assert.equal((await new Validator().validate(broken)).valid, false);
  const wordless = structuredClone(api.document);
  delete wordless.paths['/tenants'].get.responses['200'].description;
  assert.equal((await new Validator().validate(wordless)).valid, false);
});

test('the server tells of itself as described', async () => {
  for (const id of ['openapi_show', 'status_show', 'check_show', 'verify_show', 'metrics_show', 'erasures_show', 'routes_show',
    'settings_list', 'instance_settings_list', 'audit_list']) await api.ask(id);
  await api.ask('settings_change', { body: { values: { 'routing.offer_ms': '30s' } } });
  await api.ask('rekey', { body: {} });
  for (const body of [{}, acme]) {
    const { json: { id } } = await api.ask('snapshot_make', { body });
    await until(async () => (await api.ask('snapshot_show', { at: { id } })).json.state === 'ready', { what: 'the snapshot' });
    await api.ask(body.tenant ? 'snapshot_drop' : 'snapshot_fetch', { at: { id } });
  }
});

test('tenants are added, changed and removed as described', async () => {
  const at = { tenant: 'cumulus' };
  await api.ask('tenant_add', { body: { tenant: 'cumulus', origins: ['https://cumulus.example'] } });
  await api.ask('tenant_add', { body: { tenant: 'cumulus', origins: ['https://cumulus.example'] }, status: 409 });
  await api.ask('tenants_list', { query: { limit: '1' } });
  await api.ask('tenant_show', { at });
  await api.ask('tenant_change', { at, body: { name: 'Cumulus Oy' } });
  const { json: site } = await api.ask('site_add', { at, body: { origins: ['https://shop.cumulus.example'] } });
  await api.ask('sites_list', { at });
  await api.ask('site_show', { at: { ...at, id: site.id } });
  await api.ask('tenant_settings_list', { at, query: { site: site.id } });
  await api.ask('tenant_settings_change', { at, body: { values: { 'widget.color': '#123456' } } });
  await api.ask('site_remove', { at: { ...at, id: site.id } });
  for (const id of ['tenant_texts_list', 'tenant_audit_list', 'tenant_access_show', 'identity_show']) await api.ask(id, { at });
  await api.ask('identity_set', { at, body: { renew: true } });
  await api.ask('tenant_rekey', { at, body: {} });
  await api.ask('tenant_disable', { at, body: {} });
  await api.ask('tenant_enable', { at, body: {} });
  await api.ask('tenant_avatar_set', { at, body: { picture: png(64, 64).toString('base64') } });
  await api.ask('tenant_avatar_show', { at });
  await api.ask('tenant_avatar_remove', { at });
  await api.ask('tenant_rename', { at, body: { to: 'cumulus-oy' } });
  await until(async () => (await instance.ctl('tenant', 'show', 'cumulus-oy')).code === 0, { what: 'the new name' });
  await api.ask('tenant_remove', { at: { tenant: 'cumulus-oy' } });
});

test('webhooks come and go as described', async () => {
  const body = { url: 'https://127.0.0.1:9/hook', events: ['message'] }; // nobody listens there
  const { json: { id } } = await api.ask('webhook_add', { at: acme, body });
  await api.ask('webhooks_list', { at: acme });
  await api.ask('webhook_show', { at: { ...acme, id } });
  await api.ask('webhook_test', { at: { ...acme, id }, body: {} });
  await api.ask('webhook_rotate', { at: { ...acme, id }, body: { overlap: '1h' } });
  await api.ask('webhooks_dead', { at: acme });
  await api.ask('webhooks_retry', { at: acme, body: {} });
  await api.ask('webhook_remove', { at: { ...acme, id } });
});

test('agents serve and are revoked as described', async () => {
  const bob = `bob@${instance.about.xmpp.agents_domain}`;
  const at = { ...acme, jid: bob };
  await api.ask('agent_add', { body: { jid: bob, name: 'Bob', password: PASSWORD } });
  await api.ask('agents_list');
  await api.ask('agent_show', { at });
  await api.ask('agent_rename', { at, body: { name: 'Bo' } });
  await api.ask('agent_limit', { at, body: { limit: 4 } });
  await api.ask('agent_unstaff', { at, body: {} });
  await api.ask('agent_staff', { at, body: {} });
  await api.ask('member_set', { at: acme, body: { jid: bob, skills: ['fi'] } });
  await api.ask('members_list', { at: acme });
  await api.ask('member_show', { at });
  await api.ask('member_avatar_set', { at, body: { picture: png(64, 64).toString('base64') } });
  await api.ask('member_avatar_show', { at });
  await api.ask('member_avatar_remove', { at });
  await api.ask('member_remove', { at });
  await api.ask('agent_revoke', { at, body: {} });
  const { json: { id } } = await api.ask('token_create', { body: { role: 'analyst', tenant: 'acme', label: 'CI' } });
  await api.ask('tokens_list');
  await api.ask('token_revoke', { at: { id } });
});

test('console users log in as described, and see their tenant alone', async () => {
  const { json: { invitation: { token: invitation } } } = await api.ask('user_add', { body: { user: 'vera', role: 'tenant-admin', tenants: ['acme'] } });
  const anyone = { bearer: null };
  await api.ask('session_invitation_show', { ...anyone, body: { invitation } });
  await api.ask('session_invitation', { ...anyone, body: { invitation, password: PASSWORD } });
  await api.ask('session_begin', { ...anyone, body: { user: 'vera', password: 'not that one' }, status: 401 });
  const logIn = async (more) => (await api.ask('session_begin', { ...anyone, body: { user: 'vera', password: PASSWORD, bearer: true, ...more } })).json.token;
  let bearer = await logIn();
  await api.ask('session_show', { bearer });
  bearer = (await api.ask('session_password', { bearer, body: { password: PASSWORD, new: PASSWORD } })).json.token ?? await logIn();
  const { json: { uri } } = await api.ask('totp_begin', { bearer, body: { password: PASSWORD } });
  const secret = new URL(uri).searchParams.get('secret');
  const { json: { recovery_codes: codes } } = await api.ask('totp_prove', { bearer, body: { code: oneTimeCode(secret, Date.now()) } });
  await api.ask('totp_remove', { bearer, body: { code: codes[0] } });
  await api.ask('tenants_list', { bearer, status: 403 });
  await api.ask('tenant_show', { bearer, at: { tenant: 'borealis' }, status: 404 });

  const at = { ...acme, user: 'walt' };
  await api.ask('tenant_user_add', { bearer, at: acme, body: { user: 'walt', role: 'analyst' } });
  await api.ask('tenant_users_list', { bearer, at: acme });
  await api.ask('tenant_user_show', { bearer, at });
  await api.ask('tenant_user_change', { bearer, at, body: { role: 'supervisor' } });
  await api.ask('tenant_user_reset', { bearer, at, body: {} });
  await api.ask('tenant_user_sessions', { bearer, at });
  await api.ask('tenant_user_sessions_end', { bearer, at });
  await api.ask('tenant_user_remove', { bearer, at });
  await api.ask('session_end', { bearer });
  await api.ask('users_list');
  for (const id of ['user_show', 'user_sessions']) await api.ask(id, { at: { user: 'vera' } });
  await api.ask('user_change', { at: { user: 'vera' }, body: { role: 'analyst' } });
  await api.ask('user_reset', { at: { user: 'vera' }, body: {} });
  await api.ask('user_sessions_end', { at: { user: 'vera' } });
  await api.ask('user_remove', { at: { user: 'vera' } });
});

test('a chat is told of as described, from its first word to its erasure', async () => {
  const { visitor, contact } = await visits.served('a picture, please');
  await anna.say(contact, 'here I am');
  await visitor.hears('here I am');
  await visitor.sendFile('price list.png', png(40, 30));
  const { json: { items: [conversation] } } = await api.ask('conversations_list', { at: acme, query: { state: 'active' } });
  Object.assign(held, { id: conversation.id, visitor: conversation.visitor.id });
  const at = { ...acme, id: held.id };
  await api.ask('conversation_show', { at });
  await api.ask('conversation_route', { at });
  await api.ask('conversation_mail', { at, body: { to: 'vera@buyer.example' }, status: 409 }); // there is no mail server
  const { json: { items: [file] } } = await api.ask('files_list', { at: acme, query: { conversation: held.id } });
  await api.ask('file_fetch', { at: { ...acme, id: file.id } });
  await api.ask('conversation_end', { at, body: {} });
  await api.ask('conversation_end', { at, body: {}, status: 409 });
  await api.ask('transcripts_list', { at: acme });
  assert.equal((await api.ask('transcript_show', { at })).json.messages.length, 3);
  assert.equal((await api.ask('transcripts_search', { at: acme, query: { q: 'picture' } })).json.items.length, 1);
  const { text } = await api.ask('transcripts_export', { at: acme });
  for (const line of text.trim().split('\n')) api.check('transcript_show', { status: 200, type: 'application/json', json: JSON.parse(line) });
  const { schema: { enum: formats } } = api.operation('transcripts_export').parameters.find(({ name }) => name === 'format');
  for (const format of formats) await api.ask('transcripts_export', { at: acme, query: { format } });
  await api.ask('visitor_show', { at: { ...acme, id: held.visitor } });
  await api.ask('visitor_export', { at: { ...acme, id: held.visitor } });
  await api.ask('visitor_erase', { at: { ...acme, id: held.visitor }, body: {} });
  await api.ask('visitor_show', { at: { ...acme, id: held.visitor }, status: 404 });
});

test('what is taken in from elsewhere and coded is told of as described', async () => {
  const chats = Array.from({ length: 8 }, (_, i) => chat(`chat ${i}`, '2024-03-02T09:00:00Z'));
  await api.ask('transcripts_import', { at: acme, body: { transcripts: [...chats, { id: 'none' }] } });
  for (let left = 1; left > 0;) ({ json: { left } } = await api.ask('presence_code', { at: acme, body: {} }));
  const { json: { items: [{ id }] } } = await api.ask('transcripts_list', { at: acme, query: { until: '2024-04-01', limit: '1' } });
  held.chat = id;
  for (const name of ['presence_coders', 'presence_codebook', 'presence_report']) await api.ask(name, { at: acme });
  await api.ask('presence_report', { at: acme, query: { format: 'html' } });
  await api.ask('presence_explain', { at: { ...acme, id }, query: { seq: '1' } });
  await api.ask('presence_sample', { at: acme, body: { sample: 'spring', chats: 4 } });
  await api.ask('presence_assign', { at: acme, body: { sample: 'spring', coders: ['Erik', 'Anna'] } });
  for (const coder of ['Erik', 'Anna']) {
    for (;;) {
      const { json: sheet } = await api.ask('presence_next', { at: acme, query: { coder } });
      if (sheet.id === null) break;
      sheet.messages[0].codes = coder === 'Erik' ? ['WOM.SRC'] : [];
      const body = { coder, transcripts: [{ id: sheet.id, messages: sheet.messages, functions: [] }] };
      assert.deepEqual((await api.ask('presence_coded', { at: acme, body })).json.refused, []);
    }
  }
  await api.ask('presence_samples', { at: acme });
  const { json: { next } } = await api.ask('presence_adjudicate', { at: acme, body: { sample: 'spring' } });
  const settled = { id: next.id, messages: next.messages.map(({ codes }) => ({ codes })), functions: [] };
  await api.ask('presence_codes_add', { at: acme, body: { coder: 'adjudicated', transcripts: [settled] } });
  await api.ask('presence_codes_list', { at: acme, query: { coder: 'Erik' } });
  await api.ask('presence_agreement', { at: acme, body: { first: 'Erik', second: 'Anna', sample: 'spring' } });
  const lines = `${JSON.stringify({ lang: 'en', turns: [{ role: 'visitor', text: 'Hello!', codes: ['COH.GREET'] }] })}\n`;
  const { json: { reference } } = await api.ask('presence_reference_add', { at: acme, body: { lines } });
  await api.ask('presence_agreement', { at: acme, body: { reference_id: reference, classes: true } });
});

test('buyers, reports and bills are told of as described', async () => {
  await api.ask('presence_buyers', { at: acme, body: { buyers: [{ id: 'o1', at: '2024-03-03T09:00:00Z', chatted: true, recommend: 9 }, {}] } });
  await api.ask('presence_buyer_erase', { at: acme, body: { id: 'o1' } });
  await api.ask('presence_survey_links', { at: acme, body: { orders: [{ id: 'o2' }] } });
  for (const format of ['json', 'csv', 'html']) await api.ask('report_show', { at: acme, query: { month: '2024-03', format } });

  const month = '2024-03';
  await api.ask('billing_statement_show', { at: acme, query: { month }, status: 404 });
  const rules = JSON.parse(await readFile(join(root, 'docs/examples/billing.json'), 'utf8')).rules.filter(({ id: name }) => name !== 'moved');
  await api.ask('billing_rules_add', { at: acme, body: { from: month, currency: 'EUR', zone: 'UTC', rules } });
  await api.ask('billing_rules_list', { at: acme });
  for (const format of ['json', 'csv', 'html']) await api.ask('billing_statement_show', { at: acme, query: { month, format } });
  await api.ask('billing_statement_close', { at: acme, body: { month } });
  const { json: statement } = await api.ask('billing_statement_show', { at: acme, query: { month } });
  await api.ask('billing_statements_list', { at: acme });
  const { line } = statement.lines.find(({ billable }) => billable);
  const { json: { dispute } } = await api.ask('billing_dispute_add', { at: acme, body: { month, line, reason: 'We answered it ourselves.' } });
  await api.ask('billing_disputes_list', { at: acme });
  await api.ask('billing_dispute_decide', { at: acme, body: { dispute, accept: true } });
  await api.ask('billing_statement_show', { at: acme, query: { month: '2024-04' } });
});

test('what the API refuses, the manual tells of', async () => {
  const manual = await readFile(join(root, 'docs/api.md'), 'utf8');
  const codes = new Set([...JSON.stringify(api.document).matchAll(/"code":\{"type":"string","enum":\[([^\]]*)\]/g)].flatMap(([, list]) => JSON.parse(`[${list}]`)));
  assert.ok(codes.size > 60);
  assert.deepEqual([...codes].filter((code) => !manual.includes(`\`${code}\``)), []);
});

test('what the web process refuses by itself has a code, too', async () => {
  const { port } = new URL(instance.http);
  const refused = (headers) => new Promise((resolve, reject) => {
    const asked = request({ port, method: 'POST', path: '/api/v1/tenants', headers: { authorization: `Bearer ${api.bearer}`, ...headers } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, type: answer.headers['content-type'], json: JSON.parse(Buffer.concat(parts)) }));
    }).on('error', reject);
    asked.flushHeaders(); // the body never comes
  });
  for (const [status, headers] of [[413, { 'content-type': 'application/json', 'content-length': 300000 }], [415, { 'content-type': 'text/plain', 'content-length': 2 }]]) {
    const answer = await refused(headers);
    assert.equal(answer.status, status);
    api.check('tenant_add', answer);
  }
});

/** The manual's examples: { command, answer }, where it shows one. */
async function examples() {
  const text = await readFile(join(root, 'docs/api-examples.md'), 'utf8');
  const blocks = text.split(/\n(?! {4})/).map((part) => part.split('\n').filter((line) => line.startsWith('    ')).join('\n').trim()).filter((block) => block);
  return blocks.flatMap((block, i) => (block.startsWith('curl ') ? [{ command: block, answer: blocks[i + 1]?.startsWith('{') ? JSON.parse(blocks[i + 1]) : undefined }] : []));
}

/** Runs it as a reader would, and tells the status and the type beside what curl prints. */
const run = (command) => new Promise((resolve) => {
  const script = `curl() { command curl --silent --show-error --write-out '\\n%{http_code} %{method} %{url_effective} %{content_type}' "$@"; }; ${command}`;
  execFile('bash', ['-c', script], { maxBuffer: 1 << 24, env: { ...process.env, LASNA: api.base, TOKEN: api.bearer, CHAT: held.chat } }, (error, stdout, stderr) => {
    const [, text, status, method, url, type] = /^([^]*)\n(\d+) (\w+) (\S+) ([^\n]*)$/.exec(stdout) ?? assert.fail(`${command}: ${stderr}`);
    resolve({ text, status: Number(status), id: api.named(method, decodeURIComponent(new URL(url).pathname).replace('/api/v1', '')), type });
  });
});

test('the examples of the manual do what they show', async () => {
  const seen = new Set();
  for (const { command, answer } of await examples()) {
    const { text, status, id, type } = await run(command);
    const told = answer?.code ? answer.status : undefined;
    assert.ok(told ? status === told : status < 300, `${command}: ${status} ${text}`);
    const is = { status, type, json: /json(;|$)/.test(type) ? JSON.parse(text) : undefined };
    api.check(id, is);
    if (told) assert.equal(is.json.code, answer.code);
    if (answer) api.check(id, { ...is, json: answer });
    seen.add(id);
  }
  assert.ok(seen.size >= 18, [...seen].join(' '));
});

test('no operation was left out', () => {
  // These want another server's data, and a mail server: tests/integration/move and mail.
  assert.deepEqual(api.untried.sort(), ['conversation_mail', 'tenant_adopt']);
});
