// SPDX-License-Identifier: Apache-2.0
// What processes take of the machine, as the kernel accounts it, and how to run them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** CPU a process has had, all threads, user and system, in microseconds. */
function cpuOf(pid) {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => {
      try {
        return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000;
      } catch {
        return 0; // it has ended since
      }
    })
    .reduce((a, b) => a + b, 0);
}

/** CPU by part: { web: [pids], … } → { web: microseconds, … }. */
export function cpu(parts) {
  return Object.fromEntries(Object.entries(parts).map(([name, pids]) =>
    [name, pids.map(cpuOf).reduce((a, b) => a + b, 0)]));
}

export function difference(later, earlier) {
  return Object.fromEntries(Object.keys(later).map((key) => [key, later[key] - earlier[key]]));
}

export const sum = (parts) => Object.values(parts).reduce((a, b) => a + b, 0);

/** Private bytes of a process: what would be free if it ended. Needs its owner, or root. */
export function privateBytes(pids) {
  return pids.map((pid) => {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)]
      .reduce((bytes, [, kb]) => bytes + Number(kb) * 1024, 0);
  }).reduce((a, b) => a + b, 0);
}

export function median(values) {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A program that talks in JSON lines. */
export class Talker {
  constructor(file, args, options = {}) {
    this.name = file.split('/').at(-1);
    this.child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
    this.child.stdin?.on('error', () => {});
    this.lines = [];
    this.waiting = [];
    this.ended = false;
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.lines.push(JSON.parse(line));
      this.#wake();
    });
    this.child.on('exit', () => {
      this.ended = true;
      this.#wake();
    });
  }

  #wake() {
    for (const check of this.waiting.splice(0)) check();
  }

  get pid() {
    return this.child.pid;
  }

  /** The next line that fits; those before it are dropped. */
  async next(fits = () => true, seconds = 60) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      while (this.lines.length > 0) {
        const line = this.lines.shift();
        if (fits(line)) return line;
      }
      if (this.ended) throw new Error(`${this.name} has ended`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.name} was silent for ${seconds} s`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  /** Gives a command; resolves with its answer. */
  async command(line, seconds) {
    this.child.stdin.write(`${line}\n`);
    return this.next(({ done }) => done !== undefined, seconds);
  }

  async stop(signal = 'SIGTERM') {
    if (this.ended) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15000);
    await gone;
    clearTimeout(timer);
  }
}
