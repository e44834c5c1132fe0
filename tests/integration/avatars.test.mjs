// SPDX-License-Identifier: Apache-2.0
// Pictures of personas: put there by lasnactl or the API, told to visitors as an address that says
// nothing of the person, served to whoever asks there, and gone with whom they show.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Visits } from '../support/visits.mjs';

let instance, anna, visits;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  visits = new Visits(instance, anna);
});
after(async () => {
  await visits?.close();
  await anna?.stop();
  await instance?.stop();
});

const jid = () => `anna@${instance.about.xmpp.agents_domain}`;
const file = (name, bytes) => {
  const path = join(instance.home, name);
  writeFileSync(path, bytes);
  return path;
};
const token = async (role) => (await instance.control('token', 'create', '--role', role, '--tenant', 'acme', '--expires', '1h')).token;
const ask = async (path, bearer, method = 'GET', body) => fetch(`${instance.http}/api/v1/tenants${path}`, {
  method, headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { body: JSON.stringify(body) }),
});

test('before there is any, nobody has one', async () => {
  const visitor = await visits.come();
  const { settings } = visitor.welcome;
  assert.equal(settings.avatar, null);
  assert.ok(settings.team.every(({ avatar }) => avatar === null));
  const { code, stderr } = await instance.ctl('tenant', 'avatar', 'acme');
  assert.equal(code, 1);
  assert.match(stderr, /no such avatar/i);
});

test("the tenant's picture stands for whoever has none, a persona's own in its place", async () => {
  const [brand, own] = [png(96, 96), png(64, 64, { noise: 4000 })];
  const shown = await instance.control('tenant', 'avatar', 'acme', file('brand.png', brand));
  assert.match(shown.address, /^\/p\/acme\/[a-z2-7]{26}$/);
  const { visitor, contact } = await visits.served('who is there?');
  assert.equal((await visitor.next(({ type }) => type === 'agent')).avatar, shown.address);
  assert.equal(visitor.welcome.settings.avatar, shown.address);
  assert.ok(visitor.welcome.settings.team.every(({ avatar }) => avatar === shown.address));

  const hers = await instance.control('agent', 'avatar', jid(), 'acme', file('anna.png', own));
  assert.notEqual(hers.address, shown.address);
  assert.ok(hers.bytes < 1000, 'what stood beside the picture is not kept');
  await anna.say(contact, 'it is me');
  assert.equal((await visitor.hears('it is me')).avatar, hers.address);

  const back = await visits.come({ token: visitor.token });
  assert.equal(back.welcome.agent.avatar, hers.address);
  assert.equal((await back.hears('it is me')).avatar, hers.address);
  assert.equal((await back.next(({ type, from }) => type === 'message' && from === 'visitor')).avatar, null);
  assert.equal((await instance.control('tenant', 'show', 'acme')).avatar, shown.address);
  assert.ok((await instance.control('agent', 'show', jid())).tenants.some(({ avatar }) => avatar === hers.address));
});

test('it is served for good, as nothing that runs, and by its own tenant alone', async () => {
  const { address, bytes } = await instance.control('agent', 'avatar', jid(), 'acme');
  assert.ok(!/anna/i.test(address));
  const answer = await fetch(instance.http + address);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'image/png');
  assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-security-policy'), /^sandbox; default-src 'none'/);
  const served = Buffer.from(await answer.arrayBuffer());
  assert.equal(served.length, bytes);
  assert.ok(!served.includes('tEXt'));
  const copied = join(instance.home, 'copied.png');
  await instance.control('agent', 'avatar', jid(), 'acme', '-o', copied);
  assert.ok(readFileSync(copied).equals(served));

  const head = await fetch(instance.http + address, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(bytes));
  assert.equal((await fetch(instance.http + address, { method: 'POST' })).status, 405);
  const key = address.split('/').at(-1);
  for (const path of [`/p/borealis/${key}`, `/p/nobody/${key}`, `/p/acme/${'a'.repeat(26)}`, `/p/acme/${key}x`, `/p/acme/${key.toUpperCase()}`, '/p/acme/', `/p/acme/${key}/`, '/p/acme'])
    assert.equal((await fetch(instance.http + path)).status, 404, path);
});

