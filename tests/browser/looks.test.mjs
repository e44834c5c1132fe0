// SPDX-License-Identifier: Apache-2.0
// Every state of the chat, in three languages, one of them from right to left; each state at three
// widths, light and dark: axe finds nothing, nothing scrolls sideways, everything can be hit.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { axeFinds, looksFine } from '../support/browser.mjs';
import { png } from '../support/pictures.mjs';
import { Stage, eventually } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
  const face = join(stage.instance.home, 'anna.png');
  writeFileSync(face, png(64, 64));
  await stage.instance.control('agent', 'avatar', `anna@${stage.instance.about.xmpp.agents_domain}`, 'acme', face);
});
after(() => stage?.strike());
afterEach(() => stage.clear());

const LOOKS = [320, 768, 1280].flatMap((width) => ['light', 'dark'].map((colorScheme) => ({ width, colorScheme })));
const SETTINGS = { 'widget.ask': 'name', 'widget.survey': 'csat effort nps comment source', 'widget.request': 'callback',
                   'widget.consent': 'We keep this chat for 90 days: https://acme.example/privacy' };

/** Reads the words of a language as the widget has them. */
function textsOf(language) {
  const { states, more, seldom, ...first } = JSON.parse(readFileSync(new URL(`../../widget/texts/${language}.json`, import.meta.url), 'utf8'));
  return { ...first, ...states, ...more, ...more.asked, ...more.why, ...seldom, ...seldom.wishes };
}

/** A week in which it is closed now, and for a day at least. */
function closedNow() {
  return `${['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 2) % 7]} 9-17`;
}

/** What one sees on the way through a whole chat: each row goes on from the one before. `leave` where
 *  the next cannot begin from what it made. */
