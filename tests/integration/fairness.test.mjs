// SPDX-License-Identifier: Apache-2.0
// One tenant's flood stays one tenant's: it is held to what it is granted and told so, while another's
// visitor chats as if nothing were. `./dev bench flood` is the same at full size.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Flood, latencies } from '../support/fairness.mjs';
import { Instance, STUCK_MS, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start({ empty: true, limits: 'production' });
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  mkdirSync(join(instance.home, 'conf.d'), { recursive: true });
  writeFileSync(join(instance.home, 'conf.d', 'proxies.conf'), '[web]\nproxies = 127.0.0.0/8 ::1/128\n');
  process.kill((await instance.pids()).supervisor, 'SIGHUP');
  await until(async () => (await instance.log()).includes('reloaded'), { what: 'the reload' });
});
after(() => instance?.stop());

const visit = async (tenant, i) => {
  const visitor = new Visitor(instance, { tenant, origin: `https://${tenant}.example`, headers: { 'x-forwarded-for': `192.0.2.${i}` } });
  await visitor.connect();
  return visitor;
};

test('a flood is held to the quota and told so; the other tenant\'s visitor waits for nothing', async () => {
  await instance.control('tenant', 'set', 'borealis', 'quota.messages=100');
  const vera = await visit('acme', 1);
  const flood = await Flood.start(instance, { tenant: 'borealis', sockets: 150, perSecond: 15 });
  const took = await latencies(vera, 20);
  const counts = await flood.stop();
  assert.ok(counts.connected > 20, JSON.stringify(counts));
  assert.ok(counts.too_fast > counts.saved, `told: ${JSON.stringify(counts)}`);
  assert.ok(took.p99 < STUCK_MS, `p99 ${Math.round(took.p99)} ms while ${JSON.stringify(counts)}`);
  await instance.control('tenant', 'set', 'borealis', 'quota.messages=');
  await vera.close();
});

test('no more browsers than are granted; the other tenant lets them in', async () => {
  await until(async () => (await instance.control('tenant', 'show', 'borealis')).visitors === 0, { what: 'the flood to be gone' });
  await instance.control('tenant', 'set', 'borealis', 'quota.sessions=2');
  const two = [await visit('borealis', 10), await visit('borealis', 11)];
  await assert.rejects(visit('borealis', 12), ({ status }) => status === 503);
  const vera = await visit('acme', 13);
  await two[0].close();
  await until(() => visit('borealis', 14).then((visitor) => two.push(visitor), () => false), { what: 'a place' });
  await Promise.all([...two.slice(1), vera].map((visitor) => visitor.close()));
  await instance.control('tenant', 'set', 'borealis', 'quota.sessions=');
});

test('no more conversations than are granted: who is talking goes on, who is not is told', async () => {
  const open = (await instance.control('conversation', 'list', 'acme', '--state', 'open')).length;
  await instance.control('tenant', 'set', 'acme', `quota.conversations=${open + 1}`);
  const [vera, wim] = [await visit('acme', 20), await visit('acme', 21)];
  assert.equal((await vera.say('first')).type, 'saved');
  const refused = await wim.say('second');
  assert.deepEqual([refused.type, refused.code], ['error', 'unavailable']);
  assert.equal((await vera.say('and on')).type, 'saved');
  const { code, json } = await instance.ctl('check', 'tenants');
  assert.equal(code, 3);
  assert.ok(json.findings.some(({ tenant, text }) => tenant === 'acme' && /quota\.conversations/.test(text)));
  await instance.control('tenant', 'set', 'acme', 'quota.conversations=');
  assert.equal((await wim.say('second')).type, 'saved');
  await Promise.all([vera.close(), wim.close()]);
});

test('nor when its disk space is used up', async () => {
  const ida = await visit('borealis', 30);
  for (let i = 0; i < 30; i++) await until(async () => (await ida.say(`${i} ${'ä'.repeat(3900)}`)).type === 'saved', { what: 'a word' });
  const wim = await visit('borealis', 31);
  for (let i = 0; i < 30; i++) await until(async () => (await wim.say(`${i} ${'ä'.repeat(3900)}`)).type === 'saved', { what: 'a word' });
  await until(async () => (await instance.control('tenant', 'set', 'borealis', 'quota.storage_mb=1')) && (await instance.ctl('check', 'tenants')).code === 3,
    { what: 'a megabyte to be there' });
  const jan = await visit('borealis', 32);
  assert.equal((await jan.say('too late')).code, 'unavailable');
  assert.equal((await ida.say('still here')).type, 'saved');
  await Promise.all([ida, wim, jan].map((visitor) => visitor.close()));
});

test('what a disabled tenant may ask of the API is there after a restart, too', async () => {
  const { token } = await instance.control('token', 'create', '--role', 'tenant-admin', '--tenant', 'borealis');
  const shown = async () => {
    const answer = await fetch(`${instance.http}/api/v1/tenants/borealis`, { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, (await answer.json()).disabled];
  };
  await instance.control('tenant', 'disable', 'borealis');
  assert.deepEqual(await shown(), [200, true]);
  const { core } = await instance.pids();
  await instance.kill('core');
  await instance.restarted('core', core);
  assert.deepEqual(await shown(), [200, true]);
});
