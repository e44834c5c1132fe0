// SPDX-License-Identifier: Apache-2.0
// One tenant's database is damaged in twenty ways while another's visitor chats on: the other
// notices nothing, whoever runs the damaged one is told, and with a good file it serves again.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, openSync, closeSync, writeSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Instance, STUCK_MS, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;
let good;
let folder;
let vera;
const took = [];

const visit = async (tenant, name) => {
  const visitor = new Visitor(instance, { tenant, name, origin: `https://${tenant}.example` });
  await visitor.connect();
  return visitor;
};

before(async () => {
  instance = await Instance.start({ empty: true });
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  const bea = await visit('borealis', 'Bea');
  for (let i = 0; i < 40; i++) await bea.say(`words of borealis ${i} `.repeat(40));
  await bea.close();
  vera = await visit('acme', 'Vera');
  folder = join(instance.home, 'data', 'tenants', 'borealis');
  good = join(instance.home, 'good');
  await instance.control('tenant', 'disable', 'borealis');
  cpSync(folder, good, { recursive: true });
  await instance.control('tenant', 'enable', 'borealis');
});
after(() => instance?.stop());

const database = () => join(folder, 'transcripts.db');
const overwrite = (at, bytes, path = database()) => {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
};
const garbage = (length) => Buffer.from(Array.from({ length }, (_, i) => (i * 7919 + 13) % 251));
const half = () => Math.floor(statSync(database()).size / 2);

// What is done to the closed file, and whether a tenant with it can be served at all.
const damages = {
  'its first bytes': () => overwrite(0, garbage(16)),
  'its whole first page': () => overwrite(0, garbage(4096)),
  'zeros for a header': () => overwrite(0, Buffer.alloc(100)),
  'another page size': () => overwrite(16, Buffer.from([0x00, 0x03])),
  'a wrong file format': () => overwrite(18, Buffer.from([9, 9])),
  'a wrong schema format': () => overwrite(44, Buffer.from([0, 0, 0, 9])),
  'garbage for the second page': () => overwrite(4096, garbage(4096)),
  'garbage for the third page': () => overwrite(8192, garbage(4096)),
  'garbage in the middle': () => overwrite(half() - (half() % 4096), garbage(4096)),
  'zeros in the middle': () => overwrite(half() - (half() % 4096), Buffer.alloc(8192)),
  'garbage in every page': () => { for (let at = 4096; at < statSync(database()).size; at += 4096) overwrite(at, garbage(64)); },
  'half of it gone': () => truncateSync(database(), half()),
  'all but one page gone': () => truncateSync(database(), 4096),
  'all but a hundred bytes gone': () => truncateSync(database(), 100),
  'a text in its place': () => writeFileSync(database(), 'This is no database.\n'.repeat(400)),
  'a folder in its place': () => { rmSync(database()); mkdirSync(database()); },
  'a random file in its place': () => writeFileSync(database(), garbage(65536)),
  'a version of the future': () => overwrite(60, Buffer.from([0, 0, 1, 0])),
  'a folder where its log would be': () => mkdirSync(`${database()}-wal`),
  'its folder taken for a file': () => { renameSync(folder, `${folder}.away`); writeFileSync(folder, 'not a folder'); rmSync(`${folder}.away`, { recursive: true }); },
};

for (const [what, damage] of Object.entries(damages)) {
  test(`borealis with ${what}`, async () => {
    await instance.control('tenant', 'disable', 'borealis');
    damage();
    const enabled = await instance.ctl('tenant', 'enable', 'borealis');
    const started = performance.now();
    assert.equal((await vera.say(`acme goes on despite ${what}`)).type, 'saved');
    took.push(performance.now() - started);
    if (enabled.code === 0) { // damage deep inside is found by the walk
      const { code, json } = await instance.ctl('verify');
      assert.equal(code, 3, `${what}: ${JSON.stringify(json?.findings)}`);
      assert.ok(json.findings.some(({ tenant, verdict }) => tenant === 'borealis' && verdict === 'problem'));
      assert.ok(!json.findings.some(({ tenant, verdict }) => tenant === 'acme' && verdict === 'problem'));
    } else {
      assert.match(enabled.stderr, /tenant_unavailable/);
      const { code, json } = await instance.ctl('check', 'store');
      assert.equal(code, 3);
      assert.ok(json.findings.some(({ tenant, verdict, text }) => tenant === 'borealis' && verdict === 'problem' && /database/.test(text)));
      await assert.rejects(visit('borealis', 'Bea'));
    }
    await instance.control('tenant', 'disable', 'borealis');
    rmSync(folder, { recursive: true, force: true });
    cpSync(good, folder, { recursive: true });
    await instance.control('tenant', 'enable', 'borealis');
  });
}

test('acme never waited long, and nothing of it is lost; borealis serves again', async () => {
  assert.ok(took.length === Object.keys(damages).length && Math.max(...took) < STUCK_MS, `${Math.round(Math.max(...took))} ms`);
  const [line] = await instance.exported('acme');
  assert.equal(line.messages.length, took.length);
  const [old] = await instance.exported('borealis');
  assert.equal(old.messages.length, 40);
  const bea = await visit('borealis', 'Bea');
  assert.equal((await bea.say('here again')).type, 'saved');
  await bea.close();
  await until(async () => (await instance.ctl('verify')).code === 0, { what: 'all to hold' });
  await vera.close();
});
