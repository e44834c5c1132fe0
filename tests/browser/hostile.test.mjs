// SPDX-License-Identifier: Apache-2.0
// Browsers and pages that are not as one would like them: no storage, a clock that is a year off,
// two tenants side by side, messages from strangers, another's key.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';

import { ChatPage, frameOf } from '../support/browser.mjs';
import { Agent } from '../support/agent.mjs';
import { Stage, until } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

/** A whole short chat; the tick, the answer and the end must all come. */
async function chats(chat, words) {
  await chat.start();
  await chat.say(words);
  const contact = await anna.accept('acme', new RegExp(words));
  await anna.say(contact, `yes: ${words}`);
  await chat.message(`yes: ${words}`).waitFor();
  await chat.message(words).first().locator('.tick.delivered, .tick.read').waitFor();
  return contact;
}

test('storage blocked, on the page and in the frame: the chat works while the page lives', async () => {
  const context = await stage.browser.newContext({ locale: 'en' });
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage', 'BroadcastChannel'])
      Object.defineProperty(self, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
    LockManager.prototype.request = () => Promise.reject(new DOMException('blocked', 'SecurityError'));
  });
  const chat = await stage.visit({ context });
  const contact = await chats(chat, 'nothing to keep it in');
  await chat.api('close');
  await chat.api('open');
  await chat.message('nothing to keep it in').first().waitFor();
  assert.deepEqual(chat.problems, []);
  await anna.say(contact, '!end');
});

test('nothing can be written before the chat knows whose words they are; then the focus is there', async () => {
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  const chat = await stage.visit();
  await chat.page.route('**/a/texts-*', async (route) => {
    await held;
    await route.continue();
  });
  await chat.button.click();
  await chat.frame.locator('header').waitFor();
  assert.ok(await chat.text.isHidden());
  letGo();
  await chat.text.waitFor();
  await until(() => frameOf(chat).evaluate(() => document.activeElement.id === 'text'));
  assert.deepEqual(chat.problems, []);
});

for (const [how, years] of [['a year fast', 1], ['a year slow', -1]])
  test(`a clock ${how}: times are the server's, and nothing waits for them`, async () => {
    const context = await stage.browser.newContext({ locale: 'en' });
    await context.addInitScript((shift) => {
      const Real = Date;
      self.Date = class extends Real {
        constructor(...args) {
          super(...(args.length ? args : [Real.now() + shift]));
        }
        static now() {
          return Real.now() + shift;
        }
      };
    }, years * 365 * 86400000);
    const chat = await stage.visit({ context });
    const contact = await chats(chat, `my clock is ${how}`);
    const { messages } = await stage.transcriptWith(`my clock is ${how}`);
    assert.ok(messages.every(({ at }) => Math.abs(Date.parse(at) - Date.now()) < 86400000));
    assert.deepEqual(chat.problems, []);
    await anna.say(contact, '!end');
  });

test('two tenants in one browser know nothing of each other', async () => {
  const ben = await Agent.login(stage.instance, 'ben');
  const chat = await stage.visit();
  const contact = await chats(chat, 'for Acme alone');
  const page = await chat.context.newPage();
  await page.goto(`http://127.0.0.1:${stage.base + 501}/`);
  const other = new ChatPage(page);
  await other.start();
  await other.say('for Borealis alone');
  await other.message('for Borealis alone').locator('.tick.saved, .tick.delivered').waitFor();
  assert.equal(await other.message('for Acme alone').count(), 0);
  assert.equal(await chat.message('for Borealis alone').count(), 0);
  const [acme, borealis] = await Promise.all([stage.instance.exported('acme'), stage.instance.exported('borealis')]);
  assert.ok(!JSON.stringify(acme).includes('for Borealis alone'));
  assert.ok(!JSON.stringify(borealis).includes('for Acme alone'));
  const kept = await frameOf(chat).evaluate(() => Object.keys(localStorage));
  assert.deepEqual(kept.map((key) => key.split(':')[1]).sort(), kept.length === 2 ? ['acme', 'borealis'] : ['acme']);
  await anna.say(contact, '!end');
  await ben.stop();
});

test('a flood of messages from strangers moves neither the page’s part nor the frame', async () => {
  const chat = await stage.visit();
  const contact = await chats(chat, 'before the flood');
  await chat.page.evaluate(() => {
    const stranger = document.createElement('iframe');
    document.body.append(stranger);
    const frame = document.querySelector('lasna-chat').shadowRoot.querySelector('iframe').contentWindow;
    for (let n = 0; n < 10000; n++) {
      for (const message of [{ lasna: 'gone' }, { lasna: 'close' }, { lasna: 'unread', count: 1e9 }, { lasna: 'emit', name: 'message' }, null, 7])
        window.postMessage(message, '*'); // to the loader, from the wrong window
      frame.postMessage(n % 2 ? null : { lasna: 'nonsense' }, '*'); // from the page itself, but nonsense
    }
  });
  await anna.say(contact, 'after the flood');
  await chat.message('after the flood').waitFor();
  assert.equal(await chat.page.locator('lasna-chat b').isVisible(), false);
  assert.deepEqual(chat.problems, []);
  await anna.say(contact, '!end');
});

