// SPDX-License-Identifier: Apache-2.0
// Agents who come and go: 500 of them at the desks of 200 tenants, their presence changing thousands
// of times a second, and how soon a site shows what is so. The sink plays the XMPP server.
//
//     ./dev bench desk [CHANGES-A-SECOND] [SECONDS] [--smoke]
import { until } from '../tests/support/instance.mjs';
import { Visitor } from '../tests/support/visitor.mjs';
import { cpu, difference, median } from './proc.mjs';
import { appendResults } from './report.mjs';
import { Lasna, Sink } from './systems.mjs';

const RATE = Number(process.argv[2] ?? 4000);
const SECONDS = Number(process.argv[3] ?? 20);
const smoke = process.argv.includes('--smoke');
const TENANTS = smoke ? 10 : 200;
const AGENTS = smoke ? 25 : 500; // each at eight tenants
const DESKS = 8;
const WATCHED = 'watched@agents.localhost'; // the only one at the tenant that is looked at
const LOOKS = smoke ? 4 : 20;

const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const nowUs = () => Number(process.hrtime.bigint() / 1000n);

/** All of them at once, so many at a time. */
async function each(items, width, work) {
  const waiting = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    while (waiting.length > 0) await work(waiting.shift());
  }));
}

async function settle(lasna) {
  const tenants = Array.from({ length: TENANTS }, (_, i) => `company${i}`);
  const agents = Array.from({ length: AGENTS }, (_, i) => `agent${i}@agents.localhost`);
  await each(['looked', ...tenants], 8, (tenant) => lasna.api('POST', '/tenants', { tenant, origins: [`https://${tenant}.example`] }));
  await each([WATCHED, ...agents], 8, (jid) => lasna.api('POST', '/agents', { jid, name: jid.split('@')[0] }));
  await lasna.api('POST', '/tenants/looked/agents', { jid: WATCHED });
  const seats = agents.flatMap((jid, i) => Array.from({ length: DESKS }, (_, k) => [jid, tenants[(i * DESKS + k) % TENANTS]]));
  await each(seats, 8, ([jid, tenant]) => lasna.api('POST', `/tenants/${tenant}/agents`, { jid }));
  return seats.length + 1;
}

/** How long after the agent has gone, or come, the browser hears of it: milliseconds, several times. */
async function look(sink, visitor) {
  const took = [];
  for (let i = 0; i < LOOKS; i++) {
    const wanted = i % 2 === 0 ? 'offline' : 'online';
    const heard = visitor.next((frame) => frame.type === 'availability' && frame.availability === wanted, { from: visitor.frames.length }).then(nowUs);
    sink.talker.child.kill('SIGUSR2');
    const { toggled_us: at } = await sink.talker.next(({ toggled_us }) => toggled_us !== undefined);
    took.push((await heard - at) / 1000);
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000 / LOOKS)); // load goes on between two looks
  }
  return took.sort((a, b) => a - b);
}

const sink = await Sink.start(['--seats', '--flap', String(RATE), '--watched', WATCHED]);
let lasna;
try {
  lasna = await Lasna.start({ server: sink, tenants: 0 });
  say(`${TENANTS} tenants, ${AGENTS} agents …`);
  const seats = await settle(lasna);
  const key = (await lasna.api('GET', '/tenants/looked')).sites[0].key;
  const visitor = new Visitor({ http: `http://127.0.0.1:${lasna.http}`, ws: `ws://127.0.0.1:${lasna.http}`, siteKey: () => key },
    { tenant: 'looked', origin: 'https://looked.example' });
  const { availability } = await visitor.connect();
  if (availability !== 'online') await visitor.next((frame) => frame.type === 'availability' && frame.availability === 'online');
  const before = await until(async () => {
    const report = await sink.report();
    return report.seats === seats && report;
  }, { what: `${seats} seats to be asked for` });
  say(`${RATE} changes a second …`);
  const cpuBefore = cpu(lasna.parts());
  const took = await look(sink, visitor);
  const after = await sink.report();
  const used = difference(cpu(lasna.parts()), cpuBefore);
  await visitor.close();
  const changes = after.changed - before.changed;
  const perCore = changes / (used.core / 1e6);
  say('');
  const text = `${AGENTS} agents at ${TENANTS} tenants, ${seats} seats; ${changes.toLocaleString('en-US')} changes of presence, ${RATE.toLocaleString('en-US')} a second offered:\n\n` +
    '| changes a second of core CPU | core µs each | all links µs each | web µs each | availability at the browser, ms p50 / worst |\n| --- | --- | --- | --- | --- |\n' +
    `| ${Math.round(perCore).toLocaleString('en-US')} | ${(used.core / changes).toFixed(1)} | ${(used.links / changes).toFixed(1)} | ${(used.web / changes).toFixed(1)} | ` +
    `${median(took).toFixed(1)} / ${took.at(-1).toFixed(1)} (of ${took.length}) |`;
  console.log(text);
  if (!smoke) console.log(`appended to ${await appendResults('desk', text)}`);
  console.log(`bench desk: ${Math.round(perCore).toLocaleString('en-US')} changes of presence a second of core CPU; availability within ${took.at(-1).toFixed(0)} ms`);
  if (!smoke && (perCore < 2000 || took.at(-1) >= 1000)) process.exitCode = 1;
} finally {
  await lasna?.stop();
  await sink.stop();
}
