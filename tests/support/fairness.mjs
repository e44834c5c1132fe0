// SPDX-License-Identifier: Apache-2.0
// A flood at one tenant, and how another's visitor fares meanwhile.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export class Flood {
  /** Resolves once all who may connect have, and the flood flows. */
  static async start(instance, { tenant, sockets, perSecond }) {
    const flood = new Flood();
    const script = join(dirname(fileURLToPath(import.meta.url)), 'flood.mjs');
    const url = `${instance.ws}/t/${tenant}/ws`;
    flood.child = spawn(process.execPath, [script, url, `https://${tenant}.example`, await instance.siteKey(tenant), sockets, perSecond],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    flood.lines = createInterface({ input: flood.child.stdout })[Symbol.asyncIterator]();
    const { value } = await flood.lines.next();
    if (value !== 'ready') throw new Error(`the flood did not begin: ${value}`);
    return flood;
  }

  /** Ends it; resolves with what became of it. */
  async stop() {
    this.child.stdin.end();
    const { value } = await this.lines.next();
    return JSON.parse(value);
  }
}

/** Says something `count` times, at the pace of one who writes fast; resolves with milliseconds to the tick. */
export async function latencies(visitor, count) {
  const took = [];
  while (took.length < count) {
    const started = performance.now();
    const answer = await visitor.say(`word ${took.length}`);
    if (answer.type === 'saved') took.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 210)); // the pace, below the five a second that are granted
  }
  took.sort((a, b) => a - b);
  return { p50: took[took.length >> 1], p99: took[Math.ceil(took.length * 0.99) - 1], all: took };
}
