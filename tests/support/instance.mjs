// SPDX-License-Identifier: Apache-2.0
// An instance of its own for a test: started through ./dev up on free ports in a fresh folder,
// stopped by ./dev down. Nothing here waits by the clock: every wait is for a condition.
import { execFile, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { keepHome, keepLog } from './kept.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const kind = process.env.LASNA_BUILD ?? 'dev';

/** How long a test waits for what must come: a machine may be busy with other things. Nobody waits so
 *  long for what does come, and how fast that is, only benchmarks ask. */
export const PATIENCE_S = 60;
/** Who waited so long was held up by what must hold up nobody; on a busy machine all take a while. */
export const STUCK_MS = 8000;
const COMMAND_S = 600;

function run(file, args, options = {}) {
  return new Promise((resolve) => {
    execFile(file, args, { maxBuffer: 1 << 28, timeout: COMMAND_S * 1000, ...options }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

/** Tries these assertions again and again until they hold; else fails as they did last. */
export async function eventually(assertions, { seconds = PATIENCE_S } = {}) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await assertions();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asks `condition` again and again until it answers something true; that is returned. */
export async function until(condition, { seconds = PATIENCE_S, what = 'the condition' } = {}) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what} in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The command itself, for what needs more than Instance.ctl() gives. */
export const lasnactl = join(root, 'build', kind, 'lasnactl', 'lasnactl');

export class Instance {
  /** Options: `empty` (no sample tenants), `limits` ("load" or "production"), `xmpp` ("prosody" or
   *  "ejabberd"; else what LASNA_TEST_XMPP says). */
  static async start({ empty = false, limits = 'load', asan = kind === 'asan', xmpp = process.env.LASNA_TEST_XMPP ?? 'prosody' } = {}) {
    const instance = new Instance();
    instance.home = await mkdtemp(join(tmpdir(), 'lasna-test-'));
    keepHome(instance.home);
    const args = ['up', '--home', instance.home, '--port-base', '0', '--limits', limits, '--xmpp', xmpp];
    if (empty) args.push('--empty');
    if (asan) args.push('--asan');
    const { code, stdout, stderr } = await run(join(root, 'dev'), args);
    if (code !== 0) throw new Error(`./dev up failed: ${stderr}`);
    instance.about = JSON.parse(stdout);
    return instance;
  }

  get http() {
    return this.about.http;
  }

  get ws() {
    return this.http.replace('http', 'ws');
  }

  /** instance.json as it is now: pids change when roles restart. */
  async pids() {
    return JSON.parse(await readFile(join(this.home, 'instance.json'), 'utf8')).pids;
  }

  /** Runs lasnactl; resolves to { code, stdout, stderr, json }. */
  async ctl(...args) {
    const result = await run(lasnactl, ['--home', this.home, '--no-input', '--json', ...args]);
    try {
      result.json = JSON.parse(result.stdout);
    } catch {
      result.json = undefined;
    }
    return result;
  }

  /** The same, but must succeed; resolves to the JSON. */
  async control(...args) {
    const { code, stdout, stderr, json } = await this.ctl(...args);
    if (code !== 0) throw new Error(`lasnactl ${args.join(' ')}: exit ${code}: ${stderr}`);
    return json ?? stdout;
  }

  /** Ends a role without warning: 'core', 'web', 'control', 'xmpp', 'supervisor', or a link by
   *  its tenant. Resolves with its pid once the process is gone; of a supervisor all that go with it:
   *  another daemon is refused as long as one of them still listens. */
  async kill(role, signal = 'SIGKILL') {
    const { links, xmpp, ...pids } = await this.pids();
    const pid = role === 'xmpp' ? await this.#xmppPid() : [pids[role] ?? links[role]].flat()[0];
    const going = role === 'supervisor' ? [...Object.values(pids), ...Object.values(links)].flat() : [pid];
    process.kill(pid, signal);
    await until(() => !going.some(isAlive), { what: `the end of ${role}` });
    return pid;
  }

  /** Waits until the role runs again under another pid, and instance.json says so; the core also
   *  serves again. */
  async restarted(role, old) {
    const now = await until(async () => {
      const { links, ...pids } = await this.pids();
      const pid = [pids[role] ?? links[role]].flat()[0];
      return pid !== old && isAlive(pid) && pid;
    }, { what: `a new ${role}` });
    if (role === 'core') await this.ready();
    return now;
  }

  async #xmppPid() {
    return Number(await readFile(join(this.home, 'xmpp', `${this.about.xmpp.server}.pid`), 'utf8'));
  }

  async startXmpp() {
    const server = this.about.xmpp.server;
    const script = `. "$ROOT/tools/dev/common.bash"; . "$ROOT/tools/dev/${server}.bash"; start_${server} "$1" "$2"`;
    const { code, stderr } = await run('bash', ['-c', script, 'bash', this.home, String(this.about.xmpp.c2s_port)],
      { env: { ...process.env, ROOT: root } });
    if (code !== 0) throw new Error(`the XMPP server did not start: ${stderr}`);
  }

  /** Starts lasnad on this home again, after it was ended. */
  async startDaemon() {
    const out = openSync(join(this.home, 'log', 'lasnad.log'), 'a');
    const child = spawn(join(root, 'build', kind, 'server-bridge', 'lasnad'), ['--config', join(this.home, 'lasna.conf')],
      { detached: true, stdio: ['ignore', out, out] });
    child.unref();
    await this.ready();
    return child;
  }

  /** For visitors, and for the operator: web and control find a new core each on their own. */
  ready() {
    const serves = () => fetch(`${this.http}/readyz`).then(({ status }) => status === 200, () => false);
    return until(async () => (await serves()) && (await this.ctl('status')).code === 0, { what: 'readiness' });
  }

  async password(name) {
    return (await readFile(join(this.home, `${name}.password`), 'utf8')).trim();
  }

  /** Makes an agent with an account and a password of their own. */
  async addAgent(name, ...tenants) {
    const jid = `${name}@${this.about.xmpp.agents_domain}`;
    const file = join(this.home, `${name}.password`);
    await writeFile(file, `secret-of-${name}\n`, { mode: 0o600 });
    const title = name[0].toUpperCase() + name.slice(1);
    await this.control('agent', 'add', jid, '--name', title, '--password-file', file);
    for (const tenant of tenants) await this.control('agent', 'assign', jid, tenant, '--limit', '50');
    return jid;
  }

  async siteKey(tenant) {
    return (await this.control('tenant', 'show', tenant)).sites[0].key;
  }

  log(name = 'log/lasnad.log') {
    return readFile(join(this.home, name), 'utf8');
  }

  async exported(tenant) {
    const file = join(this.home, `export-${tenant}-${Math.random()}.jsonl`);
    await this.control('transcript', 'export', tenant, '--format', 'jsonl', '-o', file);
    const text = await readFile(file, 'utf8');
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** A port of this instance's that nothing of it uses, the `nth` of nine: none that is free and taken
   *  by somebody else before one listens there. */
  port(nth) {
    return Number(new URL(this.http).port) + 422 + nth;
  }

  async stop() {
    await run(join(root, 'dev'), ['down', '--home', this.home]);
    keepLog(this.home);
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}
