// SPDX-License-Identifier: Apache-2.0
// A second XMPP server beside an instance's own, another company's Prosody: localhost, which the first
// reaches by s2s over TLS with dialback, as servers of the internet do. No DNS: a module of ours tells
// a Prosody where the other listens; ejabberd is told the port, and that name every machine knows.
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import { root, until } from './instance.mjs';

const run = promisify(execFile);

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').on('error', () => resolve(false)).on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** What both need to speak with one another: TLS, dialback, and where who listens. */
function federation(home, port, ports) {
  const known = Object.entries(ports).map(([host, at]) => `["${host}"] = ${at}`).join('; ');
  return `
s2s_ports = { ${port} }
s2s_require_encryption = true
ssl = { key = "${home}/neighbour/server.key"; certificate = "${home}/neighbour/server.pem" }
loopback_s2s = { ${known} }
`;
}

async function rewrite(file, changes) {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replace(from, () => to);
  }
  await writeFile(file, text);
}

/** How an instance's own server is opened to the other. */
const OPENINGS = {
  prosody: (home, port, ports) => rewrite(join(home, 'xmpp', 'prosody.cfg.lua'), [
    ['modules_disabled = { "s2s"; "tls" }', federation(home, port, ports)],
    ['plugin_paths = { ', `plugin_paths = { "${root}/tests/support/prosody", `],
    ['modules_enabled = {', 'modules_enabled = { "loopback_s2s"; "tls"; "dialback"; ']]),

  ejabberd: (home, port, ports) => rewrite(join(home, 'xmpp', 'ejabberd.yml'), [
    ['listen:\n', `listen:\n  - { port: ${port}, ip: "127.0.0.1", module: ejabberd_s2s_in }\n`],
    ['s2s_access: none\n', `s2s_use_starttls: required
s2s_dns_timeout: 1 second
s2s_dns_retries: 1
outgoing_s2s_port: ${ports.localhost}
certfiles: [ "${home}/neighbour/server.pem", "${home}/neighbour/server.key" ]
`],
    ['modules:\n', 'modules:\n  mod_s2s_dialback: {}\n']]),
};

export class Neighbour {
  /** Lets the instance's XMPP server, which is restarted, speak with another of its own at localhost. */
  static async meet(instance) {
    const neighbour = new Neighbour();
    const home = join(instance.home, 'neighbour');
    const [ours, theirs, c2s] = [1, 2, 3].map((nth) => instance.port(nth));
    const ports = { localhost: theirs, 'agents.localhost': ours, 'acme.chat.localhost': ours };
    neighbour.home = home;
    neighbour.about = { xmpp: { host: '127.0.0.1', c2s_port: c2s, agents_domain: 'localhost' } };
    await mkdir(join(home, 'data', 'localhost', 'accounts'), { recursive: true });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // clients are offered TLS, too, with keys nobody vouches for
    await run('bash', [join(root, 'certs', 'make-dev-ca.sh'), home]);
    await OPENINGS[instance.about.xmpp.server](instance.home, ours, ports);
    await instance.kill('xmpp', 'SIGTERM');
    await instance.startXmpp();
    await neighbour.#start(federation(instance.home, theirs, ports), theirs);
    return neighbour;
  }

  async #start(settings, port) {
    await writeFile(join(this.home, 'prosody.cfg.lua'), `
run_as_root = true
pidfile = "${this.home}/prosody.pid"
data_path = "${this.home}/data"
plugin_paths = { "${root}/tests/support/prosody" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${this.about.xmpp.c2s_port} }
legacy_ssl_ports = {}
log = { debug = "${this.home}/prosody.log" }
modules_enabled = { "loopback_s2s"; "roster"; "saslauth"; "tls"; "dialback"; "disco" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
${settings}
VirtualHost "localhost"
`);
    this.child = spawn('prosody', ['--config', join(this.home, 'prosody.cfg.lua'), '-F'], { stdio: 'ignore' });
    await until(async () => await listens(port) && listens(this.about.xmpp.c2s_port), { what: 'the neighbour' });
  }

  /** An account there; `password()` is what Agent.login asks for. */
  async addAccount(name) {
    const file = join(this.home, 'data', 'localhost', 'accounts', `${name}.dat`);
    await writeFile(file, `return { ["password"] = "secret-of-${name}" };\n`);
    await chmod(file, 0o600);
    return `${name}@localhost`;
  }

  password(name) {
    return `secret-of-${name}`;
  }

  log() {
    return readFile(join(this.home, 'prosody.log'), 'utf8');
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    process.kill(this.child.pid, 'SIGTERM');
    await gone;
  }
}
