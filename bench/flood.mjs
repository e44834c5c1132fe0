// SPDX-License-Identifier: Apache-2.0
// How one tenant's visitor fares while another tenant is flooded: thousands of browsers that say ten
// thousand words a second, held to what the tenant is granted. tests/integration/fairness.test.mjs is
// the same in small.
//
//     ./dev bench flood [SECONDS]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Flood, latencies } from '../tests/support/fairness.mjs';
import { Instance, until } from '../tests/support/instance.mjs';
import { Visitor } from '../tests/support/visitor.mjs';

const SECONDS = Number(process.argv[2] ?? 20);
const SOCKETS = 5000;
const PER_SECOND = 10000;

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const instance = await Instance.start({ empty: true, limits: 'production' });
try {
  for (const tenant of ['acme', 'borealis']) await instance.control('tenant', 'add', tenant, '--origin', `https://${tenant}.example`);
  mkdirSync(join(instance.home, 'conf.d'), { recursive: true });
  writeFileSync(join(instance.home, 'conf.d', 'proxies.conf'), '[web]\nproxies = 127.0.0.0/8 ::1/128\n');
  process.kill((await instance.pids()).supervisor, 'SIGHUP');
  await until(async () => (await instance.log()).includes('settings.reloaded'), { what: 'the reload' });
  const vera = new Visitor(instance, { tenant: 'acme', origin: 'https://acme.example', headers: { 'x-forwarded-for': '192.0.2.1' } });
  await vera.connect();
  say('quiet …');
  const before = await latencies(vera, 20);
  say(`${SOCKETS} browsers come to borealis …`);
  const flood = await Flood.start(instance, { tenant: 'borealis', sockets: SOCKETS, perSecond: PER_SECOND / SOCKETS });
  say('flooded …');
  const during = await latencies(vera, Math.round(SECONDS * 4));
  const counts = await flood.stop();
  say('');
  const ms = (value) => value.toFixed(0);
  console.log(`flood: ${counts.connected} browsers welcome, ${counts.said} words tried, ${counts.saved} saved, ${counts.too_fast} told too_fast; ` +
    `acme's tick p50 ${ms(before.p50)} → ${ms(during.p50)} ms, p99 ${ms(before.p99)} → ${ms(during.p99)} ms`);
  if (during.p99 >= 500) process.exitCode = 1;
} finally {
  await instance.stop();
}
