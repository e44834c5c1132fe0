// SPDX-License-Identifier: Apache-2.0
// Results as Markdown: medians of the rounds, ratios to ours, and the budgets beside them.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

import { median } from './proc.mjs';
import { root } from './systems.mjs';

const whole = (value) => Math.round(value).toLocaleString('en-US');
const short = (value) => (value < 100 ? value.toFixed(1) : whole(value));
const ms = (us) => (us / 1000).toFixed(1);

/** A round's result in a few words, for the progress line. */
export function line(result) {
  if (Array.isArray(result))
    return result.map(({ count, us, bytes }) => `${whole(count)}: ${short(us)} µs, ${whole(bytes)} B`).join('; ');
  const { rated, full } = result;
  return `${short(rated.cpu)} µs at ${whole(rated.rate)}/s, ${short(full.cpu)} µs at ${whole(full.rate)}/s`;
}

/** The median of one number over the rounds. */
const over = (rounds, pick) => median(rounds.map(pick));

function markdown(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function wordsTable(found, titles) {
  const ours = { rated: over(found.lasna, ({ rated }) => rated.cpu), full: over(found.lasna, ({ full }) => full.cpu) };
  const rows = Object.entries(found).flatMap(([name, rounds]) => ['rated', 'full'].map((kind) => {
    const of = (pick) => over(rounds, (round) => pick(round[kind]));
    const cpu = of((phase) => phase.cpu);
    const parts = Object.keys(rounds[0][kind].parts).map((part) => [part, of((phase) => phase.parts[part])])
      .filter(([, us]) => us >= 0.05).map(([part, us]) => `${part} ${short(us)}`).join(', ');
    const latency = (pick) => ['p50', 'p99', 'p999'].map((p) => ms(of((phase) => pick(phase)[p]))).join(' / ');
    const server = of((phase) => phase.server);
    return [titles[name], kind === 'full' ? 'full load' : 'open loop', whole(of((phase) => phase.rate)), short(cpu),
      `× ${(cpu / ours[kind]).toFixed(1)}`, server > 0 ? `${parts}; beside it Prosody ${short(server)}` : parts, latency(({ out }) => out), latency(({ back }) => back), latency(({ tick }) => tick)];
  }));
  return markdown(['system', 'load', 'messages/s', 'CPU µs/message', 'to ours', 'of which',
    'to the agent, ms p50 / p99 / p99.9', 'to the visitor', 'tick'], rows);
}

function connectTable(found, titles) {
  const rows = Object.entries(found).flatMap(([name, rounds]) => rounds[0].map(({ count }, i) => [titles[name], whole(count),
    short(over(rounds, (round) => round[i].us)), whole(over(rounds, (round) => round[i].bytes))]));
  return markdown(['system', 'visitors', 'CPU µs to connect one more', 'private bytes each'], rows);
}

/** { text: Markdown, summary: one line } */
export function table(results, { size, titles }) {
  const parts = [], summary = [];
  if (results.words) {
    parts.push(`Words both ways, each answered, ${size.tenants} tenants, ${size.words.speakers} conversations, the sink as XMPP server:`,
      wordsTable(results.words, titles));
    const of = (pick) => over(results.words.lasna, pick);
    summary.push(`${short(of(({ full }) => full.cpu))} µs a message at ${whole(of(({ full }) => full.rate))}/s`,
      `${short(of(({ rated }) => rated.cpu))} µs and p99 ${ms(of(({ rated }) => rated.out.p99))} ms at ${whole(of(({ rated }) => rated.rate))}/s`);
    for (const peer of ['each', 'batch'].filter((name) => results.words[name]))
      summary.push(`${titles[peer]} ${(over(results.words[peer], ({ full }) => full.cpu) / of(({ full }) => full.cpu)).toFixed(1)} times as much`);
  }
  if (results.receipts)
    parts.push('The same with a receipt for each message, both ways, stored and shown:', wordsTable(results.receipts, titles));
  if (results.prosody)
    parts.push(`The same with Prosody, and agents on client connections to it, ${size.prosody.speakers} conversations:`, wordsTable(results.prosody, titles));
  if (results.connect) {
    parts.push('Visitors who come and say nothing, plain:', connectTable(results.connect, titles));
    const last = (pick) => over(results.connect.lasna, (round) => pick(round.at(-1)));
    summary.push(`${whole(last(({ us }) => us))} µs and ${whole(last(({ bytes }) => bytes))} B a visitor at ${whole(size.steps.at(-1))}`);
  }
  if (results.tls) {
    parts.push('The same over TLS:', connectTable(results.tls, titles));
    summary.push(`${whole(over(results.tls.lasna, (round) => round.at(-1).bytes))} B with TLS`);
  }
  if (results.start !== undefined) {
    parts.push(`Start to ready with ${size.startTenants} tenants: ${whole(results.start)} ms.`);
    summary.push(`ready in ${whole(results.start)} ms with ${size.startTenants} tenants`);
  }
  return { text: parts.join('\n\n'), summary: summary.join('; ') };
}

function machine() {
  const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}; load average at the end ${load}`;
}

/** Appends under a heading with date, commit and machine; returns the file's path. */
export async function appendResults(name, text) {
  const file = join(root, 'bench', 'results', `${name}.md`);
  const commit = execFileSync('git', ['-C', root, 'describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  const now = new Date().toISOString().replace('T', ' ').slice(0, 16);
  const head = existsSync(file) ? '' : `# bench ${name}: results\n\nNewest last; written by \`./dev bench ${name}\`. How to read them: [../README.md](../README.md).\n`;
  appendFileSync(file, `${head}\n## ${now} UTC, ${commit}\n\n${machine()}\n\n${text}\n`);
  return file;
}