const STATES = [
  ['the questions', { async enter({ chat, name }) {
    await chat.button.click();
    await name.waitFor();
  } }],
  ['an error at its field', { async enter({ chat, name, texts }) {
    await name.press('Enter');
    await chat.frame.getByText(texts.nameWrong).waitFor();
  } }],
  ['the greeting', { async enter({ chat, name }) {
    await name.fill('Maria');
    await chat.frame.getByRole('checkbox').check();
    await name.press('Enter');
    await chat.text.waitFor();
  } }],
  ['a place in the queue', { async enter({ chat, question }) {
    await chat.say(question);
    await chat.hint.getByText('1').waitFor();
  } }],
  ['a chat', { async enter(scene) {
    const { chat, question } = scene;
    scene.contact = await anna.accept('acme', new RegExp(question));
    await anna.say(scene.contact, `An answer with https://acme.example/a/rather/long/address/that/has/to/break/somewhere?x=${'y'.repeat(60)}`);
    await chat.list.locator('li.agent').waitFor();
    await anna.composing(scene.contact);
    await chat.hint.waitFor();
  } }],
  ['a reply to be written', { async enter({ chat, texts }) {
    await chat.list.getByRole('button', { name: texts.answer, exact: true }).click();
    await chat.frame.locator('#quoting').waitFor();
  } }],
  ['a reply, a correction and a withdrawal', { async enter({ chat, contact, texts }) {
    await chat.say('and this to it');
    await chat.list.locator('.mine .quote').waitFor();
    const first = await anna.say(contact, '29 euros a year'), second = await anna.say(contact, 'my password');
    await chat.message('my password').waitFor();
    await anna.correct(contact, first, '29 euros a month');
    await anna.withdraw(contact, second);
    await chat.message(texts.withdrawn).waitFor();
    await chat.message(texts.edited).first().waitFor();
  } }],
  ['emojis beside messages', { async enter({ chat, contact, texts, question }) {
    await anna.react(contact, (await anna.hears(question)).id, '👍', '❤️');
    await chat.list.locator('.mine .marks').waitFor();
    await chat.list.getByRole('button', { name: texts.reaction, exact: true }).first().click();
    await chat.frame.getByRole('toolbar').waitFor();
  }, leave: ({ chat }) => chat.page.keyboard.press('Escape') }],
  ['files', { async enter({ chat, contact, texts }) {
    const [chooser] = await Promise.all([chat.page.waitForEvent('filechooser'), chat.frame.getByRole('button', { name: texts.file }).click()]);
    await chooser.setFiles([{ name: 'kuva.png', mimeType: 'image/png', buffer: png() }, { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<b>') }]);
    await chat.list.getByRole('img', { name: 'kuva.png' }).waitFor();
    await chat.list.getByText(texts.bad_type).waitFor();
    await anna.sendFile(contact, 'prices.pdf', Buffer.from('%PDF-1.4'), 'application/pdf');
    await chat.list.getByRole('link', { name: 'prices.pdf' }).waitFor();
  } }],
  ['the emoji', { async enter({ chat, texts }) {
    await chat.frame.getByRole('button', { name: texts.emoji, exact: true }).click();
    await chat.frame.getByRole('toolbar').waitFor();
  }, leave: ({ chat }) => chat.page.keyboard.press('Escape') }],
  ['the menu', { async enter({ chat, texts }) {
    await chat.frame.getByRole('button', { name: texts.menu }).click();
    await chat.frame.getByRole('button', { name: texts.forget, exact: true }).waitFor();
  } }],
  ['erase it?', { enter: ({ chat, texts }) => chat.frame.getByRole('button', { name: texts.forget, exact: true }).click(),
                  leave: ({ chat }) => chat.page.keyboard.press('Escape') }],
  ['a call-back', { async enter({ choose, chat, texts }) {
    await choose(texts.callback);
    await chat.frame.getByLabel(texts.phone).waitFor();
  }, leave: ({ chat, texts }) => chat.frame.getByRole('button', { name: texts.back, exact: true }).click() }],
  ['end it?', { enter: ({ choose, texts }) => choose(texts.end) }],
  ['the survey', { async enter({ chat, texts }) {
    await chat.frame.getByRole('button', { name: texts.yes, exact: true }).click();
    await chat.frame.getByRole('heading', { name: texts.survey }).waitFor();
  } }],
  ['thanks', { async enter({ chat, texts }) {
    await chat.frame.getByLabel(texts.comment).fill('nothing');
    await chat.frame.getByRole('button', { name: texts.sendAnswers }).click();
    await chat.list.getByText(texts.thanks).waitFor();
  } }],
  ['closed, with the hours', { async enter({ chat, texts }) {
    await stage.settle({ 'hours.zone': 'UTC', 'hours.week': closedNow() });
    await chat.frame.getByRole('heading', { name: texts.hours }).waitFor();
    await chat.page.setViewportSize({ width: 320, height: 740 });
    assert.ok(await chat.status.evaluate((line) => line.scrollWidth <= line.clientWidth && line.scrollHeight <= line.clientHeight), 'all of the status can be read');
  } }],
  ['without a network', { async enter({ chat, texts }) {
    await chat.context.setOffline(true);
    await chat.say('no network');
    await chat.status.getByText(texts.connecting).waitFor();
  } }],
];

/** Looks at it in all of them. */
async function everyLook(chat, look) {
  for (const { width, colorScheme } of LOOKS) {
    await chat.page.setViewportSize({ width, height: 740 });
    await chat.page.emulateMedia({ colorScheme });
    await look(`${width} px, ${colorScheme}`);
  }
}

for (const language of ['en', 'fi', 'ar'])
  test(`every state in ${language}: 320, 768 and 1280 px, light and dark`, async () => {
    const texts = textsOf(language);
    await stage.settle(SETTINGS);
    const chat = await stage.visit({ speaks: language, reducedMotion: 'reduce' }); // nothing is looked at half faded in
    const scene = { chat, texts, question: `a question in ${language}`, name: chat.frame.getByLabel(texts.name, { exact: true }),
      async choose(words) {
        await chat.frame.getByRole('button', { name: texts.menu }).click();
        await chat.frame.getByRole('button', { name: words, exact: true }).click();
      } };
    for (const [state, { enter, leave }] of STATES) {
      await enter(scene);
      await everyLook(chat, (look) => looksFine(chat, `${state}, ${look}`));
      await leave?.(scene);
    }
    assert.equal(await chat.frame.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr');
    assert.deepEqual(chat.problems.filter((line) => !/ERR_INTERNET_DISCONNECTED|status of 415/.test(line)), []); // the browser says so itself
  });

/** What few visitors ever see; what would take minutes to come is put on the line as the server says it. */
const SELDOM = [
  ['a chat that closes soon', { async enter({ chat, line, texts }) {
    line().send(JSON.stringify({ type: 'idle', ends_in_s: 600 }));
    await chat.frame.getByRole('button', { name: texts.stay }).waitFor();
  } }],
  ['an earlier chat', { async enter({ chat, line }) {
    const said = (seq, from, text, more) => line().send(JSON.stringify({ type: 'earlier', seq, from, name: 'Anna', text, at: '2026-03-02T09:14:05.120Z', reply_to: null, cid: null, ...more }));
    said(1, 'visitor', 'what did it cost?');
    said(2, 'agent', '29 euros a month', { reply_to: 1, edited: true });
    line().send(JSON.stringify({ type: 'earlier_end', conversation: 'c0', opened_at: '2026-03-02T09:14:05.120Z', more: true }));
    await chat.message('29 euros a month').waitFor();
  } }],
  ['a file on its way', { async enter({ chat, texts }) {
    await chat.page.route(/\/files$/, () => {}); // which gets nowhere
    const [chooser] = await Promise.all([chat.page.waitForEvent('filechooser'), chat.frame.getByRole('button', { name: texts.file }).click()]);
    await chooser.setFiles([{ name: 'kuva.png', mimeType: 'image/png', buffer: png() }]);
    await chat.list.getByRole('progressbar').waitFor();
    await chat.list.getByRole('button', { name: texts.cancel, exact: true }).waitFor();
  }, leave: ({ chat, texts }) => chat.list.getByRole('button', { name: texts.cancel, exact: true }).click() }],
  ['a page it does not work on', { async enter({ chat, line, texts }) {
    line().close({ code: 4002, reason: 'unknown site' });
    await chat.hint.getByText(texts.refused).waitFor();
  } }],
  ['a visitor who must sign in again', { async enter({ chat, texts }) {
    await chat.api('identify', 'no.such.token');
    await chat.hint.getByText(texts.signIn).waitFor();
  } }],
];

for (const language of ['en', 'fi', 'ar'])
  test(`what is seldom seen, in ${language}: 320, 768 and 1280 px, light and dark`, async () => {
    const texts = textsOf(language);
    await stage.settle({ [`widget.proactive:${language}`]: 'after=0s: 29 € / 5' });
    const context = await stage.browser.newContext({ locale: 'en', reducedMotion: 'reduce' });
    const lines = [];
    await context.routeWebSocket(/\/ws$/, (line) => {
      line.connectToServer();
      lines.push(line);
    });
    const chat = await stage.visit({ context, speaks: language });
    await chat.page.locator('lasna-chat p').waitFor();
    await everyLook(chat, async (look) => assert.deepEqual(await axeFinds(chat.page.mainFrame()), [], `a greeting on the page, ${look}`));
    await chat.page.getByRole('button', { name: '29 € / 5' }).click();
    await chat.text.waitFor();
    await chat.say(`seldom in ${language}`);
    const contact = await anna.accept('acme', new RegExp(`seldom in ${language}`));
    await anna.say(contact, 'an answer');
    await chat.message('an answer').waitFor();
    const scene = { chat, texts, line: () => lines.at(-1) };
    for (const [state, { enter, leave }] of SELDOM) {
      await enter(scene);
      await everyLook(chat, (look) => looksFine(chat, `${state}, ${look}`));
      await leave?.(scene);
    }
    await anna.say(contact, '!end');
  });

test('reduced motion and forced colours are followed', async () => {
  const chat = await stage.visit({ reducedMotion: 'reduce', forcedColors: 'active' });
  await chat.start();
  await chat.say('calmly');
  const contact = await anna.accept('acme', /calmly/);
  // Another element stands there with each tick, and one that is gone has no style.
  await eventually(async () => assert.deepEqual(await chat.message('calmly').evaluate((item) => [getComputedStyle(item).animationName,
    getComputedStyle(item.querySelector('p')).borderTopStyle]), ['none', 'solid']));
  await anna.say(contact, '!end');
});
