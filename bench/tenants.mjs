// SPDX-License-Identifier: Apache-2.0
// How long many new tenants take on a running instance, and what another tenant's visitors notice: in rounds, each
// with as much quiet before it as the tenants take. tests/integration/many_tenants.test.mjs is the same in small.
//
//     ./dev bench tenants [COUNT] [ROUNDS]
import { latenciesDuring } from '../tests/support/fairness.mjs';
import { Instance } from '../tests/support/instance.mjs';
import { names, provision } from '../tests/support/many_tenants.mjs';
import { Visitor } from '../tests/support/visitor.mjs';
import { median } from './proc.mjs';
import { appendResults } from './report.mjs';

const COUNT = Number(process.argv[2] ?? 200);
const ROUNDS = Number(process.argv[3] ?? 4);
const VISITORS = 10;
const QUIET_MS = 10000;
const BUDGET_S = 60;

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const instance = await Instance.start({ empty: true });
try {
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  const visitors = Array.from({ length: VISITORS }, () => new Visitor(instance, { origin: 'https://acme.example' }));
  for (const visitor of visitors) await visitor.connect();
  const all = names(COUNT), each = Math.ceil(COUNT / ROUNDS), rounds = [];
  for (let from = 0; from < COUNT; from += each) {
    say(`round ${rounds.length + 1}: quiet …`);
    const quiet = await latenciesDuring(visitors, new Promise((resolve) => setTimeout(resolve, QUIET_MS)));
    say(`round ${rounds.length + 1}: tenants ${from + 1} to ${Math.min(from + each, COUNT)} come …`);
    const started = performance.now();
    const busy = await latenciesDuring(visitors, provision(instance, all.slice(from, from + each)));
    rounds.push({ quiet: quiet.took, busy: busy.took, seconds: (performance.now() - started) / 1000 });
  }
  say('');
  const of = (pick) => median(rounds.map(pick));
  const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0);
  const said = (await instance.exported('acme')).flatMap(({ messages }) => messages.filter(({ from }) => from === 'visitor')).length;
  const count = (which) => rounds.reduce((sum, round) => sum + round[which].all.length, 0);
  const words = count('quiet') + count('busy');
  if (said !== words) throw new Error(`${words} words were ticked, ${said} are stored`);
  const ms = (value) => value.toFixed(1);
  const row = (what, which) => `| ${what} | ${count(which)} | ${ms(of((round) => round[which].p50))} | ${ms(of((round) => round[which].p99))} | ${ms(of((round) => round[which].all.at(-1)))} |`;
  const times = (p) => `× ${of(({ quiet, busy }) => busy[p] / quiet[p]).toFixed(2)}`;
  const text = [`${COUNT} tenants in ${seconds.toFixed(1)} s (budget for 200: ${BUDGET_S} s), ${ms(seconds * 1000 / COUNT)} ms each, in ${rounds.length} rounds. Ticks of Acme's ${VISITORS} visitors, medians of the rounds:`, '',
    '| | words | p50 ms | p99 ms | longest ms |', '| --- | --- | --- | --- | --- |', row('quiet, before each', 'quiet'), row('while tenants come', 'busy'), '',
    `Within a round: p50 ${times('p50')}, p99 ${times('p99')} (medians).`].join('\n');
  await appendResults('tenants', text);
  console.log(`tenants: ${COUNT} in ${seconds.toFixed(1)} s; acme's tick p50 ${times('p50')}, p99 ${times('p99')} of what it is without`);
  if (seconds > BUDGET_S * COUNT / 200) process.exitCode = 1;
} finally {
  await instance.stop();
}
