// SPDX-License-Identifier: Apache-2.0
// The bridges under measurement, ours and the peer, each with the same tenants and agents, and
// the servers behind them: the sink, or Prosody with agents on it.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent as HttpAgent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Talker } from './proc.mjs';

const run = promisify(execFile);
const PASSWORD = 'a-password-for-the-bench';
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build', process.env.LASNA_BUILD ?? 'dev');

/** Sample tenants: the first three have names, the others numbers. */
export function tenantNames(count) {
  return Array.from({ length: count }, (_, i) => ['acme', 'borealis', 'cumulus'][i] ?? `tenant${i + 1}`);
}

export const agentNames = ['anna', 'ben', 'cleo', 'dag'].map((name) => `${name}@agents.localhost`);

let given = 0;
/** One that nobody gets by connecting to something, before a server is there or while it is away; for each process its own,
 *  above those of the C tests (tests/support/ports.c) and below those of ./dev up. */
async function freePort() {
  for (;;) {
    const port = 7000 + (process.pid % 300 * 10 + given++) % 3000;
    const server = createServer();
    const free = await new Promise((resolve) => server.once('error', () => resolve(false)).listen(port, () => resolve(true)));
    if (free) await new Promise((resolve) => server.close(resolve));
    if (free) return port;
  }
}

