// SPDX-License-Identifier: Apache-2.0
// The widget in a real browser, on a site of another origin, against a real instance.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { axeFinds, ChatPage, frameOf, launch } from '../support/browser.mjs';
import { Instance, eventually, until } from '../support/instance.mjs';
import { serveShops } from '../../tools/demo/shop.mjs';

let instance, anna, browser, shops, base, context;

before(async () => {
  instance = await Instance.start();
  base = Number(new URL(instance.http).port) - 80;
  shops = await serveShops(instance.http, base);
  anna = await Agent.login(instance, 'anna');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await anna?.stop();
  shops?.forEach((shop) => shop.close());
  await instance?.stop();
});
afterEach(async () => {
  await context?.close();
  context = undefined;
});

const acme = () => `http://127.0.0.1:${base + 500}`;

/** A fresh browser profile on Acme's page; everything the page asks for is kept in `requests`. */
async function visit({ locale = 'en', path = '/pricing', ...more } = {}) {
  context = await browser.newContext({ locale, ...more });
  const requests = [];
  const problems = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()));
  context.on('weberror', (error) => problems.push(String(error.error())));
  const chat = await ChatPage.open(context, acme() + path);
  return Object.assign(chat, { requests, problems });
}

/** The widget speaks the page's language first; the shop says it is Finnish. */
async function speak(chat, language) {
  await chat.page.evaluate((tag) => globalThis.lasna('locale', tag), language);
}

async function stored(conversationText) {
  const lines = await instance.exported('acme');
  return lines.find((one) => one.messages.some((message) => message.text === conversationText));
}

test('before it is opened: one request, nothing stored, nothing connected', async () => {
  const chat = await visit();
  await chat.page.waitForLoadState('networkidle');
  const ours = chat.requests.filter((url) => url.startsWith(instance.http));
  assert.deepEqual(ours, [`${instance.http}/w/acme.js`]);
  const kept = await chat.page.evaluate(async () => ({
    local: localStorage.length, session: sessionStorage.length, cookies: document.cookie,
    databases: (await indexedDB.databases()).length, frames: frames.length,
  }));
  assert.deepEqual(kept, { local: 0, session: 0, cookies: '', databases: 0, frames: 0 });
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await chat.page.locator('iframe').count(), 0);
  assert.deepEqual(chat.problems, []);
});

test('one global, and a second snippet changes nothing', async () => {
  const chat = await visit();
  const added = await chat.page.evaluate(async (src) => {
    const script = document.createElement('script');
    const loaded = new Promise((resolve) => (script.onload = resolve));
    try {
      script.src = src; // Trusted Types of the shop allow no plain string
    } catch {
      const policy = globalThis.trustedTypes.createPolicy('test', { createScriptURL: (url) => url });
      script.src = policy.createScriptURL(src);
    }
    document.body.append(script);
    await loaded;
    const bare = document.createElement('iframe');
    document.body.append(bare);
    const fresh = new Set(Object.getOwnPropertyNames(bare.contentWindow));
    bare.remove();
    return { hosts: document.querySelectorAll('lasna-chat').length,
             globals: Object.getOwnPropertyNames(window).filter((name) => !fresh.has(name) && !/^\d+$/.test(name)) };
  }, `${instance.http}/w/acme.js`);
  assert.equal(added.hosts, 1);
  assert.deepEqual(added.globals.filter((name) => !/playwright|^__pw/.test(name)), ['lasna']);
});

