// SPDX-License-Identifier: Apache-2.0
// A page that tells of a purchase asks its buyer, who chatted or not, where the tenant wants that.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { axeFinds } from '../support/browser.mjs';
import { Stage, until } from '../support/stage.mjs';

let stage;

before(async () => {
  stage = await Stage.set((service) => ({
    '/thanks': { policy: `default-src 'none'; script-src ${service} 'nonce-abc'; style-src 'nonce-abc'; img-src data:; frame-src ${service}; ` +
        "require-trusted-types-for 'script'; trusted-types 'none'",
      body: `<!doctype html><html lang="en"><title>Thanks</title><link rel="icon" href="data:,"><body><main><h1>Thank you</h1></main>` +
        `<script nonce="abc">window.lasna = function () { (lasna.q = lasna.q || []).push(arguments); };` +
        `lasna('event', 'purchase', { id: 'order ' + location.hash.slice(1), value: 129.9, currency: 'EUR' });</script>` +
        `<script nonce="abc" async src="${service}/w/acme.js"></script>` },
  }));
});
after(() => stage?.strike());
afterEach(() => stage.clear());

const bubbleOf = (chat) => chat.page.locator('lasna-chat p');
const effect = async () => (await stage.instance.control('presence', 'report', 'acme')).effect;

test('only where the tenant wants it, and only for an order with an id', async () => {
  const silent = await stage.visit({ path: '/thanks#1' });
  assert.equal(silent.requests.filter((url) => url.startsWith(stage.instance.http)).length, 1);
  await stage.settle({ 'widget.buyers': 'yes' });
  const chat = await stage.visit();
  await until(() => chat.requests.some((url) => url.includes('/a/rules-')));
  await chat.page.evaluate(() => { lasna('event', 'cart', { value: 3 }); lasna('event', 'purchase', { value: 3, currency: 'EUR' }); lasna('event', 'purchase'); });
  await chat.page.evaluate(() => lasna('event', 'purchase', { id: 'order 7' }));
  await bubbleOf(chat).getByRole('link').waitFor();
  assert.equal(chat.requests.filter((url) => url.includes('/ask.js?')).length, 1);
  assert.deepEqual(chat.problems, []);
});

test('a buyer who never opened the chat is asked, under a strict policy too, and answers once', async () => {
  await stage.settle({ 'widget.buyers': 'yes' });
  const chat = await stage.visit({ path: '/thanks#2', viewport: { width: 320, height: 640 } });
  const link = bubbleOf(chat).getByRole('link', { name: 'How was it to buy from us?' });
  await link.waitFor();
  assert.deepEqual(await axeFinds(chat.page.mainFrame()), []);
  assert.equal(await bubbleOf(chat).getAttribute('role'), 'status');
  const close = await bubbleOf(chat).getByRole('button', { name: 'Close' }).boundingBox();
  assert.ok(close.width >= 44 && close.height >= 44);
  const [page] = await Promise.all([chat.page.context().waitForEvent('page'), link.press('Enter')]);
  await page.getByRole('group', { name: 'Did you chat with us' }).getByLabel('No', { exact: true }).check();
  await page.getByRole('button', { name: 'Send answers' }).click();
  await page.getByRole('heading', { name: 'Your answers have arrived' }).waitFor();
  assert.equal(await bubbleOf(chat).count(), 0);
  const found = await effect();
  assert.deepEqual([found.not, found.told.widget, found.orders[0].currency], [1, 1, 'EUR']);
  assert.equal(chat.seen.sockets, 0, 'the chat stays closed');
  assert.deepEqual(chat.problems, []);
  const again = await stage.visit({ path: '/thanks#2' });
  await until(() => again.requests.some((url) => url.includes('/ask.js?')));
  await again.page.evaluate(() => new Promise((resolve) => { requestIdleCallback(resolve); }));
  assert.equal(await bubbleOf(again).count(), 0);
});

test('who chats is asked beside the closed chat, and known as such', async () => {
  await stage.settle({ 'widget.buyers': 'yes' });
  const chat = await stage.visit();
  await chat.start();
  await chat.say('Is it in stock?');
  await chat.list.getByText('Is it in stock?').waitFor();
  await stage.anna.accept('acme', /Is it in stock/);
  await chat.page.evaluate(() => lasna('event', 'purchase', { id: 'order 3', value: 5, currency: 'EUR' }));
  const link = bubbleOf(chat).getByRole('link', { includeHidden: true });
  await link.waitFor({ state: 'attached' });
  assert.equal(await link.isVisible(), false, 'not over the open chat');
  await chat.page.evaluate(() => lasna('close'));
  await link.waitFor();
  const path = new URL(await link.getAttribute('href'));
  await until(async () => !(await (await fetch(path)).text()).includes('name="chatted"'));
  await bubbleOf(chat).getByRole('button', { name: 'Close' }).click();
  assert.equal(await bubbleOf(chat).count(), 0);
});

test('who chats on is asked as well, though the chat is there before what asks', async () => {
  await stage.settle({ 'widget.buyers': 'yes' });
  const chat = await stage.visit();
  await chat.start();
  await chat.say('Can I pay by card?');
  await chat.list.getByText('Can I pay by card?').waitFor();
  await chat.page.evaluate(() => lasna('close'));
  let send;
  const held = new Promise((resolve) => (send = resolve));
  await chat.page.route('**/a/rules-*', async (route) => (await held, route.continue()));
  await chat.page.goto(`${stage.acme}/thanks#4`);
  await until(() => chat.sent.some(({ type, id }) => type === 'event' && id === 'order 4'));
  assert.equal(chat.requests.some((url) => url.includes('/ask.js?')), false);
  send();
  await bubbleOf(chat).getByRole('link').waitFor();
  assert.equal(chat.sent.filter(({ type, id }) => type === 'event' && id === 'order 4').length, 1, 'told once');
});

test('a link is made for pages of the tenant\'s own sites alone', async () => {
  await stage.settle({ 'widget.buyers': 'yes' });
  const ask = (headers, query = 'id=order+9', tenant = 'acme') => fetch(`${stage.instance.http}/s/${tenant}/ask.js?${query}`, { headers });
  const origin = new URL((await stage.visit()).page.url()).origin;
  assert.match(await (await ask({ Origin: origin })).text(), /^export default '\/s\/acme\/[\w-]+';$/);
  assert.match(await (await ask({ Origin: origin }, 'id=')).text(), /default '';/);
  const named = async (letters) => (await ask({ Origin: origin }, `id=${encodeURIComponent('ä'.repeat(letters))}`)).text();
  assert.match(await named(200), /^export default '\/s\/acme\//);
  assert.match(await named(201), /default '';/);
  for (const currency of ["'-x", 'a%23b', '978'])
    assert.match(await (await ask({ Origin: origin }, `id=1&value=12.5&currency=${currency}`)).text(), /^export default '\/s\/acme\/[a-z0-9]+-[a-f0-9]+-[a-f0-9]+-wu--[a-z0-9]+';$/);
  assert.equal((await ask({})).status, 403);
  assert.equal((await ask({ Origin: 'https://evil.example' })).status, 403);
  assert.equal((await ask({ Origin: origin }, 'id=1', 'nobody')).status, 403);
  await stage.settle({ 'widget.buyers': 'no' });
  assert.match(await (await ask({ Origin: origin })).text(), /default '';/);
});
