// SPDX-License-Identifier: Apache-2.0
// The pictures of the manual, taken from a real instance: a visitor in Chromium, an agent on a
// real XMPP connection. Each picture is a story of its own below.
//
//     node tools/screenshots/screenshots.mjs OUTDIR [NAME]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Agent } from '../../tests/support/agent.mjs';
import { ChatPage, launch } from '../../tests/support/browser.mjs';
import { Instance } from '../../tests/support/instance.mjs';
import { png } from '../../tests/support/pictures.mjs';
import { serveShops } from '../demo/shop.mjs';
import { small } from './small.mjs';

const [out, wanted] = process.argv.slice(2);
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 800 };

const instance = await Instance.start();
const base = Number(new URL(instance.http).port) - 80;
const shops = await serveShops(instance.http, base);
const anna = await Agent.login(instance, 'anna');
const browser = await launch();

/** A fresh visitor on Acme's page, at `viewport`. */
async function visit({ viewport = DESKTOP, path = '/en/pricing', locale = 'en', ...more } = {}) {
  const context = await browser.newContext({ viewport, locale, deviceScaleFactor: 2, reducedMotion: 'reduce', ...more });
  const chat = await ChatPage.open(context, `http://127.0.0.1:${base + 500}${path}`);
  return Object.assign(chat, { context });
}

/** Nine to five, but for today and tomorrow. */
function closedNow() {
  const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], today = new Date().getUTCDay();
  return [2, 3, 4, 5].map((ahead) => `${days[(today + ahead) % 7]} 9-17`).join(', ');
}

/** A short chat up to the agent's answer; resolves with the agent's contact. */
async function talk(chat, words) {
  await chat.start();
  return exchange(chat, words);
}

async function exchange(chat, [question, answer, ...more]) {
  await chat.say(question);
  const contact = await anna.accept('acme');
  await chat.tick(question, 'delivered').waitFor();
  await anna.say(contact, answer);
  await chat.message(answer).waitFor();
  for (const [at, text] of more.entries()) {
    if (at % 2) {
      await anna.say(contact, text);
      await chat.message(text).waitFor();
    } else {
      await chat.say(text);
      await anna.hears(text);
      await anna.displayed(contact, text);
      await chat.tick(text, 'read').waitFor();
    }
  }
  return contact;
}

const WORDS = ['Hi! What does Pro cost for a team of five?', 'Hello! Pro is € 29 a month, and the price is the same for all five of you.',
  'Great. Can we start with a trial?', 'Of course: the first month is free, and you need no card. https://acme.example/trial'];

async function shoot(chat, name) {
  writeFileSync(join(out, `${name}.png`), small(await chat.page.screenshot()));
  await chat.context.close();
}

/** Ends what is open, so that the next story starts with an empty queue. */
async function end(contact) {
  await anna.say(contact, '!end solved');
  await anna.hears(/: ended \(agent\)/);
  anna.messages.length = 0;
}

const WIDTHS = { survey: 320, greeting: 320, away: 320, menu: 320, queue: 320, reply: 320, unsent: 320, persona: 320, emoji: 320, warned: 320, earlier: 320, before: 768, files: 768,
                 words: 768, talk: 1280, arabic: 1280 };
const SETTINGS = { 'widget.ask': 'name email', 'widget.consent': 'We keep this chat for 90 days: https://acme.example/privacy',
                   'widget.survey': 'csat nps comment' };

const settle = (settings) => instance.control('tenant', 'set', 'acme', ...Object.entries(settings).map(([key, value]) => `${key}=${value}`));

/** One state, light and dark, at its width. `reach` resolves with the contact to end, or how to get it. */
async function both(state, reach) {
  for (const colorScheme of ['light', 'dark']) {
    const chat = await visit({ viewport: { width: WIDTHS[state], height: WIDTHS[state] < 500 ? 700 : 800 }, colorScheme });
    const contact = await reach(chat);
    await chat.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await shoot(chat, `${state}-${WIDTHS[state]}-${colorScheme}`);
    if (contact) await end(typeof contact === 'function' ? await contact() : contact);
  }
}

