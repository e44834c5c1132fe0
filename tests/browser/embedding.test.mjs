// SPDX-License-Identifier: Apache-2.0
// What the owner of a site can do with the widget: every verb, every event, identity, pages that
// change without loading, and a page left as if it had never been there.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { frameOf } from '../support/browser.mjs';
import { signed } from '../support/jwt.mjs';
import { Stage, eventually, until } from '../support/stage.mjs';

let stage, anna, key;

before(async () => {
  stage = await Stage.set((service) => ({
    '/queued': { policy: `frame-src ${service}`, body: `<!doctype html><title>Shop</title><body><script>
      window.lasna = window.lasna || function () { (lasna.q = lasna.q || []).push(arguments); };
      lasna('on', 'ready', function () { document.title = 'ready'; });
      lasna('open');</script><script async src="${service}/w/acme.js"></script>` },
    '/strict': { policy: `default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; frame-src ${service}; ` +
        `require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'`,
      body: `<!doctype html><title>Shop</title><link rel="icon" href="data:,"><body><script nonce="abc" async src="${service}/w/acme.js"></script>` },
  }));
  anna = stage.anna;
  key = await stage.instance.control('identity', 'renew', 'acme');
});
after(() => stage?.strike());
afterEach(() => stage.clear());

/** Keeps every event of the widget in the page's `heard`. */
async function listen(chat) {
  await chat.page.evaluate(() => {
    self.heard = [];
    for (const name of ['ready', 'open', 'close', 'availability', 'conversation-started', 'conversation-ended', 'message',
                        'unread', 'error'])
      document.addEventListener(`lasna:${name}`, ({ detail }) => self.heard.push([name, detail]));
  });
}
const heard = (chat, name) => chat.page.evaluate((wanted) => self.heard.filter(([one]) => one === wanted).map(([, detail]) => detail), name);

test('open, close, show and hide', async () => {
  const chat = await stage.visit();
  await chat.api('open');
  await chat.text.waitFor();
  await chat.api('close');
  await chat.page.locator('lasna-chat iframe').waitFor({ state: 'hidden' });
  await chat.api('hide');
  await chat.button.waitFor({ state: 'hidden' });
  await chat.api('show');
  await chat.button.waitFor();
  assert.deepEqual(chat.problems, []);
});

test('a page to try all settings live: what is set there counts at once, nonsense is refused, a stranger’s form too', async () => {
  ['widget.side', 'widget.proactive'].forEach((key) => stage.changed.add(key));
  const chat = await stage.visit({ path: '/try' });
  const form = (key) => chat.page.locator('form', { has: chat.page.locator('code', { hasText: new RegExp(`^${key}$`) }) });
  assert.equal(await form('widget.side').locator('select').inputValue(), 'right');
  await form('widget.side').locator('select').selectOption('left');
  await form('widget.side').getByRole('button').click();
  await chat.page.locator('lasna-chat.left').waitFor();
  await form('widget.proactive').locator('textarea').fill('page=/try: Like this?\npage=/nowhere: Or that?');
  await form('widget.proactive').getByRole('button').click();
  await chat.page.locator('lasna-chat p', { hasText: 'Like this?' }).waitFor();
  const said = await fetch(`${stage.acme}/try`, { method: 'POST', body: 'key=widget.side&value=right', headers: { Origin: 'http://evil.example' } });
  assert.equal(said.status, 403);
  await form('widget.proactive').locator('textarea').fill('nonsense');
  await form('widget.proactive').getByRole('button').click();
  await chat.page.getByText('must be at most 20 lines of conditions').waitFor();
});

test('every event of a whole chat reaches the page', async () => {
  const chat = await stage.visit();
  await listen(chat);
  await chat.start();
  await chat.say('tell the page');
  const contact = await anna.accept('acme', /tell the page/);
  await chat.api('close');
  await anna.say(contact, 'while it is closed');
  await until(async () => (await heard(chat, 'unread')).some(({ count }) => count === 1));
  await anna.say(contact, '!end');
  await until(async () => (await heard(chat, 'conversation-ended')).length === 1);
  assert.equal((await heard(chat, 'open')).length, 1);
  assert.equal((await heard(chat, 'close')).length, 1);
  assert.equal((await heard(chat, 'conversation-started')).length, 1);
  assert.deepEqual(await heard(chat, 'conversation-ended'), [{ reason: 'agent' }]);
  assert.ok((await heard(chat, 'availability')).some(({ availability }) => availability === 'online'));
  assert.ok((await heard(chat, 'message')).some(({ from, name }) => from === 'agent' && name === 'Anna'));
  assert.ok(!JSON.stringify(await chat.page.evaluate(() => self.heard)).includes('tell the page'), 'what was said is not the page’s business');
});

