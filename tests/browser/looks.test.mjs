// SPDX-License-Identifier: Apache-2.0
// Every state of the chat at three widths, light and dark, in three languages, one of them from
// right to left: axe finds nothing, nothing scrolls sideways, everything can be hit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { frameOf, looksFine } from '../support/browser.mjs';
import { Stage } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

/** Reads the words of a language as the widget has them. */
function textsOf(language) {
  const { states, more, seldom, ...first } = JSON.parse(readFileSync(new URL(`../../widget/texts/${language}.json`, import.meta.url), 'utf8'));
  return { ...first, ...states, ...more, ...more.asked, ...seldom };
}

for (const [width, colorScheme, language] of [[320, 'light', 'ar'], [320, 'dark', 'fi'], [768, 'light', 'fi'], [768, 'dark', 'ar'],
                                              [1280, 'light', 'en'], [1280, 'dark', 'en']])
  test(`${width} px, ${colorScheme}, ${language}`, async () => {
    const texts = textsOf(language);
    const question = `${width} ${colorScheme}`;
    await stage.settle({ 'widget.ask': 'name', 'widget.survey': 'csat effort nps comment source' });
    const chat = await stage.visit({ colorScheme, viewport: { width, height: 740 }, speaks: language,
                                     reducedMotion: 'reduce' }); // nothing is looked at half faded in
    await chat.button.click();
    const name = chat.frame.getByLabel(texts.name);
    await name.waitFor();
    assert.equal(await chat.frame.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr');
    await looksFine(chat, 'questions');
    await name.press('Enter');
    await chat.frame.getByText(texts.nameWrong).waitFor();
    await looksFine(chat, 'an error');
    await name.fill('Maria');
    await name.press('Enter');
    await chat.text.waitFor();
    await looksFine(chat, 'the greeting');
    await chat.say(question);
    const contact = await anna.accept('acme', new RegExp(question));
    await anna.say(contact, `An answer with https://acme.example/a/rather/long/address/that/has/to/break/somewhere?x=${'y'.repeat(60)}`);
    await chat.list.locator('li.agent').waitFor();
    await anna.composing(contact);
    await chat.hint.waitFor();
    await looksFine(chat, 'a chat');
    await chat.frame.getByRole('button', { name: texts.menu }).click();
    await chat.frame.getByRole('button', { name: texts.forget, exact: true }).waitFor();
    await looksFine(chat, 'the menu');
    await chat.frame.getByRole('button', { name: texts.forget, exact: true }).click();
    await looksFine(chat, 'erase it?');
    await chat.page.keyboard.press('Escape');
    await chat.frame.getByRole('button', { name: texts.menu }).click();
    await chat.frame.getByRole('button', { name: texts.end, exact: true }).click();
    await looksFine(chat, 'end it?');
    await chat.frame.getByRole('button', { name: texts.yes, exact: true }).click();
    await chat.frame.getByRole('heading', { name: texts.survey }).waitFor();
    await looksFine(chat, 'the survey');
    await chat.context.setOffline(true);
    await chat.text.fill('no network');
    await chat.text.press('Enter');
    await looksFine(chat, 'without a network');
    assert.deepEqual(chat.problems.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line)), []);
  });

test('reduced motion and forced colours are followed', async () => {
  const chat = await stage.visit({ reducedMotion: 'reduce', forcedColors: 'active' });
  await chat.start();
  await chat.say('calmly');
  const contact = await anna.accept('acme', /calmly/);
  assert.deepEqual(await chat.message('calmly').evaluate((item) => [getComputedStyle(item).animationName,
    getComputedStyle(item.querySelector('p')).borderTopStyle]), ['none', 'solid']);
  await anna.say(contact, '!end');
});
