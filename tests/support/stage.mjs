// SPDX-License-Identifier: Apache-2.0
// Everything a browser test of the widget needs: an instance, the shops' pages on origins of
// their own, an agent on a real XMPP connection, a browser.
import { Agent } from './agent.mjs';
import { ChatPage, launch } from './browser.mjs';
import { Instance, eventually, until } from './instance.mjs';
import { serveShops } from '../../tools/demo/shop.mjs';

/** Goes there and waits for the widget; fails at once where its loader cannot be had. */
async function goWhereWidgetIs(page, url) {
  const refused = new Promise((_, reject) => {
    page.on('requestfailed', async (request) => {
      if (!/\/w\/[\w-]+\.js(\?|$)/.test(request.url())) return;
      const answer = await fetch(request.url()).then(({ status }) => `answered ${status}`, ({ cause, message }) => String(cause ?? message));
      reject(new Error(`no loader: ${request.failure()?.errorText}; ${request.url()} is now ${answer}`));
    });
    page.on('response', (response) => response.status() >= 400 && /\/w\/[\w-]+\.js(\?|$)/.test(response.url()) &&
      reject(new Error(`no loader: ${response.url()} was answered ${response.status()}`)));
  });
  const comes = page.goto(url).then(() => page.locator('lasna-chat').waitFor({ state: 'attached' }));
  await Promise.race([comes, refused]);
}

export class Stage {
  /** `pages` of the site beside the shop's own; given the service's origin. */
  static async set(pages = () => ({})) {
    const stage = new Stage();
    stage.changed = new Set();
    stage.instance = await Instance.start();
    stage.base = Number(new URL(stage.instance.http).port) - 80;
    stage.shops = await serveShops(stage.instance.http, stage.base, pages(stage.instance.http),
      (...args) => stage.instance.control(...args));
    stage.anna = await Agent.login(stage.instance, 'anna');
    stage.browser = await launch();
    return stage;
  }

  async strike() {
    await this.browser?.close();
    await this.anna?.stop();
    this.shops?.forEach((shop) => shop.close());
    await this.instance?.stop();
  }

  /** Ends the browser profiles of a test, and what it had set. */
  async clear() {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
    if (this.changed.size > 0) await this.settle(Object.fromEntries([...this.changed].map((key) => [key, ''])));
    this.changed.clear();
  }

  get acme() {
    return `http://127.0.0.1:${this.base + 500}`;
  }

  /** A page of Acme in a fresh profile of `browser`, or in `context`. What it complains about, what
   *  it asks for and what its sockets send is kept in `problems`, `requests` and `sent`. */
  async visit({ locale = 'en', origin = this.acme, path = '/en/pricing', browser = this.browser, context, speaks, ...more } = {}) {
    context ??= await browser.newContext({ locale, ...more });
    const seen = { problems: [], requests: [], sent: [], sockets: 0 };
    const page = await context.newPage();
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && seen.problems.push(message.text()));
    page.on('pageerror', (error) => seen.problems.push(String(error)));
    page.on('request', (request) => seen.requests.push(request.url()));
    page.on('websocket', (socket) => {
      seen.sockets++;
      socket.on('framesent', ({ payload }) => seen.sent.push(JSON.parse(payload)));
    });
    await goWhereWidgetIs(page, origin + path);
    const chat = new ChatPage(page);
    if (speaks) await page.evaluate((tag) => globalThis.lasna('locale', tag), speaks);
    return Object.assign(chat, seen, { context, seen, api: (...args) => page.evaluate((words) => globalThis.lasna(...words), args) });
  }

  /** A question, and the agent's first words to it; resolves with the agent's contact. */
  async exchange(chat, question) {
    await chat.say(question);
    const contact = await this.anna.accept('acme', new RegExp(question));
    await this.anna.say(contact, `an answer to ${question}`);
    await chat.message(`an answer to ${question}`).waitFor();
    return contact;
  }

  /** A chat up to there. */
  async talk(chat, question) {
    await chat.start();
    return this.exchange(chat, question);
  }

  /** Acme's settings from now on. A page that is in a browser's cache has the old ones for a while. */
  async settle(settings) {
    Object.keys(settings).forEach((key) => this.changed.add(key));
    await this.instance.control('tenant', 'set', 'acme', ...Object.entries(settings).map(([key, value]) => `${key}=${value}`));
  }

  async transcriptWith(text) {
    const lines = await this.instance.exported('acme');
    return lines.find((one) => one.messages.some((message) => message.text === text));
  }
}

export { eventually, until };