test('on and off; an unknown verb is an event, not an exception', async () => {
  const chat = await stage.visit();
  await listen(chat);
  const calls = await chat.page.evaluate(() => {
    const calls = [];
    const one = () => calls.push('one');
    lasna('on', 'open', one);
    lasna('on', 'open', () => calls.push('two'));
    lasna('open');
    lasna('off', 'open', one);
    lasna('close');
    lasna('open');
    lasna('off', 'open');
    lasna('close');
    lasna('open');
    lasna('constructor');
    return calls;
  });
  assert.deepEqual(calls, ['one', 'two', 'two']);
  assert.deepEqual((await heard(chat, 'error')).map(({ code }) => code), ['no_such_verb']);
});

test('what is called before the script is there is done once it is', async () => {
  const chat = await stage.visit({ path: '/queued' });
  await chat.text.waitFor();
  assert.equal(await chat.page.title(), 'ready');
});

test('it works under the strictest policies a page can have', async () => {
  const chat = await stage.visit({ path: '/strict' });
  await chat.start();
  await chat.say('strictly speaking');
  await chat.tick('strictly speaking', 'saved').or(chat.tick('strictly speaking', 'delivered')).waitFor();
  assert.deepEqual(chat.problems.filter((line) => !/data:,/.test(line)), []); // the page's own icon
  await anna.say(await anna.accept('acme', /strictly speaking/), '!end');
});

for (const [how, without] of [['the Navigation API', ''], ['History alone', 'Object.defineProperty(window, "navigation", { value: undefined }); delete window.navigation; delete Window.prototype.navigation;']])
  test(`a page that changes without loading is told, by ${how}`, async () => {
    const context = await stage.browser.newContext({ locale: 'en' });
    if (without) await context.addInitScript(without);
    const chat = await stage.visit({ context });
    const untouched = await chat.page.evaluate(() => /native code/.test(history.pushState));
    assert.equal(untouched, !without);
    await chat.start();
    await until(() => chat.sent.some(({ type }) => type === 'hello'));
    await chat.page.evaluate(() => {
      history.pushState({}, '', '/en/cart');
      document.title = 'Cart'; // as frameworks do, a moment later
    });
    await until(() => chat.sent.some(({ type, url, title }) => type === 'page' && url.endsWith('/en/cart') && title === 'Cart'));
    await chat.page.goBack();
    await until(() => chat.sent.some(({ type, url }) => type === 'page' && url.endsWith('/en/pricing')));
    await chat.api('shutdown');
    await until(() => chat.page.evaluate(() => !('lasna' in window)));
    assert.ok(await chat.page.evaluate(() => /native code/.test(history.pushState)), 'history is as it was');
  });

test('a tab the visitor does not see is told, and the agent sees them away', async () => {
  const chat = await stage.visit();
  const contact = await stage.talk(chat, 'do you see me?');
  const shown = (show) => anna.until(() => anna.stanzas.some((stanza) => stanza.is('presence') && stanza.attrs.from.startsWith(contact) &&
    !stanza.attrs.type && (stanza.getChildText('show') ?? '') === show));
  await shown('');
  for (const hidden of [true, false]) {
    anna.stanzas.length = 0;
    await frameOf(chat).evaluate((now) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => now });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, hidden);
    await until(() => chat.sent.some((frame) => frame.type === 'page' && frame.hidden === hidden && frame.url.endsWith('/en/pricing')));
    await shown(hidden ? 'away' : '');
  }
  await anna.say(contact, '!end');
});

test('events of the site reach the transcript, those from before the chat was opened too', async () => {
  const chat = await stage.visit();
  await chat.api('event', 'purchase', { value: 129.9, currency: 'EUR', id: 'o-1' });
  await chat.start();
  await until(() => chat.sent.some(({ type, name }) => type === 'event' && name === 'purchase'));
  await chat.say('about my order');
  const contact = await anna.accept('acme', /about my order/);
  await chat.api('event', 'purchase', { value: 10, currency: 'EUR', id: 'o-2' });
  const { events } = await until(async () => {
    const found = await stage.transcriptWith('about my order');
    return found?.events.some(({ id }) => id === 'o-2') && found;
  });
  assert.deepEqual(events.filter(({ type }) => type === 'site_purchase').map(({ value, currency }) => [value, currency]).pop(), [10, 'EUR']);
  await anna.say(contact, '!end');
});

