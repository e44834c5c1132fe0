// SPDX-License-Identifier: Apache-2.0
// A flood at one tenant, and how another's visitor fares meanwhile.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setInterval as beats, setTimeout as pause } from 'node:timers/promises';
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

const BEAT_MS = 210; // below the five words a second that are granted

/** Says something at once, and while `goes` says so a word a beat, as one who writes fast; the next waits for the tick of
 *  the last, and what that held up is said after it. Resolves with milliseconds to each tick; a word that is not taken fails. */
async function talk(visitor, goes, begins_ms = 0) {
  const took = [];
  const say = async () => {
    const started = performance.now();
    const answer = await visitor.say(`word ${took.length}`);
    if (answer.type !== 'saved') throw new Error(`word ${took.length} was not taken: ${JSON.stringify(answer)}`);
    took.push(performance.now() - started);
  };
  await pause(begins_ms);
  await say();
  for await (const _ of beats(BEAT_MS)) {
    if (!goes(took.length)) break;
    await say();
  }
  return took;
}

const spread = (took) => {
  took.sort((a, b) => a - b);
  return { p50: took[took.length >> 1], p99: took[Math.ceil(took.length * 0.99) - 1], all: took };
};

/** Of `count` words of one visitor. */
export const latencies = async (visitor, count) => spread(await talk(visitor, (said) => said < count));

/** Of what these visitors, each at a beat of their own, say until the promise is settled; resolves with { took, result } of it. */
export async function latenciesDuring(visitors, promise) {
  let over = false;
  const talks = visitors.map((visitor, i) => talk(visitor, () => !over, BEAT_MS * i / visitors.length));
  const [result, ...took] = await Promise.all([promise.finally(() => (over = true)), ...talks]);
  return { took: spread(took.flat()), result };
}
