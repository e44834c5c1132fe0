// SPDX-License-Identifier: Apache-2.0
// A whole conversation without a mouse: from the page's button through questions, words, a reply,
// an emoji, a file, the menu, the end and the survey, back to the page. Nothing but keys is used.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { frameOf } from '../support/browser.mjs';
import { Stage, until } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

const STOPS_MAX = 40; // of the Tab key: then it can't be reached

/** What has the focus in the chat: its label, or its words. */
const focused = (chat) => frameOf(chat).evaluate(() => {
  const node = document.activeElement;
  return node.ariaLabel || node.labels?.[0]?.textContent || (node === document.body ? '' : node.textContent);
});

/** Goes on by `key` until something of this name has the focus. */
async function reach(chat, name, key = 'Tab') {
  for (let stops = 0; stops < STOPS_MAX; stops++) {
    if ((await focused(chat)) === name) return;
    await chat.page.keyboard.press(key);
  }
  assert.fail(`${name} is not reached by ${key}`);
}

test('a whole conversation by keyboard alone', async () => {
  await stage.settle({ 'widget.ask': 'name', 'widget.consent': 'We keep this chat for 90 days.', 'widget.survey': 'csat comment' });
  const chat = await stage.visit();
  const { keyboard } = chat.page;
  const onButton = () => chat.page.evaluate(() => document.activeElement.localName === 'lasna-chat');
  for (let stops = 0; !(await onButton()); stops++) {
    assert.ok(stops < STOPS_MAX, 'the button is reached from the page');
    await keyboard.press('Tab');
  }
  await keyboard.press('Enter');
  await chat.frame.getByLabel('Your name').waitFor();
  await until(async () => (await focused(chat)) === 'Your name'); // where one begins
  await keyboard.type('Maria');
  await keyboard.press('Tab');
  await keyboard.press('Space'); // agrees
  await keyboard.press('Enter');
  await until(async () => (await focused(chat)) === 'Write a message');
  await keyboard.type('no mouse here');
  await keyboard.press('Enter');
  const contact = await anna.accept('acme', /no mouse here/);
  const id = await anna.say(contact, 'Pro or Basic?');
  await chat.message('Pro or Basic?').waitFor();

  await reach(chat, 'Reply', 'Shift+Tab');
  await keyboard.press('Enter');
  await until(async () => (await focused(chat)) === 'Write a message');
  await keyboard.type('Pro ');
  await reach(chat, 'Emoji', 'Shift+Tab');
  await keyboard.press('Enter');
  await until(async () => (await focused(chat)) === 'slight smile');
  await keyboard.press('Enter');
  await until(async () => (await focused(chat)) === 'Write a message');
  await keyboard.press('Enter');
  assert.equal((await anna.hears('> Pro or Basic?\nPro 🙂')).answers, id);

  await reach(chat, 'Send a file', 'Shift+Tab');
  const [chooser] = await Promise.all([chat.page.waitForEvent('filechooser'), keyboard.press('Enter')]);
  await chooser.setFiles([{ name: 'order.txt', mimeType: 'text/plain', buffer: Buffer.from('five seats') }]);
  await chat.list.getByRole('link', { name: /order\.txt/ }).waitFor();

  await reach(chat, 'More', 'Shift+Tab');
  await keyboard.press('Enter');
  await until(async () => (await focused(chat)) === 'End the chat');
  await keyboard.press('Enter');
  await until(async () => (await focused(chat)) === 'End it');
  await keyboard.press('Enter');
  await chat.frame.getByRole('heading', { name: 'How did we do?' }).waitFor();
  await until(async () => (await focused(chat)) === 'Write a message'); // one may write on
  await reach(chat, '5', 'Shift+Tab');
  await keyboard.press('ArrowLeft');
  await keyboard.press('ArrowLeft');
  await reach(chat, 'What could we do better?');
  await keyboard.type('nothing');
  await reach(chat, 'Send answers');
  await keyboard.press('Enter');
  await chat.list.getByText('Thank you for your answers!').waitFor();
  await keyboard.press('Escape');
  await until(onButton, { what: 'the focus to be where it was' });

  const { messages, survey, end_reason: reason } = await until(async () => {
    const found = await stage.transcriptWith('no mouse here');
    return found?.survey && found;
  }, { what: 'the answers on disk' });
  assert.deepEqual([messages.map(({ text }) => text), reason, survey.csat, survey.comment],
    [['no mouse here', 'Pro or Basic?', 'Pro 🙂', 'order.txt'], 'visitor', 3, 'nothing']);
  assert.deepEqual(chat.problems, []);
});
