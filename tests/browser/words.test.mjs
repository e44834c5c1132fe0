// SPDX-License-Identifier: Apache-2.0
// What agents change of what they said or put beside it, as visitors see and hear it, on a small screen too.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { frameOf, looksFine } from '../support/browser.mjs';
import { Stage, until } from '../support/stage.mjs';

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
const hasFocus = (element) => element.evaluate((node) => node === document.activeElement);

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

test('what is being answered stands there as it was corrected, and takes nothing from who writes', async () => {
  const { chat, contact } = await chatting('which of the two?');
  const first = await stage.anna.say(contact, '29 euros a year');
  await chat.message('29 euros a year').getByRole('button', { name: 'Reply', exact: true }).click();
  const quoted = chat.frame.locator('#quoting .quote');
  await quoted.getByText('29 euros a year').waitFor();
  await chat.text.fill('that is ');
  await stage.anna.correct(contact, first, '29 euros a month');
  await quoted.getByText('29 euros a month').waitFor();
  await chat.page.keyboard.type('fine');
  await chat.page.keyboard.press('Enter');
  await chat.list.locator('.mine', { hasText: 'that is fine' }).locator('.quote', { hasText: '29 euros a month' }).waitFor();
  assert.deepEqual(chat.problems, []);
  await stage.anna.say(contact, '!end');
});

for (const [language, react, heart, colorScheme] of [['en', 'React', 'heart', 'light'], ['fi', 'Reagoi', 'sydän', 'dark'],
  ['ar', 'تفاعل', 'قلب', 'light']])
  test(`emojis stand beside a message, are told once, and can be put there by keyboard (${language})`, async () => {
    const { chat, contact } = await chatting(`is it blue in ${language}?`, { speaks: language, colorScheme });
    const parts = () => chat.requests.filter((url) => /\/react-[^/]*\.js$/.test(url)).length;
    const { id } = await stage.anna.hears(`is it blue in ${language}?`);
    const answer = await stage.anna.say(contact, `it is, in ${language}`);
    await chat.message(`it is, in ${language}`).waitFor();
    assert.equal(parts(), 0, 'nobody needs it yet');

    await stage.anna.react(contact, id, '👍', '❤️');
    await chat.message('is it blue').getByRole('img', { name: 'Anna: 👍 ❤️' }).waitFor();
    await heard(chat).getByText(`Anna: 👍 ❤️ – is it blue in ${language}?`).waitFor({ state: 'attached' });
    await stage.anna.react(contact, id, '❤️');
    await chat.message('is it blue').getByRole('img', { name: 'Anna: ❤️', exact: true }).waitFor();

    const { keyboard } = chat.page;
    const opener = chat.message(`it is, in ${language}`).getByRole('button', { name: react });
    await opener.focus();
    await keyboard.press('Enter');
    const panel = chat.frame.getByRole('toolbar');
    await panel.waitFor();
    await looksFine(chat, 'the emojis to choose from');
    await keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await until(() => hasFocus(opener), { what: 'the focus to be where it was' });
    await keyboard.press('Enter');
    await panel.waitFor();
    await keyboard.press(language === 'ar' ? 'ArrowLeft' : 'ArrowRight');
    await until(() => frameOf(chat).evaluate((label) => document.activeElement.ariaLabel === label, heart), { what: heart });
    await keyboard.press('Enter');
    const own = chat.message(`it is, in ${language}`).getByRole('img', { name: '❤️', exact: true });
    await own.waitFor();
    await until(() => hasFocus(opener), { what: 'it to stay there' });
    assert.deepEqual((await stage.anna.hears(new RegExp(`reacted: ❤️ · "it is, in ${language}"`))).reacts, { to: answer, emojis: ['❤️'] });
    await looksFine(chat, 'with emojis beside messages');
    assert.equal(parts(), 1);

    await chat.page.reload();
    await chat.page.evaluate((tag) => globalThis.lasna('locale', tag), language);
    await own.waitFor();
    assert.equal(await heard(chat).textContent(), '', 'history is not announced');
    await opener.click();
    await chat.frame.getByRole('button', { name: heart, pressed: true }).click();
    await own.waitFor({ state: 'detached' });
    assert.deepEqual(chat.problems, []);
    await stage.anna.say(contact, '!end');
  });

