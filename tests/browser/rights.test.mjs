// SPDX-License-Identifier: Apache-2.0
// What visitors may ask for themselves: their earlier chats, and to be forgotten.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { frameOf, looksFine } from '../support/browser.mjs';
import { Stage, eventually, until } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

test('an earlier chat can be read again, and nobody else’s', async () => {
  const chat = await stage.visit({ reducedMotion: 'reduce' });
  await chat.start();
  for (const [at, question] of ['the first chat', 'the second chat', 'the third chat'].entries()) {
    await anna.say(await stage.exchange(chat, question), '!end');
    await chat.list.getByText('The chat has ended').nth(at).waitFor();
  }
  await chat.page.reload();
  await chat.message('an answer to the third chat').waitFor();
  assert.equal(await chat.list.getByText('the second chat', { exact: true }).count(), 0);
  await chat.choose('Show an earlier chat');
  await chat.message('an answer to the second chat').waitFor();
  await until(() => frameOf(chat).evaluate(() => document.activeElement.localName === 'main'));
  await chat.choose('Show an earlier chat');
  await chat.message('an answer to the first chat').waitFor();
  await looksFine(chat);
  assert.deepEqual((await chat.list.locator('li > p').allTextContents()).filter((text) => /chat$/.test(text)),
    ['the first chat', 'an answer to the first chat', 'the second chat', 'an answer to the second chat', 'the third chat',
     'an answer to the third chat']);
  await chat.frame.getByRole('button', { name: 'More' }).click();
  await chat.frame.getByRole('button', { name: 'Save this chat' }).waitFor();
  assert.equal(await chat.frame.getByRole('button', { name: 'Show an earlier chat' }).count(), 0, 'there are no more');
  const other = await stage.visit();
  await other.start();
  await other.frame.getByRole('button', { name: 'More' }).click();
  await other.frame.getByRole('button', { name: 'Turn the sound off' }).waitFor();
  assert.equal(await other.frame.getByRole('button', { name: 'Show an earlier chat' }).count(), 0);
  assert.deepEqual(chat.problems, []);
});

test('“erase all my chats” leaves nothing, here and at the server, and the next words are a stranger’s', async () => {
  const context = await stage.browser.newContext({ locale: 'en', reducedMotion: 'reduce', viewport: { width: 320, height: 640 } });
  const [chat, other] = [await stage.visit({ context }), await stage.visit({ context })];
  await stage.talk(chat, 'forget this quokka');
  await other.api('open');
  await other.message('an answer to forget this quokka').waitFor();
  const { visitor } = await stage.transcriptWith('forget this quokka');
  await chat.choose('Erase all my chats');
  await chat.frame.getByText('This cannot be undone').waitFor();
  await looksFine(chat);
  await chat.frame.getByRole('button', { name: 'Keep it' }).click();
  await chat.choose('Erase all my chats');
  await chat.frame.getByRole('button', { name: 'Erase it' }).click();
  for (const one of [chat, other]) {
    await one.hint.getByText('All of it has been erased').waitFor();
    assert.equal(await one.list.getByText('quokka').count(), 0);
    for (const place of [frameOf(one), one.page]) // the page is told by a message
      await eventually(async () => assert.deepEqual(await place.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]), []));
  }
  await looksFine(chat);
  const { code } = await stage.instance.ctl('visitor', 'show', 'acme', visitor.id);
  assert.equal(code, 1, 'no such visitor');
  assert.equal(await stage.transcriptWith('forget this quokka'), undefined);
  await anna.hears(/: ended \(/);
  const audit = await stage.instance.control('audit', 'list');
  assert.ok(JSON.stringify(audit).includes('visitor_erase'));
  // Closed and gone on, the next page neither connects nor keeps anything.
  await chat.api('close');
  await chat.page.reload();
  await chat.page.locator('lasna-chat').waitFor({ state: 'attached' });
  assert.equal(chat.page.frames().length, 1);
  // Words after it are somebody's new beginning.
  await other.say('who am I now');
  const again = await until(() => stage.transcriptWith('who am I now'));
  assert.notEqual(again.visitor.id, visitor.id);
  assert.deepEqual(again.messages.map(({ text }) => text), ['who am I now']);
  await other.frame.getByRole('button', { name: 'More' }).click();
  await other.frame.getByRole('button', { name: 'End the chat' }).click();
  await other.frame.getByRole('button', { name: 'End it' }).click();
});

test('what is asked for after it is somebody’s new beginning, too', async () => {
  await stage.settle({ 'widget.request': 'callback' });
  const chat = await stage.visit();
  await stage.talk(chat, 'forget this wombat');
  await chat.choose('Erase all my chats');
  await chat.frame.getByRole('button', { name: 'Erase it' }).click();
  await chat.hint.getByText('All of it has been erased').waitFor();
  await chat.choose('Ask for a call-back');
  await chat.frame.getByLabel('Your telephone number').fill('+358 40 1234567');
  await chat.frame.getByRole('button', { name: 'Send the request' }).click();
  await anna.say(await anna.accept('acme', /Please call me back/), '!end');
});

test('under a legal hold nothing is erased, and where the tenant says so it is not offered', async () => {
  await stage.settle({ 'retention.hold': 'yes' });
  const chat = await stage.visit();
  const contact = await stage.talk(chat, 'keep this quokka');
  await chat.choose('Erase all my chats');
  await chat.frame.getByRole('button', { name: 'Erase it' }).click();
  await chat.hint.getByText('It could not be erased now').waitFor();
  assert.ok(await stage.transcriptWith('keep this quokka'));
  await stage.settle({ 'retention.hold': 'no', 'widget.forget': 'no', 'widget.earlier': 'no' });
  const strict = await stage.visit();
  await stage.talk(strict, 'nothing to choose');
  await strict.frame.getByRole('button', { name: 'More' }).click();
  await strict.frame.getByRole('button', { name: 'End the chat' }).waitFor();
  assert.equal(await strict.frame.getByRole('button', { name: 'Erase all my chats' }).count(), 0);
  await anna.say(contact, '!end');
});
