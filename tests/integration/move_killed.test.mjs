// SPDX-License-Identifier: Apache-2.0
// A tenant of another server is taken over, and whoever does it is killed with -9 at one system call
// after the other: lasnactl, which puts the files in place, and the core, which makes them a tenant.
// Either nothing is known of it, or it is whole; and the next import finds its way.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { coreDyingAt, lasnactlDyingAt } from '../support/dying.mjs';
import { Instance, until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Visitor } from '../support/visitor.mjs';

let old, fresh, aside, dir, key, wanted;
let deaths = 0;

before(async () => {
  [old, fresh] = await Promise.all([Instance.start({ empty: true }), Instance.start({ empty: true })]);
  aside = mkdtempSync(join(tmpdir(), 'lasna-move-'));
  key = join(aside, 'key');
  dir = join(aside, 'acme');
  writeFileSync(key, 'a key of a backup that is long enough\n', { mode: 0o600 });
  await old.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  const vera = new Visitor(old, { tenant: 'acme', name: 'Vera', origin: 'https://acme.example' });
  await vera.connect();
  await vera.say('before the move');
  await vera.sendFile('picture.png', png());
  await vera.close();
  await old.control('backup', dir, '--tenant', 'acme', '--key-file', key);
  wanted = await everything(old, 'wanted');
  await fresh.control('tenant', 'add', 'borealis', '--origin', 'https://borealis.example');
});
after(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  if (aside) rmSync(aside, { recursive: true, force: true });
});

const args = () => ['tenant', 'import', dir, '--key-file', key];
const known = async () => (await fresh.ctl('tenant', 'show', 'acme')).code === 0;

async function everything(instance, name) {
  const file = join(aside, name);
  await instance.control('transcript', 'export', 'acme', '--format', 'jsonl', '-o', file);
  return readFileSync(file, 'utf8');
}

/** After a death: whole, or unknown and to be imported anew. Then it goes, without a trace. */
async function wholeAndGone() {
  if (!(await known())) await fresh.control(...args());
  await fresh.control('tenant', 'enable', 'acme');
  assert.equal(await everything(fresh, 'found'), wanted);
  assert.equal((await fresh.ctl('verify')).code, 0);
  await until(async () => (await fresh.ctl('tenant', 'remove', 'acme', '--yes')).code === 0, { what: 'the removal' });
  rmSync(join(fresh.home, 'data', 'erasures')); // as on a server that never had it
  assert.ok(!existsSync(join(fresh.home, 'data', 'tenants', 'acme')));
}

for (const syscall of ['mkdir', 'fsync', 'fdatasync', 'rename', 'renameat2', 'unlink']) {
  test(`lasnactl killed at each ${syscall} of an import`, { timeout: 500000 }, async () => {
    for (let nth = 1; ; nth++) {
      const { died, code } = await lasnactlDyingAt(fresh, syscall, nth, args());
      deaths += died;
      if (!died) assert.equal(code, 0, 'an import nobody disturbed');
      await wholeAndGone();
      if (!died) break;
    }
  });
}

for (const syscall of ['fdatasync', 'unlink', 'writev']) {
  test(`the core killed at each ${syscall} of an import`, { timeout: 500000 }, async () => {
    const before = deaths;
    for (let nth = 1; ; nth++) {
      const died = await coreDyingAt(fresh, syscall, nth, async () => ((await known()) ? { code: 0 } : fresh.ctl(...args())));
      deaths += died;
      await wholeAndGone();
      if (!died) break;
    }
    assert.ok(deaths > before, 'nothing was killed');
  });
}

test('nothing is left of all those that were broken off, and who was there notices nothing', async () => {
  assert.ok(deaths > 10, `${deaths} deaths`);
  assert.deepEqual(readdirSync(join(fresh.home, 'data', 'tenants')), ['borealis']);
  assert.deepEqual(readdirSync(join(fresh.home, 'data')).filter((name) => /^\.|restor|stag/.test(name)), []);
  const bea = new Visitor(fresh, { tenant: 'borealis', origin: 'https://borealis.example' });
  await bea.connect();
  assert.equal((await bea.say('hello')).type, 'saved');
  await bea.close();
});
