// SPDX-License-Identifier: Apache-2.0
// Tenants as a document: exported from one instance, applied to an empty other one, exported again.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Visitor } from '../support/visitor.mjs';

const TENANTS = 20;
let from, to;

before(async () => {
  from = await Instance.start({ empty: true });
  to = await Instance.start({ empty: true });
});
after(async () => {
  await from?.stop();
  await to?.stop();
});

const file = (name) => join(to.home, name);
const write = (name, document) => {
  writeFileSync(file(name), typeof document === 'string' ? document : JSON.stringify(document));
  return file(name);
};
async function exported(instance, ...tenants) {
  const { file: path } = await instance.control('tenant', 'export', ...tenants, '-o', file('export.json'));
  return readFileSync(path, 'utf8');
}
const apply = (...args) => to.ctl('apply', ...args);
const audit = async () => (await to.control('audit', 'list')).filter(({ action }) => !action.startsWith('transcript')).length;

test('what one instance exports, an empty one becomes, to the byte; 20 tenants', async () => {
  const document = { lasna: 'tenants/1',
    agents: [{ jid: 'anna@agents.localhost', name: 'Anna', limit: 9 }, { jid: 'outi@agents.localhost', name: 'Outi' }],
    tenants: Array.from({ length: TENANTS }, (_, i) => ({ tenant: `client-${String(i).padStart(2, '0')}`, name: `Client ${i} Oy`,
      languages: i % 2 ? ['fi', 'en'] : ['en'],
      sites: [{ origins: [`https://client-${i}.example`], settings: i % 3 ? {} : { 'widget.color': '#AA0000' } },
        ...(i % 4 ? [] : [{ origins: [`https://shop-${i}.example`, `https://shop-${i}.test`], settings: { 'widget.side': 'left' } }, { origins: [`https://third-${i}.example`] }])],
      settings: { 'routing.offer_ms': '30s', 'widget.greeting:fi': 'Hei!', 'widget.greeting': `Welcome to ${i}` },
      identity: { required: i === 4 }, disabled: i === 5, ...(i === 3 && { avatar: png(48, 48, { noise: 500 }).toString('base64') }),
      agents: [{ jid: 'anna@agents.localhost', role: 'supervisor', skills: ['fi', 'billing'], limit: i + 1, persona: 'Anna K', signature: '{agent}\n{company}', ...(i === 3 && { avatar: png(64, 64).toString('base64') }) },
        { jid: 'outi@agents.localhost' }] })) };
  const { code, stderr } = await from.ctl('apply', '-f', write('wanted.json', document), '--yes');
  assert.equal(code, 0, stderr);
  const before = await exported(from);
  assert.equal(JSON.parse(before).tenants.length, TENANTS);
  assert.equal(JSON.parse(before).tenants[3].settings['routing.offer_ms'], '30000');
  assert.deepEqual(JSON.parse(before).tenants[4].sites.map(({ settings }) => settings), [{}, { 'widget.side': 'left' }, {}]);
  assert.ok(!/secret|token|kid|"id"|created/.test(before.replace(/"avatar": "[^"]*"/g, '')));
  assert.equal(JSON.parse(before).tenants[3].avatar, png(48, 48).toString('base64'), 'without what stood beside it');

  const done = await apply('-f', write('before.json', before), '--yes');
  assert.equal(done.code, 0, done.stderr);
  assert.ok(done.json.done);
  assert.equal(await exported(to), before);

  const entries = await audit();
  const again = await apply('-f', file('before.json'), '--prune');
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(again.json.changes, []);
  assert.equal((await apply('-f', file('wanted.json'))).code, 0, 'spelt otherwise, it is the same');
  assert.equal(await audit(), entries);
});

test('only what differs is changed, each line told; a trial and a missing --yes change nothing', async () => {
  const document = { lasna: 'tenants/1', tenants: [{ tenant: 'client-00', name: 'Renamed Oy', settings: { 'routing.offer_ms': '40s', 'widget.greeting': null },
    sites: [{ origins: ['https://shop.example'] }], agents: [{ jid: 'anna@agents.localhost', limit: 4 }] }] };
  const lines = ['~ client-00 name Client 0 Oy → Renamed Oy', '~ client-00 routing.offer_ms 30000 → 40000', '- client-00 widget.greeting Welcome to 0',
    '~ client-00 site 1 origins https://client-0.example → https://shop.example', '~ anna@agents.localhost at client-00 role supervisor → agent',
    '~ anna@agents.localhost at client-00 skills fi,billing → -', '~ anna@agents.localhost at client-00 limit 1 → 4',
    '~ anna@agents.localhost at client-00 persona Anna K → -', '~ anna@agents.localhost at client-00 signature {agent} {company} → -'];
  const unchanged = await exported(to);
  write('change.json', document);
  const trial = await apply('-f', file('change.json'), '--dry-run');
  assert.deepEqual(trial.json, { changes: lines, done: false });
  assert.equal((await apply('-f', file('change.json'))).code, 2);
  assert.equal(await exported(to), unchanged);
  assert.equal((await apply('-f', file('change.json'), '--yes')).code, 0);
  const after = JSON.parse(await exported(to, 'client-00', 'client-01'));
  assert.deepEqual(after.tenants.map(({ tenant }) => tenant), ['client-00', 'client-01']);
  assert.deepEqual(after.tenants[0].settings, { 'routing.offer_ms': '40000', 'widget.greeting:fi': 'Hei!' });
  assert.equal(after.tenants[0].agents.length, 2, 'nobody is taken away unasked');
  const pruned = await apply('-f', file('change.json'), '--prune', '--yes');
  assert.deepEqual(pruned.json.changes, ['- client-00 widget.greeting:fi Hei!', '- outi@agents.localhost from client-00']);
  assert.deepEqual((await apply('-f', file('change.json'), '--prune')).json.changes, []);
  assert.equal((await to.control('tenant', 'list')).length, TENANTS);
});

test('a document that cannot be is refused with its place, before the first change', async () => {
  const unchanged = await exported(to);
  const tenant = { tenant: 'new-one', sites: [{ origins: ['https://new-one.example'] }] };
  for (const [document, code, tells] of [
    ['{"lasna": ', 2, /is no JSON: line 1/],
    [{ lasna: 'tenants/1', tenants: [tenant, { tenant: 'client-01', settings: { 'widget.color': 'red' } }] }, 2, /tenants\[1\]\.settings cannot be: .*widget\.color/],
    [{ lasna: 'tenants/1', tenants: [tenant, { tenant: 'client-01', agents: [{ jid: 'anna@agents.localhost', skils: [] }] }] }, 2, /tenants\[1\]\.agents\[0\] has an unknown member "skils"/],
    [{ lasna: 'tenants/1', tenants: [tenant, { tenant: 'client-01', agents: [{ jid: 'nobody@agents.localhost' }] }] }, 1, /tenants\[1\]\.agents\[0\]\.jid: nobody@agents\.localhost is no agent/],
    [{ lasna: 'tenants/1', tenants: [tenant, { tenant: 'client-99' }] }, 1, /tenants\[1\]\.sites is missing/],
  ]) {
    const refused = await apply('-f', write('bad.json', document), '--yes');
    assert.equal(refused.code, code, refused.stderr);
    assert.match(refused.stderr, tells);
  }
  assert.equal(await exported(to), unchanged);
  assert.equal((await to.ctl('tenant', 'export', 'nobody')).code, 1);
});

test('it stops at what the instance refuses, and tells what is done and what is not', async () => {
  const document = { lasna: 'tenants/1', tenants: [{ tenant: 'client-02', name: 'Done Oy' },
    { tenant: 'client-99', sites: [{ origins: ['https://client-99.example'] }] }, { tenant: 'client-06', name: 'Not Done Oy' }] };
  await to.kill('xmpp'); // so that no tenant can be added
  const { code, stderr } = await apply('-f', write('half.json', document), '--yes');
  await to.startXmpp();
  assert.equal(code, 1);
  assert.match(stderr, /1 of 3 changes are done\. Not done:\n {2}\+ tenant client-99\n {2}~ client-06 name/);
  assert.equal((await to.control('tenant', 'show', 'client-02')).name, 'Done Oy');
  assert.equal((await to.control('tenant', 'show', 'client-06')).name, 'Client 6 Oy');
  assert.equal((await to.ctl('tenant', 'show', 'client-99')).code, 1);
  await until(async () => (await to.ctl('check', 'xmpp')).code === 0, { what: 'the links' });
});

test('a language that is none is refused before the first change', async () => {
  const document = { lasna: 'tenants/1', tenants: [{ tenant: 'client-02', name: 'Never Oy' }, { tenant: 'client-03', languages: ['x-'] }] };
  const { code, stderr } = await apply('-f', write('odd.json', document), '--yes');
  assert.equal(code, 2);
  assert.match(stderr, /tenants\[1\]\.languages\[0\] must be a language/);
  assert.equal((await to.control('tenant', 'show', 'client-02')).name, 'Done Oy');
});

test('a revoked agent does not come back by an old document', async () => {
  await to.control('agent', 'revoke', 'outi@agents.localhost');
  const { code, stderr } = await apply('-f', file('before.json'), '--yes');
  assert.equal(code, 1);
  assert.match(stderr, /agents\[1\]\.jid: outi@agents\.localhost was revoked/);
});

test('a tenant made this way serves', async () => {
  await to.addAgent('tuomas', 'client-07');
  const tuomas = await Agent.login(to, 'tuomas');
  const vera = new Visitor(to, { tenant: 'client-07', name: 'Vera', origin: 'https://client-7.example' });
  await vera.connect();
  await vera.say('hello?');
  await tuomas.accept('client-07', /Vera/);
  await vera.close();
  await tuomas.stop();
});