async function until(condition, seconds, what) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what} in vain`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Counts and latencies of a sink or of agents, since the last call. */
function reportOf(talker) {
  talker.lines.length = 0;
  talker.child.kill('SIGUSR1');
  return talker.next();
}

/** In place of a server and its agents. */
export class Sink {
  static async start(options = []) {
    const sink = new Sink();
    sink.talker = new Talker(join(build, 'bench', 'xmpp_sink'), ['--agents', agentNames.join(','), ...options]);
    sink.port = (await sink.talker.next()).port;
    sink.parts = {};
    return sink;
  }

  bringAgents() {} // it plays them

  report() {
    return reportOf(this.talker);
  }

  stop() {
    return this.talker.stop();
  }
}

/** A Prosody as ./dev up starts it, and agents with clients of their own. */
export class Prosody {
  /** `components`: tenants of a bridge that cannot make its hosts and accounts itself. */
  static async start({ components = [], agentOptions = [] }) {
    const prosody = new Prosody();
    const home = prosody.home = await mkdtemp(join(tmpdir(), 'lasna-bench-prosody-'));
    prosody.agentOptions = agentOptions;
    prosody.passwordFile = join(home, 'password');
    prosody.tenantsDir = join(home, 'xmpp', 'tenants.d');
    prosody.secretFile = join(home, 'xmpp', 'control.secret');
    [prosody.c2s, prosody.port] = [await freePort(), await freePort()];
    await writeFile(prosody.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    await prosody.#bash(`write_prosody "$1" ${prosody.c2s} ${prosody.port} ${await freePort()}`);
    for (const name of components)
      await writeFile(join(prosody.tenantsDir, `${name}.cfg.lua`),
        `Component "${name}.chat.localhost"\n    component_secret = "secret"\n`);
    if (components.length > 0)
      for (const [name, host] of agentNames.map((jid) => jid.split('@')))
        await run('prosodyctl', ['--root', '--config', join(home, 'xmpp', 'prosody.cfg.lua'), 'register', name, host, PASSWORD]);
    const { stdout } = await prosody.#bash(`start_prosody "$1" ${prosody.c2s}`);
    prosody.pid = Number(stdout);
    prosody.parts = { prosody: [prosody.pid] };
    return prosody;
  }

  #bash(command) {
    return run('bash', ['-c', `. "$ROOT/tools/dev/common.bash"; . "$ROOT/tools/dev/prosody.bash"; ${command}`, 'bash', this.home],
      { env: { ...process.env, ROOT: root } });
  }

  /** Once their accounts are there. */
  async bringAgents() {
    this.agents = new Talker(join(build, 'bench', 'xmpp_agents'), ['--port', String(this.c2s),
      '--password-file', this.passwordFile, '--agents', agentNames.join(','), ...this.agentOptions]);
    await this.agents.next(({ ready }) => ready);
  }

  report() {
    return reportOf(this.agents);
  }

  async stop() {
    await this.agents?.stop();
    process.kill(this.pid, 'SIGTERM');
    await until(() => !existsSync(`/proc/${this.pid}`), 20, 'the end of Prosody');
    await rm(this.home, { recursive: true, force: true });
  }
}

/** Visitors for a bridge. */
export function startLoad(bridge, { tls = false, tenants = bridge.sites.length } = {}) {
  const sites = bridge.sites.slice(0, tenants).flatMap(({ tenant, key }) => ['--site', `${tenant}=${key}`]);
  return new Talker(join(build, 'bench', 'load'),
    ['--port', String(tls ? bridge.https : bridge.http), ...sites, ...(tls ? ['--tls'] : [])]);
}

/** lasnad in a fresh folder. */
export class Lasna {
  static async start({ server, tenants, tls = false }) {
    const lasna = new Lasna();
    lasna.home = await mkdtemp(join(tmpdir(), 'lasna-bench-'));
    lasna.http = await freePort();
    lasna.https = tls ? await freePort() : 0;
    await mkdir(join(lasna.home, 'tenants.d'));
    await mkdir(join(lasna.home, 'log'));
    await writeFile(join(lasna.home, 'control.secret'), 'bench\n', { mode: 0o600 });
    await writeFile(join(lasna.home, 'instance.json'), JSON.stringify({
      version: 1, home: lasna.home, control: join(lasna.home, 'run', 'control.sock') }));
    if (tls) await run('bash', [join(root, 'certs', 'make-dev-ca.sh'), join(lasna.home, 'tls')]);
    await writeFile(join(lasna.home, 'lasna.conf'), lasna.#settings(server));
    await lasna.startDaemon();
    await lasna.#provision(tenantNames(tenants));
    return lasna;
  }

  #settings(server) {
    const { home, http, https } = this;
    const tls = https ? [`https = 127.0.0.1:${https}`, `certificate = ${home}/tls/server.pem`,
      `private_key = ${home}/tls/server.key`] : [];
    return ['[instance]', `home = ${home}`, `file = ${home}/instance.json`,
      '[web]', `http = 127.0.0.1:${http}`, ...tls, `origins = http://127.0.0.1:${http} http://127.0.0.1:${https}`,
      `assets = ${join(build, 'share', 'widget')}`, 'limits = load',
      '[xmpp]', `port = ${server.port}`, 'provision = prosody',
      `control_secret_file = ${server.secretFile ?? join(home, 'control.secret')}`,
      `tenants_dir = ${server.tenantsDir ?? join(home, 'tenants.d')}`, ''].join('\n');
  }

  /** Resolves once it is ready; returns the milliseconds that took. */
  async startDaemon() {
    const began = performance.now();
    this.daemon = new Talker(join(build, 'server-bridge', 'lasnad'), ['--config', join(this.home, 'lasna.conf')],
      { stdio: ['ignore', 'pipe', 'ignore'] });
    await until(() => fetch(`http://127.0.0.1:${this.http}/readyz`).then(({ status }) => status === 200, () => false),
      60, 'lasnad to be ready');
    return performance.now() - began;
  }

  /** Asks the REST API as its operator, one connection for all: for what a program each would take minutes. */
  api(method, path, body) {
    this.agent ??= new HttpAgent({ keepAlive: true, maxSockets: 8 });
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: join(this.home, 'run', 'control.sock'), agent: this.agent, method, path: `/api/v1${path}`,
        headers: { host: 'localhost', 'content-type': 'application/json' } }, async (answer) => {
        let text = '';
        for await (const part of answer) text += part;
        if (answer.statusCode >= 300) reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        else resolve(text ? JSON.parse(text) : null);
      });
      asked.on('error', reject);
      asked.end(body && JSON.stringify(body));
    });
  }

  async #ctl(...args) {
    const { stdout } = await run(join(build, 'lasnactl', 'lasnactl'),
      ['--home', this.home, '--no-input', '--json', ...args], { maxBuffer: 1 << 26 });
    return stdout ? JSON.parse(stdout) : null;
  }

  async #provision(tenants) {
    const password = join(this.home, 'password');
    await writeFile(password, `${PASSWORD}\n`, { mode: 0o600 });
    this.sites = [];
    for (const jid of agentNames)
      await this.#ctl('agent', 'add', jid, '--name', jid.split('@')[0], '--password-file', password);
    for (const tenant of tenants) {
      await this.#ctl('tenant', 'add', tenant, '--name', tenant, '--origin', `https://${tenant}.example`);
      for (const jid of agentNames) await this.#ctl('agent', 'assign', jid, tenant, '--limit', '100');
      this.sites.push({ tenant, key: (await this.#ctl('tenant', 'show', tenant)).sites[0].key });
    }
  }

  /** Pids by part. */
  parts() {
    const { supervisor, web, control, core, links } = JSON.parse(readFileSync(join(this.home, 'instance.json'), 'utf8')).pids;
    return { supervisor: [supervisor], web, control: [control], core: [core], links: Object.values(links) };
  }

  async stop({ keep = false } = {}) {
    this.agent?.destroy();
    await this.daemon.stop();
    if (!keep) await rm(this.home, { recursive: true, force: true });
  }
}

/** The peer in bench/peers: one Node process. */
export class NodeBridge {
  static async start({ server, tenants, commits = 'batch' }) {
    const bridge = new NodeBridge();
    const folder = join(root, 'build', 'peers'); // where ./dev bench installed it
    bridge.home = await mkdtemp(join(tmpdir(), 'lasna-bench-peer-'));
    bridge.daemon = new Talker('node', [join(folder, 'bridge.mjs'), bridge.home, String(server.port),
      agentNames.join(','), commits, ...tenantNames(tenants)]);
    bridge.http = (await bridge.daemon.next()).port;
    bridge.sites = tenantNames(tenants).map((tenant) => ({ tenant, key: 'main' }));
    return bridge;
  }

  parts() {
    return { node: [this.daemon.pid] };
  }

  async stop() {
    await this.daemon.stop();
    await rm(this.home, { recursive: true, force: true });
  }
}
