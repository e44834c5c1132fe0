// SPDX-License-Identifier: Apache-2.0
// What agents change of what they said, as visitors see and hear it, on a small screen too.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { looksFine } from '../support/browser.mjs';
import { Stage } from '../support/stage.mjs';

let stage;

before(async () => {
  stage = await Stage.set();
});
after(() => stage?.strike());
afterEach(() => stage.clear());

/** A chat on a small screen that Anna has taken; its words are this test's own. */
async function chatting(words, more = {}) {
  const chat = await stage.visit({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce', ...more });
  await chat.start();
  await chat.say(words);
  const contact = await stage.anna.accept('acme', new RegExp(words));
  return { chat, contact };
}

const heard = (chat) => chat.frame.locator('[role=status]').first();

for (const [language, edited, withdrawn, colorScheme] of [['en', 'edited', 'Message withdrawn', 'light'],
  ['fi', 'muokattu', 'Viesti peruttu', 'dark'], ['ar', 'مُعدَّلة', 'سُحبت هذه الرسالة', 'light']])
  test(`a correction and a withdrawal show, are told to those who listen, and are there after a reload (${language})`, async () => {
    const { chat, contact } = await chatting(`hello in ${language}`, { speaks: language, colorScheme });
    const id = await stage.anna.say(contact, '29 euros a year');
    await chat.message('29 euros a year').waitFor();
    await stage.anna.correct(contact, id, '29 euros a month');
    const message = chat.message('29 euros a month');
    await message.getByText(edited).waitFor();
    assert.equal(await chat.message('29 euros a year').count(), 0);
    await heard(chat).getByText(`Anna: ${edited} 29 euros a month`).waitFor({ state: 'attached' });

    const second = await stage.anna.say(contact, 'my password');
    await chat.message('my password').waitFor();
    await stage.anna.withdraw(contact, second);
    await chat.message(withdrawn).waitFor();
    await heard(chat).getByText(`Anna: ${withdrawn}`).waitFor({ state: 'attached' });
    assert.equal(await chat.message('my password').count(), 0);

    await looksFine(chat);

    await chat.page.reload(); // it opens again by itself
    await chat.page.evaluate((tag) => globalThis.lasna('locale', tag), language);
    await chat.message(edited).waitFor();
    await chat.message(withdrawn).waitFor();
    assert.equal(await heard(chat).textContent(), '', 'history is not announced');
    assert.deepEqual(chat.problems, []);
    await stage.anna.say(contact, '!end');
  });

test('a reply shows what it answers, and /me what one does', async () => {
  const { chat, contact } = await chatting('first question here');
  await chat.say('second question');
  const question = await stage.anna.hears('second question');
  await stage.anna.reply(contact, question.id, question.text, 'to the second: yes');
  const answer = chat.message('to the second: yes');
  await answer.locator('.quote').getByText('second question').waitFor();
  assert.equal(await answer.getByText('>').count(), 0, 'no quotation beside');
  await stage.anna.say(contact, '/me looks it up');
  await chat.message('* Anna looks it up').waitFor();
  await stage.anna.say(contact, '!end');
});
