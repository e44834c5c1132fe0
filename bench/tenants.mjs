// SPDX-License-Identifier: Apache-2.0
// How long many new tenants take on a running instance, and what another tenant's visitors notice.
// tests/integration/many_tenants.test.mjs is the same in small.
//
//     ./dev bench tenants [COUNT]
import { latenciesDuring } from '../tests/support/fairness.mjs';
import { Instance } from '../tests/support/instance.mjs';
import { names, provision } from '../tests/support/many_tenants.mjs';
import { Visitor } from '../tests/support/visitor.mjs';
import { appendResults } from './report.mjs';

const COUNT = Number(process.argv[2] ?? 200);
const VISITORS = 10;
const BUDGET_S = 60;

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const instance = await Instance.start({ empty: true });
try {
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  const visitors = Array.from({ length: VISITORS }, () => new Visitor(instance, { origin: 'https://acme.example' }));
  for (const visitor of visitors) await visitor.connect();
  say('quiet …');
  const quiet = await latenciesDuring(visitors, new Promise((resolve) => setTimeout(resolve, 15000)));
  say(`${COUNT} tenants come …`);
  const started = performance.now();
  const busy = await latenciesDuring(visitors, provision(instance, names(COUNT)));
  const seconds = (performance.now() - started) / 1000;
  say('');
  const said = (await instance.exported('acme')).flatMap(({ messages }) => messages.filter(({ from }) => from === 'visitor')).length;
  const words = quiet.took.all.length + busy.took.all.length;
  if (said !== words) throw new Error(`${words} words were ticked, ${said} are stored`);
  const ms = (value) => value.toFixed(1);
  const row = (what, { took }) => `| ${what} | ${took.all.length} | ${ms(took.p50)} | ${ms(took.p99)} | ${ms(took.all.at(-1))} |`;
  const text = [`${COUNT} tenants in ${seconds.toFixed(1)} s (budget for 200: ${BUDGET_S} s), ${ms(seconds * 1000 / COUNT)} ms each. Ticks of Acme's ${VISITORS} visitors meanwhile:`, '',
    '| | words | p50 ms | p99 ms | longest ms |', '| --- | --- | --- | --- | --- |', row('before', quiet), row('meanwhile', busy)].join('\n');
  await appendResults('tenants', text);
  console.log(`tenants: ${COUNT} in ${seconds.toFixed(1)} s; acme's tick p50 ${ms(quiet.took.p50)} → ${ms(busy.took.p50)} ms, p99 ${ms(quiet.took.p99)} → ${ms(busy.took.p99)} ms`);
  if (seconds > BUDGET_S * COUNT / 200) process.exitCode = 1;
} finally {
  await instance.stop();
}