test('what is no still picture of fitting size is refused, and the one there was stays', async () => {
  const { address } = await instance.control('agent', 'avatar', jid(), 'acme');
  const moving = Buffer.concat([Buffer.from('RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x3f\0\0', 'latin1'), Buffer.from('ANMF\0\0\0\0', 'latin1')]);
  const wrong = {
    'nothing.png': [Buffer.alloc(0), /no whole PNG, JPEG or WebP/],
    'drawing.svg': [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), /no whole PNG/],
    'page.png': [Buffer.from('<!doctype html><script>alert(1)</script>'), /no whole PNG/],
    'moving.gif': [Buffer.from('GIF89a@\x01\xf0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01.\0;', 'latin1'), /no whole PNG/],
    'archive.png': [Buffer.concat([png(64, 64), Buffer.from('PK\x03\x04')]), /no whole PNG/],
    'half.png': [png(64, 64).subarray(0, 60), /no whole PNG/],
    'small.png': [png(31, 64), /32 to 1024 pixels/],
    'wide.png': [png(1025, 64), /32 to 1024 pixels/],
    'bomb.png': [png(64, 64, { claim: [65535, 65535] }), /32 to 1024 pixels/],
    'moving.webp': [moving, /It moves/],
    'long.png': [png(64, 64, { noise: 140 * 1024 }), /longer than 128 KiB/],
  };
  for (const [name, [bytes, says]] of Object.entries(wrong)) {
    const { code, stderr } = await instance.ctl('agent', 'avatar', jid(), 'acme', file(name, bytes));
    assert.equal(code, 1, name);
    assert.match(stderr, says, name);
  }
  const admin = await token('tenant-admin');
  for (const [name, [bytes]] of Object.entries(wrong)) {
    const answer = await ask(`/acme/agents/${jid()}/avatar`, admin, 'PUT', { picture: bytes.toString('base64') });
    assert.ok([400, 413].includes(answer.status), `${name}: ${answer.status}`);
  }
  assert.equal((await instance.control('agent', 'avatar', jid(), 'acme')).address, address);
  assert.match((await instance.ctl('agent', 'avatar', jid(), 'acme', join(instance.home, 'none.png'))).stderr, /cannot be read/);
  assert.equal((await instance.ctl('agent', 'avatar', jid(), 'acme', file('a.png', png(64, 64)), '--remove')).code, 2);
});

test('supervisors look, those who run the tenant change; another tenant is not there', async () => {
  const [supervisor, admin] = await Promise.all(['supervisor', 'tenant-admin'].map(token));
  const body = { picture: png(48, 48).toString('base64') };
  const places = ['/acme/avatar', `/acme/agents/${jid()}/avatar`];
  for (const path of places) {
    assert.equal((await ask(path, supervisor)).status, 200);
    assert.equal((await ask(path, supervisor, 'PUT', body)).status, 403);
    assert.equal((await ask(path, supervisor, 'DELETE')).status, 403);
    assert.equal((await ask(path, 'A'.repeat(43), 'PUT', body)).status, 401);
  }
  for (const path of ['/borealis/avatar', `/borealis/agents/${jid()}/avatar`]) {
    assert.equal((await ask(path, admin)).status, 404);
    assert.equal((await ask(path, admin, 'PUT', body)).status, 404);
  }
  assert.equal((await ask('/acme/agents/nobody@agents.localhost/avatar', admin, 'PUT', body)).status, 404);
  const put = await ask(places[1], admin, 'PUT', body);
  assert.equal(put.status, 200);
  const read = await ask(places[1], admin);
  assert.equal((await ask(places[1], admin, 'PUT', { picture: (await read.clone().json()).picture })).status, 200);
  assert.equal((await read.json()).address, (await put.json()).address);
  const { items } = await (await ask('/acme/audit', admin)).json();
  assert.ok(items.some(({ action, detail, who }) => action === 'member_avatar_set' && detail.includes(`jid=${jid()}`) && who.startsWith('token:')));
});

test('it outlives a restart, and goes with the assignment', async () => {
  const { address } = await instance.control('agent', 'avatar', jid(), 'acme');
  await instance.kill('core').then((pid) => instance.restarted('core', pid));
  assert.equal((await fetch(instance.http + address)).status, 200);
  const visitor = await visits.come();
  assert.match(visitor.welcome.settings.avatar, /^\/p\/acme\//);
  await instance.control('agent', 'assign', jid(), 'acme', '--limit', '7');
  assert.equal((await instance.control('agent', 'avatar', jid(), 'acme')).address, address, 'assigned again she keeps it');
  await instance.control('agent', 'unassign', jid(), 'acme');
  assert.equal((await fetch(instance.http + address)).status, 404);
  await instance.control('agent', 'assign', jid(), 'acme');
  assert.equal((await instance.ctl('agent', 'avatar', jid(), 'acme')).code, 1);
  await instance.control('tenant', 'avatar', 'acme', '--remove');
  assert.equal((await visits.come()).welcome.settings.avatar, null);
  assert.equal((await instance.ctl('verify')).code, 0);
});
