// SPDX-License-Identifier: Apache-2.0
// ./dev bench carry — what carrying a message costs, ours and a Node bridge side by side. The
// method stands in bench/README.md.
//
//     node bench/carry.mjs [--rounds N] [--only words,receipts,prosody,connect,tls,start] [--alone] [--smoke]
//
// --alone: without the peer. --smoke: as small as can be, to see that it runs and that its counts
// add up; its figures mean nothing and are not kept.
//
// Rounds alternate between the systems, so that a machine that gets busy meanwhile is unfair to
// all of them alike; the figure is the median of the rounds.
import { parseArgs } from 'node:util';

import { cpu, difference, median, privateBytes, sum } from './proc.mjs';
import { appendResults, line, table } from './report.mjs';
import { Lasna, NodeBridge, Prosody, Sink, startLoad, tenantNames } from './systems.mjs';

const { values: options } = parseArgs({ options: {
  alone: { type: 'boolean', default: false },
  smoke: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '3' },
  only: { type: 'string', default: 'words,receipts,prosody,connect,tls,start' },
} });
const full = { rounds: Number(options.rounds), tenants: 4, warm: 2, rated: 6, turns: 6,
  words: { speakers: 400, rate: 500 }, prosody: { speakers: 100, rate: 100 },
  steps: [1000, 3000, 5000, 10000, 15000], tlsSteps: [1000, 3000, 5000], startTenants: 100 };
const small = { rounds: 1, tenants: 2, warm: 1, rated: 1, turns: 1,
  words: { speakers: 40, rate: 50 }, prosody: { speakers: 20, rate: 20 },
  steps: [50, 100], tlsSteps: [50], startTenants: 4 };
const size = options.smoke ? small : full;
const only = options.only.split(',');
const systems = {
  lasna: { title: 'Läsnä', start: (at) => Lasna.start(at) },
  batch: { title: 'Node, batched', start: (at) => NodeBridge.start({ ...at, commits: 'batch' }) },
  each: { title: 'Node', start: (at) => NodeBridge.start({ ...at, commits: 'each' }) },
};
const began = Date.now();
const progress = (text) => process.stderr.write(`bench carry: ${String(Math.round((Date.now() - began) / 1000)).padStart(3)} s  ${text}\n`);

/** Everything started in `story` is stopped, whatever becomes of it. */
async function staged(story) {
  const stops = [];
  const keep = (thing) => (stops.unshift(thing), thing);
  try {
    return await story(keep);
  } finally {
    for (const thing of stops) await thing.stop();
  }
}

/** A phase of words: what was said must have been saved and answered, to the last one. */
async function phase(bridge, server, load, command) {
  const parts = bridge.parts();
  await server.report();
  const before = cpu(parts), serverBefore = cpu(server.parts);
  const said = await load.command(command, 240);
  const used = difference(cpu(parts), before), serverUsed = difference(cpu(server.parts), serverBefore);
  const { latency_us: carried } = await server.report();
  if (said.refused > 0 || said.lost > 0 || said.saved !== said.said || said.heard !== said.said)
    throw new Error(`counts do not add up after "${command}": ${JSON.stringify(said)}`);
  const messages = said.saved + said.heard;
  return { messages, rate: messages / said.us * 1e6, cpu: sum(used) / messages,
    parts: Object.fromEntries(Object.entries(used).map(([name, us]) => [name, us / messages])),
    server: sum(serverUsed) / messages, tick: said.tick_us, out: carried, back: said.word_us };
}

/** Words both ways: each of the visitors' is answered by an agent. */
function words(system, { speakers, rate }, startServer) {
  return staged(async (keep) => {
    const server = keep(await startServer());
    const bridge = keep(await system.start({ server, tenants: size.tenants }));
    await server.bringAgents();
    const load = keep(startLoad(bridge));
    await load.command(`connect ${speakers}`, 120);
    await load.command('await 1');
    await phase(bridge, server, load, `turns ${size.warm} ${speakers}`);
    return { rated: await phase(bridge, server, load, `say ${rate} ${size.rated} ${speakers}`),
      full: await phase(bridge, server, load, `turns ${size.turns} ${speakers}`) };
  });
}

/** Visitors who come and stay silent: CPU and private memory of each step. */
function connect(system, { tls, steps }) {
  return staged(async (keep) => {
    const server = keep(await Sink.start());
    const bridge = keep(await system.start({ server, tenants: size.tenants, tls }));
    const load = keep(startLoad(bridge, { tls }));
    const pids = Object.values(bridge.parts()).flat();
    const at = [{ count: 0, bytes: privateBytes(pids), us: sum(cpu(bridge.parts())) }];
    for (const count of steps) {
      const { live } = await load.command(`connect ${count}`, 300);
      if (live !== count) throw new Error(`${count} visitors were to come, ${live} did`);
      at.push({ count, bytes: privateBytes(pids), us: sum(cpu(bridge.parts())) });
    }
    return at.slice(1).map((step, i) => ({ count: step.count,
      us: (step.us - at[i].us) / (step.count - at[i].count),
      bytes: (step.bytes - at[0].bytes) / step.count }));
  });
}

/** From the start of the process to readiness, with that many tenants. */
function starting() {
  return staged(async (keep) => {
    const server = keep(await Sink.start());
    const lasna = keep(await Lasna.start({ server, tenants: size.startTenants }));
    const took = [];
    for (let i = 0; i < size.rounds; i++) {
      await lasna.stop({ keep: true });
      took.push(await lasna.startDaemon());
    }
    return median(took);
  });
}

/** { system: [one a round] } */
async function rounds(what, names, once) {
  const found = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 1; round <= size.rounds; round++) {
    for (const name of names) {
      const result = await once(systems[name]);
      found[name].push(result);
      progress(`${what}, round ${round} of ${size.rounds}, ${systems[name].title}: ${line(result)}`);
    }
  }
  return found;
}

/** Which are measured, and as what. */
const sections = {
  words: ['words', ['lasna', 'batch', 'each'], (system) => words(system, size.words, () => Sink.start(['--answer', '--no-receipts']))],
  receipts: ['words and receipts', ['lasna', 'batch'], (system) => words(system, size.words, () => Sink.start(['--answer']))],
  prosody: ['words and receipts through Prosody', ['lasna', 'batch'], (system) =>
    words(system, size.prosody, () => Prosody.start({ components: system === systems.lasna ? [] : tenantNames(size.tenants) }))],
  connect: ['connect', ['lasna', 'batch'], (system) => connect(system, { steps: size.steps })],
  tls: ['connect over TLS', ['lasna'], (system) => connect(system, { tls: true, steps: size.tlsSteps })],
};
const results = {};
for (const [name, [what, names, once]] of Object.entries(sections)) {
  if (only.includes(name))
    results[name] = await rounds(what, names.filter((system) => system === 'lasna' || !options.alone), once);
}
if (only.includes('start')) {
  results.start = await starting();
  progress(`start to ready with ${size.startTenants} tenants: ${Math.round(results.start)} ms`);
}
const report = table(results, { size, titles: Object.fromEntries(Object.entries(systems).map(([name, { title }]) => [name, title])) });
console.log(report.text);
if (!options.smoke) console.log(`appended to ${await appendResults('carry', report.text)}`);
console.log(`bench carry: ${report.summary}`);