/** A picture of nobody, drawn here. */
async function portrait() {
  const context = await browser.newContext({ viewport: { width: 256, height: 256 } });
  const page = await context.newPage();
  await page.setContent(`<style>body{margin:0}</style><svg viewBox="0 0 256 256" width="256" height="256">
    <rect width="256" height="256" fill="#cfe3d4"/><path d="M28 256c0-70 44-96 100-96s100 26 100 96z" fill="#2f5d50"/>
    <path d="M62 120c-4-66 30-92 66-92s70 26 66 92c-2 30-10 60-10 60H72s-8-30-10-60z" fill="#5b3a29"/>
    <path d="M106 150h44v34a22 22 0 0 1-44 0z" fill="#e5b896"/><ellipse cx="128" cy="112" rx="46" ry="56" fill="#f2c9a8"/>
    <path d="M80 104c14-4 46-12 60-40 8 20 26 34 38 38-2-40-24-58-50-58s-48 22-48 60z" fill="#5b3a29"/>
    <path d="M110 134q18 16 36 0" fill="none" stroke="#a1543f" stroke-width="5" stroke-linecap="round"/>
    <circle cx="110" cy="110" r="5" fill="#3b2a22"/><circle cx="146" cy="110" r="5" fill="#3b2a22"/></svg>`);
  const bytes = await page.screenshot();
  await context.close();
  return bytes;
}

/** Pictures side by side: the desktop, and the phone before it. */
async function compose(name, desktop, phone) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 860 }, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  const image = (bytes) => `data:image/png;base64,${bytes.toString('base64')}`;
  await page.setContent(`<style>
    body{margin:0;height:100vh;background:linear-gradient(135deg,#dfe8f5,#f4efe6);position:relative;overflow:hidden}
    img{position:absolute;display:block}
    .desktop{left:190px;top:40px;width:1170px;border-radius:12px;box-shadow:0 12px 60px #1c212840}
    .phone{left:44px;bottom:36px;width:272px;border-radius:30px;border:9px solid #1c2128;box-shadow:0 12px 60px #1c212870}
    </style><img class="desktop" src="${image(desktop)}"><img class="phone" src="${image(phone)}">`);
  await page.waitForFunction(() => [...document.images].every((one) => one.complete && one.naturalWidth > 0));
  writeFileSync(join(out, `${name}.png`), await page.screenshot()); // with all its colours: they fade into one another
  await context.close();
}

