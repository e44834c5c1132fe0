// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, driven by playwright-core, with a fresh profile and no calls home.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

import { PATIENCE_S } from './instance.mjs';
import { note } from './kept.mjs';

const QUIET = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP *.example 127.0.0.1'];

// Playwright switches off, among others, the storage that Chromium keeps apart for each site around a
// frame; a frame on a page of another site then gets none. Of this switch Chromium counts the last, so
// this list stands in place of Playwright's: what would call home, or make tests uneven.
const OFF = ['AutoDeElevate', 'DestroyProfileOnBrowserClose', 'DialMediaRouteProvider', 'GlobalMediaControls', 'HttpsUpgrades',
  'MediaRouter', 'OptimizationHints', 'PaintHolding', 'RenderDocument', 'Translate'];

/** Of a fresh profile's pages, whatever could be why a test fails is kept. */
function watched(context) {
  context.setDefaultTimeout(PATIENCE_S * 1000);
  const named = (url) => url.replace(/#.*/, ''); // what may be secret stands behind it
  const of = (request) => `${request.method()} ${named(request.url())}`;
  context.on('console', (line) => ['error', 'warning'].includes(line.type()) && note(`console ${line.type()}: ${line.text()}`));
  context.on('weberror', (error) => note(`thrown: ${error.error()}`));
  context.on('requestfailed', (request) => note(`${of(request)}: ${request.failure()?.errorText}`));
  context.on('response', (response) => response.status() >= 400 && note(`${of(response.request())}: ${response.status()}`));
  context.on('page', (page) => {
    page.on('framenavigated', (frame) => note(`${frame.parentFrame() ? 'frame' : 'page'} ${named(frame.url())}`));
    page.on('websocket', (socket) => {
      note(`socket opened ${socket.url()}`);
      socket.on('close', () => note(`socket closed ${socket.url()}`));
    });
    page.on('crash', () => note(`crashed: ${page.url()}`));
  });
  return context;
}

/** A browser as visitors have it, to which every name under `.example` is this machine.
 *  `thirdPartyStorage`: false refuses frames of another site than the page's all storage. */
export async function launch({ thirdPartyStorage = true } = {}) {
  const executablePath = ['/usr/bin/chromium', process.env.LASNA_CHROMIUM].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium: ./dev setup installs it');
  const off = thirdPartyStorage ? OFF : [...OFF, 'ThirdPartyStoragePartitioning'];
  const browser = await chromium.launch({ executablePath, args: [...QUIET, `--disable-features=${off.join(',')}`] });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => watched(await newContext(options));
  return browser;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe has against a frame as it stands once nothing comes or goes: a line for each. What is
 *  half faded in has no contrast yet; so from then on nothing on that page fades in. */
export async function axeFinds(frame) {
  await frame.page().emulateMedia({ reducedMotion: 'reduce' });
  await frame.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished)));
  if (!(await frame.evaluate(() => 'axe' in globalThis))) await frame.evaluate(axe);
  const { violations } = await frame.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], iframes: false }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** The chat's own frame, for what runs in it. */
export const frameOf = (chat) => chat.page.frames().find((one) => one.url().includes('/frame'));

/** As the chat stands now: axe finds nothing, nothing scrolls sideways, everything can be hit. */
export async function looksFine(chat, state = 'as it stands') {
  const frame = frameOf(chat);
  assert.deepEqual(await axeFinds(frame), [], state);
  assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state}: sideways scrolling`);
  const small = await frame.evaluate(() => [...document.querySelectorAll('button')]
    .filter((button) => button.checkVisibility() && Math.min(button.offsetWidth, button.offsetHeight) < 24).map((button) => button.outerHTML));
  assert.deepEqual(small, [], `${state}: too small to hit`);
}

/** A page on a shop with the widget on it, and handles on the widget's parts. */
export class ChatPage {
  constructor(page) {
    this.page = page;
    this.button = page.locator('lasna-chat button');
    this.frame = page.frameLocator('lasna-chat iframe');
    this.text = this.frame.locator('#text');
    this.list = this.frame.locator('ol');
    this.status = this.frame.locator('header p');
    this.hint = this.frame.locator('#state');
  }

  static async open(context, url) {
    const page = await context.newPage();
    await page.goto(url);
    const chat = new ChatPage(page);
    await chat.button.waitFor();
    return chat;
  }

  async start() {
    await this.button.click();
    await this.text.waitFor();
  }

  async say(text) {
    await this.text.fill(text);
    await this.text.press('Enter');
  }

  /** Opens the menu and takes this. */
  async choose(name) {
    await this.frame.getByRole('button', { name: 'More' }).click();
    await this.frame.getByRole('button', { name }).click();
  }

  /** Files to send, chosen by the button: each { name, bytes, type }. */
  async attach(...files) {
    const button = this.frame.getByRole('button', { name: 'Send a file' });
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), button.click()]);
    await chooser.setFiles(files.map(({ name, bytes, type = 'image/png' }) => ({ name, mimeType: type, buffer: Buffer.from(bytes) })));
  }

  message(text) {
    return this.list.locator('li', { hasText: text });
  }

  /** The tick of an own message, once it is at least `state`. */
  tick(text, state) {
    return this.message(text).locator(`.tick.${state}`);
  }
}