test('identify: vouched for, and gone without a trace when another sits down', async () => {
  const chat = await stage.visit();
  await chat.api('identify', signed(key, { sub: 'crm-1', name: 'Maria', stage: 'existing' }));
  await chat.start();
  await chat.say('it is Maria');
  const contact = await anna.accept('acme', /Maria · "it is Maria"/);
  const transcript = await stage.transcriptWith('it is Maria');
  assert.equal(transcript.visitor.verified, true);
  assert.equal(transcript.stage, 'existing');
  const frame = frameOf(chat);
  assert.ok(!/crm-1/.test(await frame.evaluate(() => JSON.stringify(localStorage))), 'the device does not tell who it was');

  await chat.api('identify', signed(key, { sub: 'crm-2', name: 'Eve' }));
  await until(async () => (await chat.message('it is Maria').count()) === 0);
  await chat.api('identify', null); // signed out
  await until(() => chat.sent.filter(({ type }) => type === 'hello').at(-1)?.identity === null);
  await chat.status.getByText('We are here').waitFor();
  assert.equal(await chat.message('it is Maria').count(), 0);

  await chat.api('identify', signed(key, { sub: 'crm-1', name: 'Maria' }));
  await chat.message('it is Maria').waitFor();
  assert.deepEqual(chat.problems, []);
  await anna.say(contact, '!end');
});

test('a wrong identity is told to the page once, and a right one goes on', async () => {
  const chat = await stage.visit();
  await listen(chat);
  await chat.api('identify', signed(key, { sub: 'crm-3', exp: 1 }));
  await chat.start();
  await chat.frame.getByText('Please sign in again').waitFor();
  const errors = await until(async () => {
    const all = await heard(chat, 'error');
    return all.length > 0 && all;
  }, { what: 'the page to be told' });
  assert.deepEqual(errors.map(({ code }) => code), ['bad_identity']);
  assert.match(errors[0].text, /expired/);
  assert.equal(chat.seen.sockets, 1, 'it does not knock again by itself');
  await chat.api('identify', signed(key, { sub: 'crm-3' }));
  await chat.status.getByText('We are here').waitFor();
});

test('where an identity is required, strangers are told to sign in', async () => {
  await stage.instance.control('identity', 'require', 'acme');
  const chat = await stage.visit();
  await chat.start();
  await chat.frame.getByText('Please sign in again').waitFor();
  await chat.api('identify', signed(key, { sub: 'crm-4' }));
  await chat.status.getByText('We are here').waitFor();
  await stage.instance.control('identity', 'allow', 'acme');
});

test('colour, side, theme, button and greeting are the tenant’s, from the next page on', async () => {
  await stage.settle({ 'widget.color': '#0b6e4f', 'widget.side': 'left', 'widget.theme': 'dark', 'widget.button': 'no',
                       'widget.greeting': 'Welcome to Acme', 'widget.greeting:fi': 'Tervetuloa Acmelle' });
  const chat = await stage.visit();
  assert.ok(await chat.button.isHidden());
  await chat.api('open');
  await chat.message('Welcome to Acme').waitFor();
  await eventually(async () => assert.ok((await chat.page.locator('lasna-chat iframe').boundingBox()).x < 40, 'on the left'));
  assert.deepEqual(await chat.frame.locator('header').evaluate((header) => [getComputedStyle(header).backgroundColor,
    getComputedStyle(document.body).backgroundColor]), ['rgb(11, 110, 79)', 'rgb(22, 26, 31)']);
  await chat.api('locale', 'fi');
  await chat.message('Tervetuloa Acmelle').waitFor();
});

test('shutdown forgets a visitor whose chat was never opened on this page', async () => {
  const chat = await stage.visit();
  await chat.start();
  await chat.say('remember me not');
  await chat.message('remember me not').locator('.tick.saved, .tick.delivered').waitFor();
  const contact = await anna.accept('acme', /remember me not/);
  await anna.say(contact, '!end');
  const second = await stage.visit({ context: chat.context }); // another tab, where it is closed
  assert.equal(await second.page.locator('iframe').count(), 0);
  await second.api('shutdown');
  await until(() => second.page.evaluate(() => !document.querySelector('lasna-chat') && !('lasna' in window)));
  const third = await stage.visit({ context: chat.context });
  await third.start();
  await until(() => third.sent.some(({ type }) => type === 'hello'));
  assert.equal(third.sent.find(({ type }) => type === 'hello').token, null);
});