test('emojis of two who bear one name stand beside each other', async () => {
  const context = await stage.browser.newContext({ locale: 'en' });
  let line;
  await context.routeWebSocket(/\/ws$/, (socket) => {
    line = socket;
    const server = socket.connectToServer();
    server.onMessage((frame) => socket.send(frame));
    socket.onMessage((frame) => server.send(frame));
  });
  const { chat, contact } = await chatting('who reacts here?', { context });
  const { id } = await stage.anna.hears('who reacts here?');
  await stage.anna.react(contact, id, '👍');
  const marks = chat.message('who reacts here?').locator('.marks span');
  await marks.nth(0).waitFor();
  const told = (by, ...emojis) => line.send(JSON.stringify({ type: 'reaction', seq: 1, from: 'agent', by, name: 'Anna', emojis }));
  told('another', '🎉');
  await marks.nth(1).waitFor();
  assert.deepEqual(await marks.allTextContents(), ['👍', '🎉']);
  told('another');
  await marks.nth(1).waitFor({ state: 'detached' });
  assert.deepEqual(await marks.allTextContents(), ['👍']);
  assert.deepEqual(chat.problems, []);
  await stage.anna.say(contact, '!end');
});

test('what is quoted runs as it does where it was said', async () => {
  const { chat, contact } = await chatting('which way?', { speaks: 'ar' });
  await stage.anna.say(contact, 'from the left');
  await chat.message('from the left').getByRole('button', { name: 'رد', exact: true }).click();
  const quote = chat.frame.locator('#quoting .quote');
  await quote.waitFor();
  assert.equal(await quote.evaluate((node) => getComputedStyle(node).direction), 'ltr');
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

for (const [how, more] of [['by mouse', {}], ['by touch', { hasTouch: true, isMobile: true }], ['by keyboard', {}]])
  test(`a visitor replies to one message of several, ${how}`, async () => {
    const { chat, contact } = await chatting(`replying ${how}`, more);
    const id = await stage.anna.say(contact, `Pro or Basic ${how}?`);
    await stage.anna.say(contact, 'You can change later.');
    await chat.message('You can change later.').waitFor();
    const reply = chat.message('Pro or Basic').getByRole('button', { name: 'Reply' });
    if (how === 'by keyboard') {
      await chat.text.press('Shift+Tab'); // files
      for (let presses = 0; !(await reply.evaluate((node) => node === document.activeElement)); presses++) {
        assert.ok(presses < 5, 'it can be reached');
        await chat.page.keyboard.press('Shift+Tab');
      }
      await looksFine(chat, 'reply in focus');
      await chat.page.keyboard.press('Enter');
    } else if (how === 'by touch') {
      assert.equal(await reply.evaluate((node) => getComputedStyle(node).opacity), '1', 'seen without hovering');
      await reply.tap();
    } else await reply.click();

    const quoting = chat.frame.locator('#quoting');
    await quoting.getByText(`Pro or Basic ${how}?`).waitFor();
    await looksFine(chat, 'a reply to be written');
    await until(() => hasFocus(chat.text), { what: 'one to write on at once' });
    await chat.text.press('Escape');
    await quoting.waitFor({ state: 'hidden' });
    await chat.text.waitFor(); // the chat is open yet
    if (how === 'by touch') await reply.tap();
    else await reply.click();
    await chat.say('Pro');
    const heard = await stage.anna.hears(`> Pro or Basic ${how}?\nPro`);
    assert.equal(heard.answers, id);
    await quoting.waitFor({ state: 'hidden' });
    await chat.message('Pro').last().locator('.quote').getByText(`Pro or Basic ${how}?`).waitFor();
    await chat.tick('Pro', 'saved').or(chat.tick('Pro', 'delivered')).or(chat.tick('Pro', 'read')).last().waitFor();
    const { messages } = await stage.transcriptWith(`Pro or Basic ${how}?`);
    assert.deepEqual(messages.filter(({ text }) => text === 'Pro').map((one) => one.reply_to), [messages.find(({ text }) => text.startsWith('Pro or')).seq]);
    await stage.anna.withdraw(contact, id);
    await chat.message('Message withdrawn').waitFor();
    await chat.list.getByText(`Pro or Basic ${how}?`).waitFor({ state: 'detached' }); // nor quoted any more

    await stage.anna.say(contact, '!end');
    await reply.waitFor({ state: 'detached' }); // what is over takes no replies
    assert.deepEqual(chat.problems, []);
  });

test('a chat that ends while one replies takes no focus from the page around it', async () => {
  const { chat, contact } = await chatting('looking away');
  await stage.anna.say(contact, 'Pro or Basic?');
  await chat.message('Pro or Basic?').getByRole('button', { name: 'Reply' }).click();
  const quoting = chat.frame.locator('#quoting');
  await quoting.getByText('Pro or Basic?').waitFor();
  await chat.page.evaluate(() => document.body.appendChild(document.createElement('input')).focus());
  await stage.anna.say(contact, '!end');
  await quoting.waitFor({ state: 'hidden' });
  assert.equal(await chat.page.evaluate(() => document.activeElement.localName), 'input');
});

test('words corrected into a file are a file at once, as they are after a reload', async () => {
  const { chat, contact } = await chatting('send me the list');
  const url = await stage.anna.sendFile(contact, 'old.txt', Buffer.from('old'), 'text/plain');
  const id = await stage.anna.say(contact, 'a moment');
  await chat.message('a moment').waitFor();
  await stage.anna.correct(contact, id, url);
  const links = chat.list.getByRole('link', { name: 'old.txt', exact: true });
  await links.nth(1).waitFor();
  await chat.page.reload();
  await links.nth(1).waitFor();
  await stage.anna.correct(contact, id, 'not that one');
  await chat.message('not that one').waitFor();
  assert.equal(await links.count(), 1);
  await stage.anna.say(contact, '!end');
  assert.deepEqual(chat.problems, []);
});

for (const [language, thumbsUp, opens] of [['en', 'thumbs up', 'Emoji'], ['ar', 'إعجاب', 'رموز']])
  test(`an emoji is picked by keyboard, where the words stand (${language})`, async () => {
    const { chat, contact } = await chatting(`picking in ${language}`, { speaks: language });
    await chat.text.fill('good  work');
    await chat.text.evaluate((text) => text.setSelectionRange(5, 5));
    const opener = chat.frame.getByRole('button', { name: opens, exact: true });
    const fetched = chat.requests.length;
    await opener.press('Enter');
    const panel = chat.frame.getByRole('toolbar', { name: opens });
    await panel.waitFor();
    assert.ok(chat.requests.slice(fetched).some((url) => url.includes('/a/seldom-')), 'only now');
    await looksFine(chat, 'the emoji');
    assert.equal(await panel.locator('[tabindex="0"]').count(), 1, 'one stop of the Tab key');
    const towards = language === 'ar' ? 'ArrowLeft' : 'ArrowRight';
    for (const key of [towards, 'End', 'Home', 'ArrowDown']) await chat.page.keyboard.press(key);
    await until(() => frameOf(chat).evaluate((label) => document.activeElement.ariaLabel === label, thumbsUp), { what: thumbsUp });
    await chat.page.keyboard.press('Enter');
    await panel.waitFor({ state: 'detached' });
    assert.equal(await chat.text.inputValue(), 'good 👍 work');
    await opener.click();
    await panel.waitFor();
    await chat.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await until(() => hasFocus(chat.text), { what: 'Escape to close this, not the chat' });
    await chat.text.press('Enter');
    await stage.anna.hears('good 👍 work');
    await stage.anna.say(contact, '!end');
    assert.deepEqual(chat.problems, []);
  });

test('a tenant without emoji has no button for them', async () => {
  await stage.settle({ 'widget.emoji': 'no' });
  const chat = await stage.visit();
  await chat.start();
  assert.equal(await chat.frame.getByRole('button', { name: 'Emoji' }).count(), 0);
  const contact = await stage.exchange(chat, 'no pictures please');
  assert.equal(await chat.frame.getByRole('button', { name: 'React' }).count(), 0);
  await stage.anna.say(contact, '!end');
});

test('the newest stays in sight, whatever grows after it came; who reads further up is left there', async () => {
  const { chat, contact } = await chatting('a long talk');
  for (let n = 0; n < 12; n++) await stage.anna.say(contact, `line ${n} of many`);
  await chat.message('line 11 of many').waitFor();
  const fromEnd = () => chat.frame.locator('main').evaluate((main) => {
    const last = main.querySelector('li:last-child').getBoundingClientRect();
    return Math.round(last.bottom - main.getBoundingClientRect().bottom);
  });
  await until(async () => (await fromEnd()) < 0);
  await chat.list.evaluate((list) => (list.lastElementChild.style.paddingBottom = '300px')); // as a picture that comes late
  await until(async () => (await fromEnd()) < 0);
  await chat.message('line 0 of many').evaluate((line) => line.scrollIntoView());
  await until(async () => (await fromEnd()) > 0);
  await stage.anna.say(contact, 'one more line');
  await chat.message('one more line').waitFor({ state: 'attached' });
  assert.ok((await fromEnd()) > 0);
  await stage.anna.say(contact, '!end');
});
