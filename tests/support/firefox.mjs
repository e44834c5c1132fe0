// SPDX-License-Identifier: Apache-2.0
// Debian's Firefox, driven by WebDriver BiDi over the WebSocket it opens itself: no driver beside it,
// no build of anybody's. Only what one look at the widget in another browser needs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';

import { until } from './instance.mjs';

/** Nothing calls home, nothing asks. */
const PREFS = { 'app.update.enabled': false, 'browser.shell.checkDefaultBrowser': false, 'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.healthreport.uploadEnabled': false, 'toolkit.telemetry.server': '', 'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false, 'services.settings.server': 'data:,', 'extensions.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false, 'browser.safebrowsing.phishing.enabled': false, 'remote.log.level': 'Info' };
const ENTER = '\uE007', ESCAPE = '\uE00C';

/** Where it is; undefined: there is none. */
export const firefoxPath = () => ['/usr/bin/firefox-esr', '/usr/bin/firefox', process.env.LASNA_FIREFOX].find((path) => path && existsSync(path));

export class Firefox {
  #id = 0;
  #waiting = new Map();
  problems = []; // what pages complain about

  static async launch() {
    const firefox = new Firefox();
    firefox.profile = await mkdtemp(join(tmpdir(), 'lasna-firefox-'));
    await writeFile(join(firefox.profile, 'user.js'), Object.entries(PREFS).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});\n`).join(''));
    firefox.process = spawn(firefoxPath(), ['--headless', '--no-remote', '--profile', firefox.profile, '--remote-debugging-port', '0', 'about:blank'],
      { env: { ...process.env, HOME: firefox.profile, MOZ_CRASHREPORTER_DISABLE: '1' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    firefox.process.stderr.on('data', (data) => (said += data));
    const url = await until(() => /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1], { what: 'Firefox' });
    await firefox.#connect(`${url}/session`);
    return firefox;
  }

  async #connect(url) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data) => this.#take(JSON.parse(data)));
    await new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
    await this.call('session.new', { capabilities: {} });
    await this.call('session.subscribe', { events: ['log.entryAdded'] });
    const { contexts } = await this.call('browsingContext.getTree', {});
    this.context = contexts[0].context;
  }

  #take({ id, type, result, error, message, method, params }) {
    if (method === 'log.entryAdded' && ['error', 'warn'].includes(params.level)) this.problems.push(params.text);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === 'success') waiting?.resolve(result);
    else if (type === 'error') waiting?.reject(new Error(`${error}: ${message}`));
  }

  call(method, params) {
    const id = ++this.#id;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  open(url) {
    return this.call('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  /** The frame of the chat, once it is there. */
  frame() {
    return until(async () => {
      const { contexts } = await this.call('browsingContext.getTree', { root: this.context });
      return contexts[0].children.find(({ url }) => /\/frame\?/.test(url))?.context;
    });
  }

  /** What an expression gives: a text, a number, a node. */
  async see(expression, context = this.context) {
    const { result, exceptionDetails } = await this.call('script.evaluate', { expression, target: { context }, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.type === 'node' ? { sharedId: result.sharedId } : result.value;
  }

  /** Waits until it gives something. */
  wait(expression, context) {
    return until(() => this.see(expression, context).catch(() => null), { what: expression });
  }

  async click(expression, context = this.context) {
    const element = await this.see(expression, context);
    await this.call('input.performActions', { context, actions: [{ type: 'pointer', id: 'mouse', actions: [
      { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element } }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }] }] });
  }

  /** Types where the focus is. */
  async type(text, context = this.context) {
    await this.call('input.performActions', { context, actions: [{ type: 'key', id: 'keys',
      actions: [...text.replaceAll('\n', ENTER)].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]) }] });
  }

  /** Down and not up: the chat is closed by then, and its frame takes no keys. */
  async escape(context = this.context) {
    await this.call('input.performActions', { context, actions: [{ type: 'key', id: 'keys', actions: [{ type: 'keyDown', value: ESCAPE }] }] });
  }

  async quit() {
    this.socket?.close();
    if (this.process.exitCode === null) {
      this.process.kill();
      await new Promise((resolve) => this.process.once('exit', resolve));
    }
    await rm(this.profile, { recursive: true, force: true });
  }
}
