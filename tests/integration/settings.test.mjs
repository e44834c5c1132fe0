// SPDX-License-Identifier: Apache-2.0
// Settings in layers, changed on a running instance: what counts, what the widget and the
// agents notice at once, and who is told to have done it.
import assert from 'node:assert/strict';
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

const loader = async (tenant) => (await fetch(`${instance.http}/w/${tenant}.js`)).text();
const color = async (tenant) => /"?color"?:"(#[0-9a-f]{6})"/.exec(await loader(tenant))?.[1];
const shown = async (tenant, key) => (await instance.control('tenant', 'show', tenant)).settings[key];

test('a tenant set counts at once, for that tenant alone, and tells where from', async () => {
  await instance.control('tenant', 'set', 'acme', 'widget.color=#AA0000', 'routing.offer_ms=30s');
  await until(async () => (await color('acme')) === '#aa0000', { what: 'the new colour' });
  assert.equal(await color('borealis'), '#1f6feb');
  assert.deepEqual(await shown('acme', 'routing.offer_ms'), { value: '30000', from: 'tenant' });
  assert.deepEqual(await shown('borealis', 'routing.offer_ms'), { value: '20000', from: 'built-in' });
});

test('the server speaks for tenants that say nothing, a site differs from its tenant', async () => {
  await instance.control('settings', 'set', 'widget.color=#00aa00');
  await until(async () => (await color('borealis')) === '#00aa00', { what: 'the server\'s colour' });
  assert.equal(await color('acme'), '#aa0000');
  const [{ id }] = (await instance.control('tenant', 'show', 'acme')).sites;
  await instance.control('tenant', 'set', 'acme', 'widget.color=#0000aa', '--site', id);
  await until(async () => (await color('acme')) === '#0000aa', { what: 'the site\'s colour' });
  await instance.control('tenant', 'set', 'acme', 'widget.color=', '--site', id);
  await until(async () => (await color('acme')) === '#aa0000', { what: 'the tenant\'s colour again' });
});

test('an open page goes on while settings change', async () => {
  const visitor = new Visitor(instance, { tenant: 'acme', name: 'Vera', origin: 'https://acme.example' });
  await visitor.connect();
  await visitor.say('before');
  await instance.control('tenant', 'set', 'acme', 'widget.color=#bb0000');
  await visitor.say('after');
  await visitor.close();
});

test('the next offer stands as long as the tenant says now', async () => {
  await instance.addAgent('anna', 'borealis');
  const anna = await Agent.login(instance, 'anna');
  await instance.control('tenant', 'set', 'borealis', 'routing.offer_ms=47s');
  const visitor = new Visitor(instance, { tenant: 'borealis', name: 'Bea', origin: 'https://borealis.example' });
  await visitor.connect();
  await visitor.say('hello?');
  await anna.hears(/Bea.*\(47 s\)/);
  await anna.stop();
  await visitor.close();
});

test('what cannot be is refused with its range, and changes nothing', async () => {
  for (const [change, tells] of [['routing.offer_ms=1', /5000 to 3600000 ms/], ['routing.priority=fi:0', /existing:2 fi:1/], ['widget.color=red', /#rrggbb/],
    ['no.such=1', /no setting/], ['widget.color', /KEY=VALUE/]]) {
    const { code, stderr } = await instance.ctl('tenant', 'set', 'acme', 'routing.gone_grace_ms=9s', change);
    assert.equal(code, 1, change);
    assert.match(stderr, tells);
  }
  assert.equal((await shown('acme', 'routing.gone_grace_ms')).from, 'built-in');
  assert.equal((await instance.ctl('tenant', 'set', 'acme')).code, 2);
});

test('settings outlive a restart of the core, and the audit tells who did what', async () => {
  const old = await instance.kill('core');
  await instance.restarted('core', old);
  await until(async () => (await instance.ctl('tenant', 'show', 'acme')).code === 0, { what: 'the core' });
  assert.deepEqual(await shown('acme', 'routing.offer_ms'), { value: '30000', from: 'tenant' });
  const entries = await instance.control('tenant', 'audit', 'acme');
  const first = entries.findLast(({ action }) => action === 'tenant_settings_change');
  assert.equal(first.who, 'operator');
  assert.match(first.detail, /widget\.color=#AA0000/);
  assert.ok((await instance.control('audit', 'list')).length > entries.length);
});
