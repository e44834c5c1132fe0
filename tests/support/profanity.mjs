// SPDX-License-Identifier: Apache-2.0
// Profanity, a real XMPP client for terminals, in a tmux of its own: keys go in, and what stands on its screen can be read.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { until } from './instance.mjs';

const run = promisify(execFile);

export class Profanity {
  /** Starts it with `home` as its home, on a screen of `columns` by `rows` characters. */
  static async start(home, { columns = 118, rows = 26 } = {}) {
    const client = new Profanity();
    client.socket = join(home, 'tmux');
    const settings = join(home, '.config', 'profanity');
    mkdirSync(settings, { recursive: true });
    writeFileSync(join(settings, 'profrc'), '[ui]\nsplash=false\nbeep=false\n[notifications]\nmessage=off\n[presence]\nautoaway.mode=off\n');
    await client.#tmux('-u', '-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows),
      '-e', `HOME=${home}`, '-e', `XDG_CONFIG_HOME=${join(home, '.config')}`, '-e', `XDG_DATA_HOME=${join(home, '.local')}`,
      '-e', 'LANG=C.UTF-8', '-e', 'LC_ALL=C.UTF-8', 'profanity');
    await client.#tmux('set', '-g', 'status', 'off');
    await client.shows('Type /help');
    return client;
  }

  #tmux(...args) {
    return run('tmux', ['-S', this.socket, ...args]);
  }

  /** Types a line and Enter. */
  async line(text) {
    await this.#tmux('send-keys', '-l', '--', text);
    await this.#tmux('send-keys', 'Enter');
  }

  async login(instance, name) {
    await this.line(`/connect ${name}@${instance.about.xmpp.agents_domain} server 127.0.0.1 port ${instance.about.xmpp.c2s_port} tls disable`);
    await this.shows('password');
    await this.line(await instance.password(name));
    await this.shows('[online]'); // in its title: lines go by, with what comes at once
  }

  /** What stands on its screen, long lines put together again. */
  async screen() {
    return (await this.#tmux('capture-pane', '-p', '-J')).stdout;
  }

  /** Waits until `what` (text or a regular expression) stands there. */
  async shows(what) {
    let last = '';
    const fits = (text) => (what instanceof RegExp ? what.test(text) : text.includes(what));
    try {
      await until(async () => fits(last = await this.screen()), { what: `${what} in Profanity` });
    } catch (error) {
      throw new Error(`${error.message}; there stands:\n${last}`);
    }
    return last;
  }

  stop() {
    return this.#tmux('kill-server').catch(() => {});
  }
}