/** A page of somebody's own with this on it, on an origin no tenant has named; resolves with its address. */
async function strangersPage(t, body) {
  const server = createServer((request, response) => response.setHeader('content-type', 'text/html; charset=utf-8')
    .end(request.url === '/' ? `<!doctype html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,"><body>${body}` : ''));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

const snippet = (tenant) => `<script async src="${stage.instance.http}/w/${tenant}.js"></script>`;

test('the snippet on a foreign site: a button, behind which there is no chat, and nobody is bothered', async (t) => {
  const origin = await strangersPage(t, snippet('acme'));
  const before = (await stage.instance.exported('acme')).length;
  const chat = await stage.visit({ origin, path: '/' });
  const refused = chat.page.waitForEvent('console', { predicate: (line) => /frame-ancestors/.test(line.text()) });
  await chat.button.click();
  await refused;
  assert.equal(await chat.text.count(), 0);
  assert.deepEqual(chat.requests.filter((url) => /\/t\/|\/ws|\/poll|\/files/.test(url)), [], 'nothing connects');
  assert.deepEqual(chat.problems.filter((line) => !/frame-ancestors|Content Security Policy/.test(line)), []);
  assert.ok(await chat.button.isEnabled(), 'the page around it goes on');
  assert.equal((await stage.instance.exported('acme')).length, before);
  await until(async () => (await stage.instance.control('tenant', 'show', 'acme')).visitors === 0); // those of tests before, too
});

test('the snippets of two tenants on one page: the first one’s chat, and one button', async (t) => {
  const origin = await strangersPage(t, snippet('acme').replace('async ', '') + snippet('borealis').replace('async ', ''));
  const { sites } = await stage.instance.control('tenant', 'show', 'acme');
  await stage.instance.control('tenant', 'change', 'acme', ...[...sites[0].origins, origin].flatMap((one) => ['--origin', one]));
  t.after(() => stage.instance.control('tenant', 'change', 'acme', ...sites[0].origins.flatMap((one) => ['--origin', one])));
  const chat = await stage.visit({ origin, path: '/' });
  await chat.page.waitForLoadState('load');
  assert.equal(await chat.page.locator('lasna-chat').count(), 1);
  const contact = await chats(chat, 'with two snippets');
  await anna.say(contact, '!end');
});

test('another tenant’s site key opens nothing', async () => {
  const key = await stage.instance.siteKey('borealis');
  const chat = await stage.visit();
  const status = await chat.page.evaluate(async (url) => (await fetch(url, { mode: 'no-cors' }).catch(() => ({ type: 'refused' }))).type,
    `${stage.instance.http}/w/acme/frame?site=${key}`);
  assert.equal(status, 'refused', 'the shop’s own policy lets nothing be fetched');
  assert.equal((await fetch(`${stage.instance.http}/w/acme/frame?site=${key}`)).status, 404);
  assert.equal((await fetch(`${stage.instance.http}/w/acme.js?site=${key}`)).status, 404);
});

test('what a page says of itself is never markup, to the visitor, the agent or the transcript’s readers', async () => {
  const chat = await stage.visit();
  const evil = '<img src=x onerror="self.pwned=1">';
  await chat.page.evaluate((text) => {
    document.title = text;
    history.replaceState({}, '', `/en/${encodeURIComponent(text)}?q=<script>self.pwned=1</script>#<svg onload=self.pwned=1>`);
    globalThis.lasna('identify', { name: text, email: `"${text}"@x.example` });
    globalThis.lasna('event', 'purchase', { value: 1, currency: 'EUR', id: text });
  }, evil);
  await chat.start();
  await chat.say('look at my page');
  const contact = await anna.accept('acme', /look at my page/);
  await anna.say(contact, `you are on ${evil}`);
  await chat.message('you are on').waitFor();
  assert.equal(await chat.list.locator('img, script, svg').count(), 0);
  for (const frame of chat.page.frames()) assert.equal(await frame.evaluate(() => self.pwned), undefined);
  const { visitor } = await stage.transcriptWith('look at my page');
  assert.equal(visitor.name, evil);
  await until(async () => (await chat.frame.locator('.tick.delivered, .tick.read').count()) > 0);
  await anna.say(contact, '!end');
});
