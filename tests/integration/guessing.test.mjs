// SPDX-License-Identifier: Apache-2.0
// Whoever guesses tokens is soon told to wait, by the address of the socket alone: what they write of
// other addresses counts only from a proxy that is configured as ours.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Instance, eventually, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;
let valid;

before(async () => {
  instance = await Instance.start({ empty: true, limits: 'production' });
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  valid = (await instance.control('token', 'create', '--role', 'admin')).token;
});
after(() => instance?.stop());

const ask = (bearer, forwarded) => fetch(`${instance.http}/api/v1/tenants`, {
  headers: { authorization: `Bearer ${bearer}`, ...(forwarded && { 'x-forwarded-for': forwarded }) },
});
const wrong = (i) => `${'A'.repeat(40)}${String(i).padStart(3, '0')}`;

/** Guesses until told to wait, ten times at least: of what a slow machine takes long for, some is granted again meanwhile. */
async function guessed(guess) {
  for (let looked = 0; looked < 60; looked++) {
    const answer = await guess(looked);
    if (answer.status !== 429) assert.equal(answer.status, 401);
    else return assert.ok(looked >= 10, `${looked} were looked at`), answer;
  }
  return assert.fail('nobody was told to wait');
}

test('ten wrong tokens are 401, then it is 429 with the time to wait, whatever is shown or written', async () => {
  assert.equal((await ask(valid)).status, 200);
  const answer = await guessed((i) => ask(wrong(i)));
  const wait = Number(answer.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 6, `${wait} s`);
  assert.equal((await answer.json()).code, 'too_many_failures');
  let forged = 0;
  await eventually(async () => { // one in six seconds is granted again, and a busy machine may rest so long between two
    while ((await ask(wrong(11))).status !== 429);
    assert.equal((await ask(wrong(12), `198.51.100.${forged++ % 250}`)).status, 429, 'a forged address changes nothing');
    assert.equal((await ask(valid)).status, 429, 'else guessing would go on for free');
  });
  assert.equal((await instance.ctl('tenant', 'list')).code, 0, 'the operator is not concerned');
});

test('behind a proxy of ours each address stands for itself', async () => {
  mkdirSync(join(instance.home, 'conf.d'), { recursive: true });
  writeFileSync(join(instance.home, 'conf.d', 'proxies.conf'), '[web]\nproxies = 127.0.0.0/8 ::1/128\n');
  process.kill((await instance.pids()).supervisor, 'SIGHUP');
  await until(async () => (await ask(valid, '198.51.100.8')).status === 200, { what: 'the setting to count' });
  await guessed((i) => ask(wrong(i), `192.0.2.${100 + i}, 198.51.100.9`)); // what stands before the last is hearsay
  assert.equal((await ask(valid, '198.51.100.8')).status, 200, 'others go on');
});

test('behind it each address is held to what it may ask, whatever it asks for', async () => {
  const get = (path, from) => fetch(instance.http + path, { headers: { 'x-forwarded-for': from } }).then(({ status }) => status);
  for (const [i, path] of ['/w/acme.js', `/f/acme/${'a'.repeat(52)}/x.png`, '/nothing'].entries()) {
    const statuses = await Promise.all(Array.from({ length: 1000 }, () => get(path, `203.0.113.${i}`)));
    const refused = statuses.filter((status) => status === 429).length;
    assert.ok(refused > 0 && refused <= 760, `${path}: ${refused} of 1,000 refused`); // 240 at once
    assert.notEqual(await get(path, `203.0.113.${100 + i}`), 429, 'others go on');
  }
});

test('wrong passwords count like wrong tokens, whatever name stands beside', async () => {
  await guessed((i) => fetch(`${instance.http}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.77' },
    body: JSON.stringify({ user: `nobody${i}`, password: 'a guess at a password' }),
  }));
});

test('a visitor who guesses resume tokens is told to wait; one without any is let in', async () => {
  const guesser = new Visitor(instance, { tenant: 'acme', origin: 'https://acme.example' });
  let told;
  for (let i = 0; i < 40 && !told; i++) {
    guesser.token = wrong(i);
    const mark = guesser.frames.length;
    await guesser.connect().catch(() => {});
    await until(() => guesser.closed !== null, { what: 'the refusal' });
    told = guesser.frames.slice(mark).find(({ code }) => code === 'too_fast');
    if (!told) assert.equal(guesser.closed, 4003);
  }
  assert.ok(told?.retry_after_ms > 0);
  assert.equal(guesser.closed, 1013);
  guesser.token = null;
  const welcome = await guesser.connect();
  assert.equal(welcome.type, 'welcome');
  await guesser.close();
});
