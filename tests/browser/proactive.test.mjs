// SPDX-License-Identifier: Apache-2.0
// The tenant's rules that greet a visitor who has not opened the chat, on the site's own page.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { axeFinds } from '../support/browser.mjs';
import { Stage, until } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set((service) => ({
    '/strict': { policy: `default-src 'none'; script-src ${service} 'nonce-abc'; style-src 'nonce-abc'; img-src data:; frame-src ${service}; ` +
        "require-trusted-types-for 'script'; trusted-types 'none'",
      body: `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><body><main><h1>Shop</h1></main>` +
        `<script nonce="abc" async src="${service}/w/acme.js"></script>` },
  }));
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

const bubbleOf = (chat) => chat.page.locator('lasna-chat p');
const keptBy = (page) => page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean));

test('without rules a page makes one request before the chat is opened; with them one more, and one when it greets', async () => {
  const plain = await stage.visit();
  assert.equal(plain.requests.filter((url) => url.startsWith(stage.instance.http)).length, 1);
  await stage.settle({ 'widget.proactive': 'page=/en/pricing: Questions about <b>prices</b>?' });
  const elsewhere = await stage.visit({ path: '/en/cart' });
  await until(() => elsewhere.requests.some((url) => url.includes('/a/rules-')));
  const chat = await stage.visit();
  await bubbleOf(chat).getByText('Questions about <b>prices</b>?').waitFor();
  assert.equal(chat.requests.filter((url) => url.startsWith(stage.instance.http)).length, 3);
  assert.equal(await bubbleOf(chat).getAttribute('role'), 'status');
  assert.deepEqual(await keptBy(chat.page), [], 'nothing is kept');
  assert.equal(chat.seen.sockets, 0);
  assert.equal(await bubbleOf(elsewhere).count(), 0);
  assert.equal(elsewhere.requests.filter((url) => url.startsWith(stage.instance.http)).length, 2);
  assert.deepEqual(chat.problems, []);
});

for (const [width, colorScheme, language] of [[320, 'light', 'ar'], [768, 'dark', 'fi'], [1280, 'light', 'en']])
  test(`it looks fine at ${width} px, ${colorScheme}, ${language}; a press opens the chat`, async () => {
    await stage.settle({ 'widget.proactive': 'page=/strict: Hello there, is there anything at all that we could help you with today?' });
    const chat = await stage.visit({ path: '/strict', speaks: language, colorScheme, viewport: { width, height: 640 }, reducedMotion: 'reduce' });
    await bubbleOf(chat).waitFor();
    assert.deepEqual(await axeFinds(chat.page.mainFrame()), []);
    assert.ok(await chat.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const box = await bubbleOf(chat).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width);
    assert.equal(await bubbleOf(chat).getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr');
    const close = await bubbleOf(chat).getByRole('button', { name: { ar: 'إغلاق', fi: 'Sulje', en: 'Close' }[language] }).boundingBox();
    assert.ok(close.width >= 44 && close.height >= 44);
    await bubbleOf(chat).getByRole('button').first().press('Enter');
    await chat.text.waitFor();
    assert.equal(await bubbleOf(chat).count(), 0);
    assert.deepEqual(chat.problems, [], 'a strict policy lets all of it be');
  });

test('closed, it stays closed in this tab, and the focus goes to the button', async () => {
  await stage.settle({ 'widget.proactive': 'after=1s times=5: Need a hand?' });
  const chat = await stage.visit();
  await bubbleOf(chat).getByRole('button', { name: 'Close' }).press('Enter');
  assert.equal(await bubbleOf(chat).count(), 0);
  assert.equal(await chat.page.evaluate(() => document.querySelector('lasna-chat').shadowRoot.activeElement?.ariaLabel), 'Chat with us');
  await chat.page.reload();
  await until(() => chat.requests.filter((url) => url.includes('.js')).length > 2);
  await chat.page.waitForFunction(() => performance.now() > 3000);
  assert.equal(await bubbleOf(chat).count(), 0);
});

test('what the page tells of the cart, how far it is scrolled, and pages that change without loading count', async () => {
  await stage.settle({ 'widget.proactive': 'cart=100: Free delivery!\npage=/deep scroll=90: All read?' });
  const chat = await stage.visit();
  await chat.api('event', 'cart', { value: 99, currency: 'EUR' });
  await chat.page.waitForFunction(() => performance.now() > 2500);
  assert.equal(await bubbleOf(chat).count(), 0);
  await chat.api('event', 'cart', { value: 120, currency: 'EUR' });
  await bubbleOf(chat).getByText('Free delivery!').waitFor();
  await chat.page.evaluate(() => {
    document.body.style.height = '9000px';
    history.pushState({}, '', '/deep');
  });
  await bubbleOf(chat).waitFor({ state: 'detached' });
  await chat.api('event', 'cart', { value: 0 });
  await chat.page.evaluate(() => scrollTo(0, 9000));
  await bubbleOf(chat).getByText('All read?').waitFor();
  assert.deepEqual(chat.problems, []);
});

test('nobody is greeted while nobody is there', async () => {
  await stage.settle({ 'widget.proactive': 'after=0: Hello!' });
  await anna.presence('away');
  try {
    await until(async () => (await (await fetch(`${stage.instance.http}/w/acme/now.js`)).text()).includes('offline'));
    const chat = await stage.visit();
    await until(() => chat.requests.some((url) => url.includes('now.js')));
    await chat.page.waitForFunction(() => performance.now() > 2500);
    assert.equal(await bubbleOf(chat).count(), 0);
  } finally {
    await anna.presence();
    await until(async () => (await (await fetch(`${stage.instance.http}/w/acme/now.js`)).text()).includes('online'), { what: 'Anna to be there again' });
  }
});

test('visits are counted once the chat was opened, and forgotten with everything else', async () => {
  await stage.settle({ 'widget.proactive': 'visit=2: Welcome back!' });
  const context = await stage.browser.newContext({ locale: 'en' });
  const stranger = await stage.visit({ context });
  await until(() => stranger.requests.some((url) => url.includes('/a/rules-')));
  assert.deepEqual(await keptBy(stranger.page), []);
  await stranger.start();
  await stranger.page.close();
  const back = await stage.visit({ context }); // another tab is another visit
  await bubbleOf(back).getByText('Welcome back!').waitFor();
  assert.ok((await keptBy(back.page)).includes('lasna:acme'));
  await back.api('shutdown');
  await until(async () => (await keptBy(back.page)).length === 0);
  assert.equal((await fetch(`${stage.instance.http}/w/nobody/now.js`)).status, 404);
});

test('a rule that makes no sense is refused when it is set', async () => {
  const { code, stderr } = await stage.instance.ctl('tenant', 'set', 'acme', 'widget.proactive=colour=red: Hello');
  assert.equal(code, 1);
  assert.match(stderr, /"widget.proactive" must be at most 20 lines of conditions/);
});