const stories = {
  async chat() {
    const desktop = await visit();
    const first = await talk(desktop, WORDS);
    await desktop.text.focus();
    const wide = await desktop.page.screenshot();
    await desktop.context.close();
    await end(first);
    const phone = await visit({ viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: 'dark' });
    const second = await talk(phone, WORDS);
    const narrow = await phone.page.screenshot();
    await phone.context.close();
    await end(second);
    await compose('chat', wide, narrow);
  },

  async talk() {
    await both('talk', (chat) => talk(chat, WORDS));
  },

  async persona() {
    const jid = `anna@${instance.about.xmpp.agents_domain}`, file = join(instance.home, 'anna.png');
    writeFileSync(file, await portrait());
    await instance.control('agent', 'avatar', jid, 'acme', file);
    await both('persona', (chat) => talk(chat, WORDS));
    await instance.control('agent', 'avatar', jid, 'acme', '--remove');
  },

  async arabic() {
    await both('arabic', async (chat) => {
      await chat.page.evaluate(() => globalThis.lasna('locale', 'ar'));
      return talk(chat, ['مرحبًا! كم سعر Pro لفريق من خمسة؟', 'أهلًا! سعر Pro هو 29 يورو في الشهر لكم جميعًا.']);
    });
  },

  async queue() {
    await both('queue', async (chat) => {
      await chat.start();
      await chat.say(WORDS[0]);
      await chat.hint.getByText('number 1').waitFor();
      return () => anna.accept('acme');
    });
  },

  async reply() {
    await both('reply', async (chat) => {
      const contact = await talk(chat, WORDS);
      await chat.message(WORDS[1]).hover();
      await chat.message(WORDS[1]).getByRole('button', { name: 'Reply' }).click();
      await chat.say('And for ten?');
      await chat.list.locator('.mine .quote').waitFor();
      await chat.list.getByRole('button', { name: 'Reply' }).last().click();
      await chat.text.fill('Does it end by itself?');
      return contact;
    });
  },

  async files() {
    await both('files', async (chat) => {
      const contact = await talk(chat, WORDS.slice(0, 2));
      const [chooser] = await Promise.all([chat.page.waitForEvent('filechooser'), chat.frame.getByRole('button', { name: 'Send a file' }).click()]);
      await chooser.setFiles([{ name: 'office.png', mimeType: 'image/png', buffer: png(240, 120) },
                              { name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') }]);
      await chat.list.getByRole('img', { name: 'office.png' }).waitFor();
      await chat.list.getByText('can be sent').waitFor();
      await anna.sendFile(contact, 'prices.pdf', Buffer.from('%PDF-1.4'), 'application/pdf');
      await chat.list.getByRole('link', { name: 'prices.pdf' }).waitFor();
      return contact;
    });
  },

  async emoji() {
    await both('emoji', async (chat) => {
      const contact = await talk(chat, WORDS.slice(0, 2));
      await anna.react(contact, (await anna.hears(WORDS[0])).id, '👍');
      await chat.list.locator('.mine .marks').waitFor();
      await chat.text.fill('Thank you! ');
      await chat.frame.getByRole('button', { name: 'Emoji', exact: true }).click();
      await chat.frame.getByRole('toolbar').waitFor();
      return contact;
    });
  },

  /** The warning comes after an hour of silence: here it is put on the line as the server says it. */
  async warned() {
    await both('warned', async (chat) => {
      const lines = [];
      await chat.context.routeWebSocket(/\/ws$/, (line) => {
        line.connectToServer();
        lines.push(line);
      });
      const contact = await talk(chat, WORDS.slice(0, 2));
      lines.at(-1).send(JSON.stringify({ type: 'idle', ends_in_s: 120 }));
      await chat.frame.getByRole('button', { name: 'Keep it open' }).waitFor();
      return contact;
    });
  },

  async earlier() {
    await both('earlier', async (chat) => {
      await end(await talk(chat, WORDS.slice(0, 2)));
      const contact = await exchange(chat, WORDS.slice(2));
      await chat.page.reload();
      await chat.message(WORDS[3]).waitFor();
      await chat.choose('Show an earlier chat');
      await chat.message(WORDS[0]).waitFor();
      return contact;
    });
  },

  async words() {
    await both('words', async (chat) => {
      const contact = await talk(chat, WORDS.slice(0, 1).concat('A moment, please.'));
      const first = await anna.say(contact, 'Pro is € 29 a year.'), second = await anna.say(contact, 'Wrong window!');
      await chat.message('Wrong window!').waitFor();
      await anna.correct(contact, first, 'Pro is € 29 a month.');
      await anna.withdraw(contact, second);
      await chat.message('Message withdrawn').waitFor();
      return contact;
    });
  },

  async unsent() {
    await both('unsent', async (chat) => {
      const contact = await talk(chat, WORDS.slice(0, 2));
      await chat.context.setOffline(true);
      await chat.say(WORDS[2]);
      await chat.message(WORDS[2]).getByText('Not sent').waitFor({ timeout: 40000 });
      return contact;
    });
  },

  async before() {
    await settle(SETTINGS);
    await both('before', async (chat) => {
      await chat.button.click();
      await chat.frame.getByLabel('Your name').fill('Maria');
      await chat.frame.getByRole('button', { name: 'Start the chat' }).click();
      await chat.frame.getByText('Please give an e-mail address').waitFor();
    });
    await settle(Object.fromEntries(Object.keys(SETTINGS).map((key) => [key, ''])));
  },

  async greeting() {
    await settle({ 'widget.proactive': 'page=/en/pricing: Five of you or more? Ask us for a price of your own.' });
    await both('greeting', (chat) => chat.page.locator('lasna-chat p').waitFor());
    await settle({ 'widget.proactive': '' });
  },

  async away() {
    await settle({ 'hours.zone': 'Europe/Helsinki', 'hours.week': closedNow(), 'widget.request': 'callback meeting' });
    await both('away', async (chat) => {
      await chat.start();
      await chat.frame.getByRole('button', { name: 'Ask for a meeting' }).waitFor();
    });
    await settle({ 'hours.week': '', 'widget.request': '' });
  },

  async menu() {
    await settle({ 'widget.request': 'callback' });
    await both('menu', async (chat) => {
      await chat.start();
      await chat.say('An earlier question');
      await end(await anna.accept('acme'));
      const contact = await exchange(chat, WORDS);
      await chat.page.reload();
      await chat.message(WORDS[0]).waitFor();
      await chat.frame.getByRole('button', { name: 'More' }).click();
      await chat.frame.getByRole('button', { name: 'Erase all my chats' }).waitFor();
      return contact;
    });
    await settle({ 'widget.request': '' });
  },

  async survey() {
    await settle({ 'widget.survey': SETTINGS['widget.survey'] });
    await both('survey', async (chat) => {
      const contact = await talk(chat, WORDS.slice(0, 2));
      await end(contact);
      await chat.frame.getByRole('radio', { name: '5' }).first().check({ force: true });
      await chat.frame.getByRole('heading', { name: 'How did we do?' }).scrollIntoViewIfNeeded();
    });
    await settle({ 'widget.survey': '' });
  },
};

try {
  for (const [name, story] of Object.entries(stories)) {
    if (wanted && !name.includes(wanted)) continue;
    console.error(`screenshots: ${name}`);
    await story();
  }
} finally {
  await browser.close();
  await anna.stop();
  shops.forEach((shop) => shop.close());
  await instance.stop();
}
