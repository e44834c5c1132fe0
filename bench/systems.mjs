// SPDX-License-Identifier: Apache-2.0
// The bridges under measurement: ours and the peer, each with the same tenants and agents, in
// front of the same XMPP sink.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Talker } from './proc.mjs';

const run = promisify(execFile);
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build', process.env.LASNA_BUILD ?? 'dev');

/** Sample tenants: the first three have names, the others numbers. */
export function tenantNames(count) {
  return Array.from({ length: count }, (_, i) => ['acme', 'borealis', 'cumulus'][i] ?? `tenant${i + 1}`);
}

export const agentNames = ['anna', 'ben', 'cleo', 'dag'].map((name) => `${name}@agents.localhost`);

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function until(condition, seconds, what) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what} in vain`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function startSink(options = []) {
  const sink = new Talker(join(build, 'bench', 'xmpp_sink'), ['--agents', agentNames.join(','), ...options]);
  sink.port = (await sink.next()).port;
  /** Its counts and latencies since the last call. */
  sink.report = () => {
    sink.lines.length = 0;
    sink.child.kill('SIGUSR1');
    return sink.next();
  };
  return sink;
}

/** Visitors for a bridge. */
export function startLoad(bridge, { tls = false, tenants = bridge.sites.length } = {}) {
  const sites = bridge.sites.slice(0, tenants).flatMap(({ tenant, key }) => ['--site', `${tenant}=${key}`]);
  return new Talker(join(build, 'bench', 'load'),
    ['--port', String(tls ? bridge.https : bridge.http), ...sites, ...(tls ? ['--tls'] : [])]);
}

/** lasnad in a fresh folder. */
export class Lasna {
  static async start({ sink, tenants, tls = false, web = 1 }) {
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
    await writeFile(join(lasna.home, 'lasna.conf'), lasna.#settings(sink.port, web));
    await lasna.startDaemon();
    await lasna.#provision(tenantNames(tenants));
    return lasna;
  }

  #settings(xmppPort, web) {
    const { home, http, https } = this;
    const tls = https ? [`https = 127.0.0.1:${https}`, `certificate = ${home}/tls/server.pem`,
      `private_key = ${home}/tls/server.key`] : [];
    return ['[instance]', `home = ${home}`, `file = ${home}/instance.json`,
      '[web]', `http = 127.0.0.1:${http}`, ...tls, `origins = http://127.0.0.1:${http} http://127.0.0.1:${https}`,
      `assets = ${join(build, 'share', 'widget')}`, 'limits = load', `processes = ${web}`,
      '[xmpp]', `port = ${xmppPort}`, 'provision = prosody', `control_secret_file = ${home}/control.secret`,
      `tenants_dir = ${home}/tenants.d`, ''].join('\n');
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

  async #ctl(...args) {
    const { stdout } = await run(join(build, 'lasnactl', 'lasnactl'),
      ['--home', this.home, '--no-input', '--json', ...args], { maxBuffer: 1 << 26 });
    return stdout ? JSON.parse(stdout) : null;
  }

  async #provision(tenants) {
    const password = join(this.home, 'password');
    await writeFile(password, 'a-password-for-the-bench\n', { mode: 0o600 });
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
    await this.daemon.stop();
    if (!keep) await rm(this.home, { recursive: true, force: true });
  }
}

/** The peer in bench/peers: one Node process. */
export class NodeBridge {
  static async start({ sink, tenants, commits = 'batch' }) {
    const bridge = new NodeBridge();
    const folder = join(root, 'bench', 'peers');
    bridge.home = await mkdtemp(join(tmpdir(), 'lasna-bench-peer-'));
    bridge.daemon = new Talker('node', [join(folder, 'bridge.mjs'), bridge.home, String(sink.port),
      agentNames[0], commits, ...tenantNames(tenants)]);
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