test('a whole chat: ticks, typing, answer, end', async () => {
  const chat = await visit();
  await speak(chat, 'en');
  await chat.start();
  await chat.message('How can we help').waitFor();
  await chat.say('What does Pro cost?');
  const contact = await anna.accept('acme', /What does Pro cost/);
  await chat.tick('What does Pro cost?', 'delivered').waitFor();
  await chat.frame.getByRole('heading', { name: 'Anna' }).waitFor();
  await anna.composing(contact);
  await chat.hint.getByText('Anna is writing').waitFor();
  await anna.say(contact, 'It is € 29 a month.');
  await chat.message('It is € 29 a month.').waitFor();
  await chat.hint.waitFor({ state: 'hidden' });
  await chat.say('Thanks!');
  await anna.hears('Thanks!');
  await anna.displayed(contact, 'Thanks!');
  await chat.tick('Thanks!', 'read').waitFor();
  await anna.say(contact, '!end solved');
  await chat.list.getByText('The chat has ended').waitFor();
  const transcript = await until(async () => {
    const found = await stored('Thanks!');
    return found?.ended_at && found;
  });
  assert.deepEqual(transcript.messages.map((m) => [m.seq, m.from, m.text]), [
    [1, 'visitor', 'What does Pro cost?'], [2, 'agent', 'It is € 29 a month.'], [3, 'visitor', 'Thanks!']]);
  assert.deepEqual(chat.problems, []);
});

test('a reload goes on where it was, without asking', async () => {
  const chat = await visit();
  await chat.start();
  await chat.say('before the reload');
  const contact = await anna.accept('acme', /before the reload/);
  await chat.tick('before the reload', 'delivered').waitFor();
  await chat.text.fill('half a thou');
  await chat.page.reload();
  await chat.message('before the reload').waitFor();
  assert.equal(await chat.text.inputValue(), 'half a thou');
  await anna.say(contact, 'still here');
  await chat.message('still here').waitFor();
  assert.equal(await chat.message('before the reload').count(), 1);
  await anna.say(contact, '!end');
});

test('closed with Escape, an answer is counted on the button and read when it opens', async () => {
  const chat = await visit();
  await speak(chat, 'en');
  await chat.start();
  await chat.say('count me');
  const contact = await anna.accept('acme', /count me/);
  await chat.frame.getByRole('heading', { name: 'Anna' }).waitFor();
  await chat.text.press('Escape');
  await chat.page.locator('lasna-chat iframe').waitFor({ state: 'hidden' });
  await until(() => chat.page.evaluate(() => document.querySelector('lasna-chat').shadowRoot.activeElement?.tagName === 'BUTTON'));
  const id = await anna.say(contact, 'one for you');
  await chat.page.locator('lasna-chat b', { hasText: '1' }).waitFor();
  await eventually(async () => assert.match(await chat.button.getAttribute('aria-label'), /1 unread/));
  assert.ok(!anna.wasDisplayed(id), 'not read while closed');
  await chat.button.press('Enter');
  await anna.until(() => anna.wasDisplayed(id));
  await chat.page.locator('lasna-chat b').waitFor({ state: 'hidden' });
  await anna.say(contact, '!end');
});

test('without an answer: not sent, try again, and stored once', async () => {
  const chat = await visit();
  await speak(chat, 'en');
  await chat.start();
  await chat.say('first');
  const contact = await anna.accept('acme', /first/);
  await chat.tick('first', 'delivered').waitFor();
  await chat.page.clock.install();
  const { web } = await instance.pids();
  for (const pid of web) process.kill(pid, 'SIGSTOP');
  try {
    await chat.say('into the void');
    await chat.page.clock.runFor(11000);
    await chat.message('into the void').getByText('Not sent').waitFor();
    await chat.message('into the void').getByRole('button', { name: 'Try again' }).click();
    await chat.tick('into the void', 'sending').waitFor();
  } finally {
    for (const pid of web) process.kill(pid, 'SIGCONT');
  }
  await chat.tick('into the void', 'delivered').waitFor();
  const transcript = await stored('into the void');
  assert.equal(transcript.messages.filter(({ text }) => text === 'into the void').length, 1);
  assert.equal(anna.messages.filter(({ text }) => text === 'into the void').length, 1);
  await anna.say(contact, '!end');
});

