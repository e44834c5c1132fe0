// SPDX-License-Identifier: Apache-2.0
// A screen that nobody sits at (Xvfb), for XMPP clients with windows: each with a home of its own
// below the screen's folder, as a user that is not root, with a session bus of its own.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../../tests/support/instance.mjs';

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((done) => child.once('exit', done));
}

export class Screen {
  #children = [];

  /** Opens one of `width` by `height` pixels; takes the first number of a display that is free. */
  static async open(width, height) {
    const screen = Object.assign(new Screen(), { width, height });
    screen.home = await mkdtemp(join(tmpdir(), 'lasna-screen-'));
    mkdirSync(join(screen.home, 'run'), { mode: 0o700 });
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    screen.#children.push(server);
    let number = '';
    server.stdio[3].on('data', (bytes) => { number += bytes; });
    await until(() => number.includes('\n'), { what: 'a screen' });
    screen.display = `:${number.trim()}`;
    screen.bus = `unix:path=${join(screen.home, 'run', 'bus')}`;
    screen.start('dbus-daemon', ['--session', '--nofork', `--address=${screen.bus}`]);
    screen.start('openbox', []);
    return screen;
  }

  get #env() {
    const { home, display, bus } = this;
    return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), DISPLAY: display,
             DBUS_SESSION_BUS_ADDRESS: bus, NO_AT_BRIDGE: '1', GTK_A11Y: 'none', GTK_THEME: 'Adwaita', GDK_BACKEND: 'x11', GSK_RENDERER: 'cairo' };
  }

  #inside(command, args, over) {
    const binds = Object.entries(over).flatMap(([path, file]) => ['--ro-bind', file, path]);
    return ['--unshare-user', '--uid', '1000', '--gid', '1000', '--die-with-parent', '--bind', '/', '/', '--dev-bind', '/dev', '/dev',
            '--proc', '/proc', ...binds, command, ...args];
  }

  /** Starts a program on this screen; `over` lays files over paths that only it sees. */
  start(command, args, over = {}) {
    const child = spawn('bwrap', this.#inside(command, args, over), { env: this.#env, stdio: 'ignore' });
    this.#children.push(child);
    return child;
  }

  /** Runs a program to its end; resolves with what it printed. */
  run(command, ...args) {
    return new Promise((resolve, reject) => {
      execFile('bwrap', this.#inside(command, args, {}), { env: this.#env, encoding: 'buffer', maxBuffer: 1 << 26, timeout: 60000 },
        (error, stdout, stderr) => (error ? reject(new Error(`${command}: ${error.message} ${stderr}`)) : resolve(stdout)));
    });
  }

  /** A file in the home of whoever sits here. */
  write(path, text) {
    const file = join(this.home, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Calls an action of a program's GTK application on the session bus. */
  act(name, action, argument) {
    return this.run('gdbus', 'call', '--session', '--dest', name, '--object-path', `/${name.replaceAll('.', '/')}`,
      '--method', 'org.gtk.Actions.Activate', action, `[<${argument}>]`, '{}');
  }

  /** Has a program open an address. */
  open(name, uri) {
    return this.run('gdbus', 'call', '--session', '--dest', name, '--object-path', `/${name.replaceAll('.', '/')}`,
      '--method', 'org.freedesktop.Application.Open', `['${uri}']`, '{}');
  }

  type(text) {
    return this.run('xdotool', 'type', '--delay', '15', text);
  }

  press(...keys) {
    return this.run('xdotool', 'key', '--delay', '60', ...keys);
  }

  point(x, y) {
    return this.run('xdotool', 'mousemove', String(x), String(y));
  }

  /** Moves there on the way over other places, as a hand does, and clicks. */
  async click(...places) {
    for (const [x, y] of places) await this.point(x, y).then(() => this.picture());
    await this.run('xdotool', 'click', '1');
    return this.picture();
  }

  /** Moves the mouse off every window. */
  leave() {
    return this.point(this.width - 1, this.height - 1);
  }

  /** Puts a window into the corner, `width` by `height` pixels, and the mouse off it. */
  async place(window, width, height) {
    await this.run('xdotool', 'windowmove', window, '0', '0', 'windowsize', window, String(width), String(height));
    return this.leave();
  }

  /** Waits for a window of that title (a regular expression); resolves with its id. */
  window(title, { seconds = 40 } = {}) {
    const find = async () => (await this.run('xdotool', 'search', '--onlyvisible', '--name', title).catch(() => '')).toString().trim().split('\n')[0];
    return until(find, { seconds, what: `the window ${title}` });
  }

  /** What is to be seen, once two looks in a row saw the same. `window`: of that one alone. */
  async picture(window = 'root') {
    let before = null;
    return until(async () => {
      const now = await this.run('import', '-window', window, 'png:-');
      const rests = before !== null && now.equals(before);
      before = now;
      return rests && now;
    }, { seconds: 30, what: 'a screen at rest' });
  }

  /** Ends what start() gave, and waits for it. */
  async stop(child) {
    child.kill();
    await ended(child);
  }

  async close() {
    for (const child of this.#children.reverse()) await this.stop(child);
    rmSync(this.home, { recursive: true, force: true });
  }
}