test('without a network: it says so, keeps the words, and sends them when it is back', async () => {
  const chat = await visit();
  await speak(chat, 'en');
  await chat.start();
  await chat.say('before the tunnel');
  const contact = await anna.accept('acme', /before the tunnel/);
  await context.setOffline(true);
  await chat.status.getByText('Connecting').waitFor();
  await chat.say('from the tunnel');
  await chat.say('and once more');
  await anna.say(contact, 'are you there?');
  await context.setOffline(false);
  await chat.tick('and once more', 'delivered').waitFor();
  await chat.message('are you there?').waitFor();
  const { messages } = await stored('from the tunnel');
  assert.deepEqual(messages.map(({ text }) => text).sort(),
    ['and once more', 'are you there?', 'before the tunnel', 'from the tunnel']);
  await anna.say(contact, '!end');
});

test('nobody is there: it says so, and the words wait for the agent', async () => {
  await anna.presence('gone');
  const chat = await visit();
  await speak(chat, 'en');
  await chat.start();
  await chat.hint.getByText('Nobody is here at the moment').waitFor();
  await chat.say('see this later');
  await chat.tick('see this later', 'saved').waitFor();
  await anna.presence();
  const contact = await anna.accept('acme', /see this later/);
  await anna.hears('see this later');
  await anna.say(contact, '!end');
});

test('it speaks English, Finnish and the page’s own language', async () => {
  const chat = await visit();
  await chat.start();
  await chat.frame.getByPlaceholder('Kirjoita viesti').waitFor(); // the shop's <html lang="fi">
  assert.equal(await chat.frame.locator('html').getAttribute('lang'), 'fi');
  await speak(chat, 'en');
  await chat.frame.getByPlaceholder('Write a message').waitFor();
  assert.equal(await chat.button.getAttribute('aria-label'), 'Close the chat');
});

test('nothing anyone writes is ever markup', async () => {
  const chat = await visit();
  const canaries = ['<img src=x onerror="top.pwned=1;parent.pwned=1;self.pwned=1">', '<script>self.pwned=1</script>',
    '"><svg onload=self.pwned=1>', 'javascript:self.pwned=1', 'https://a.example/"onmouseover="self.pwned=1',
    '{{constructor.constructor("self.pwned=1")()}}', '</textarea><b>bold</b>', '\u202eevil\u2066'];
  await chat.start();
  for (const text of canaries) await chat.say(text);
  const contact = await anna.accept('acme', /img src/);
  for (const text of canaries) await anna.say(contact, text);
  await until(async () => (await chat.list.locator('li.agent').count()) === canaries.length);
  const seen = await chat.list.locator('li.agent p').allTextContents();
  assert.deepEqual(seen, canaries);
  assert.equal(await chat.list.locator('img, script, svg, b').count(), 0);
  for (const href of await chat.list.locator('a').evaluateAll((links) => links.map((link) => link.href)))
    assert.match(href, /^https?:/);
  const frame = frameOf(chat);
  assert.equal(await frame.evaluate(() => self.pwned), undefined);
  assert.equal(await chat.page.evaluate(() => self.pwned), undefined);
  await anna.say(contact, '!end');
});

test('axe finds nothing, light and dark, on the desk and on a phone', async () => {
  for (const [colorScheme, viewport] of [['light', { width: 1100, height: 800 }], ['dark', { width: 320, height: 640 }]]) {
    const chat = await visit({ colorScheme, viewport, bypassCSP: true });
    await chat.start();
    await chat.say(`axe looks, ${colorScheme}`);
    const contact = await anna.accept('acme', new RegExp(`axe looks, ${colorScheme}`));
    await anna.say(contact, `an answer, ${colorScheme}, with https://acme.example/link`);
    await chat.message(`an answer, ${colorScheme}`).waitFor();
    for (const frame of chat.page.frames()) {
      const told = await axeFinds(frame);
      const own = frame === chat.page.mainFrame() ? told.filter((line) => /lasna/.test(line)) : told;
      assert.deepEqual(own, [], `${colorScheme} ${frame.url()}`);
    }
    assert.ok(await chat.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scrolling');
    await anna.say(contact, '!end');
    await chat.list.locator('.note').last().waitFor();
    await context.close();
  }
});

test('by keyboard alone: open, write, end, close', async () => {
  const chat = await visit();
  await speak(chat, 'en');
  await chat.button.focus();
  await chat.page.keyboard.press('Enter');
  await chat.text.waitFor();
  await until(() => chat.text.evaluate((text) => document.activeElement === text));
  await chat.page.keyboard.type('typed without a mouse');
  await chat.page.keyboard.press('Shift+Enter');
  await chat.page.keyboard.type('on two lines');
  await chat.page.keyboard.press('Enter');
  await chat.message('typed without a mouse').locator('.tick.saved, .tick.delivered').waitFor();
  await chat.frame.getByRole('button', { name: 'More' }).press('Enter');
  await chat.frame.getByRole('button', { name: 'End the chat' }).press('Enter');
  await chat.frame.getByRole('button', { name: 'End it' }).press('Enter');
  await chat.list.getByText('The chat has ended').waitFor();
  await chat.page.keyboard.press('Escape');
  await chat.page.locator('lasna-chat iframe').waitFor({ state: 'hidden' });
});

test('each message is announced once, history and typing never', async () => {
  const chat = await visit();
  await chat.start();
  await chat.say('announce');
  const contact = await anna.accept('acme', /announce/);
  const frame = frameOf(chat);
  await frame.evaluate(() => {
    self.told = [];
    new MutationObserver(() => self.told.push(document.querySelector('[role=status]').textContent))
      .observe(document.querySelector('[role=status]'), { childList: true });
  });
  await anna.composing(contact);
  await anna.say(contact, 'just once');
  await chat.message('just once').waitFor();
  await eventually(async () => assert.deepEqual(await frame.evaluate(() => self.told), ['Anna: just once']));
  await chat.page.reload();
  await chat.message('just once').waitFor();
  assert.equal(await chat.frame.locator('[role=status]').textContent(), '');
  await anna.say(contact, '!end');
});

test('a page the tenant never named cannot frame the chat, nor talk with it', async () => {
  const chat = await visit();
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<iframe id="f" src="${instance.http}/w/acme/frame#${encodeURIComponent('http://evil.example')}"></iframe>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const evil = await context.newPage();
  const blocked = evil.waitForEvent('console', { predicate: (line) => /frame-ancestors/.test(line.text()) });
  await evil.goto(`http://127.0.0.1:${server.address().port}/`);
  await blocked;
  server.close();
  await chat.start();
  const before = await chat.frame.locator('h1').textContent();
  await chat.page.evaluate(() => { // not from the parent's loader but from a stranger's frame
    const stranger = document.createElement('iframe');
    document.body.append(stranger);
    stranger.contentWindow.eval === undefined;
    window.postMessage({ lasna: 'gone' }, '*'); // to the loader, from the wrong window
  });
  assert.equal(await chat.frame.locator('h1').textContent(), before);
  assert.equal(await chat.page.locator('lasna-chat').count(), 1);
});

test('shutdown leaves nothing on the device or the page', async () => {
  const chat = await visit();
  await chat.start();
  await chat.say('forget me');
  await chat.message('forget me').locator('.tick.saved, .tick.delivered').waitFor();
  const frame = frameOf(chat);
  assert.equal(await frame.evaluate(() => localStorage.length), 1);
  await chat.page.evaluate(() => globalThis.lasna('shutdown'));
  await until(() => chat.page.evaluate(() => !document.querySelector('lasna-chat') && !('lasna' in window)));
  assert.equal(await chat.page.evaluate(() => sessionStorage.length), 0);
  await chat.page.reload();
  await chat.start();
  await until(async () => (await chat.status.textContent()) !== 'Yhdistetään…');
  assert.equal(await chat.message('forget me').count(), 0);
  const contact = await anna.accept('acme', /forget me/);
  await anna.say(contact, '!end');
});
