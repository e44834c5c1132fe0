// SPDX-License-Identifier: Apache-2.0
// While nobody is there: when somebody will be, and what can be asked for instead.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { frameOf, looksFine } from '../support/browser.mjs';
import { Stage, until } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

const DAY_MS = 86400000;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayAfter = (n) => new Date(Date.now() + n * DAY_MS);

test('closed: when it opens next, in the visitor’s own time and language, and the hours of the days to come', async () => {
  const [one, two] = [dayAfter(2), dayAfter(3)].map((date) => days[date.getUTCDay()]);
  await stage.settle({ 'hours.zone': 'UTC', 'hours.week': `${one} 9-12 13-17, ${two} 9-17` });
  const opens = new Date(dayAfter(2).setUTCHours(9, 0, 0, 0));
  for (const [locale, timezoneId, width, colorScheme] of [['en', 'America/New_York', 320, 'light'], ['fi', 'Europe/Helsinki', 768, 'dark'],
                                                          ['ar', 'Asia/Dubai', 1280, 'light']]) {
    const chat = await stage.visit({ speaks: locale, timezoneId, colorScheme, viewport: { width, height: 740 }, reducedMotion: 'reduce' });
    await chat.start();
    const said = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'numeric', hour: 'numeric',
      minute: '2-digit', timeZone: timezoneId }).format(opens);
    await chat.hint.getByText(said).waitFor();
    const list = chat.frame.locator('dl');
    await list.waitFor();
    assert.equal(await list.locator('dt').count(), 2, 'a week of them');
    const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone: timezoneId });
    assert.ok((await list.locator('dd').first().textContent()).includes(time.format(opens).split(' ')[0]));
    await looksFine(chat);
    await chat.context.close();
  }
});

test('it closes while somebody looks on: the hours come by themselves, and go when it opens', async () => {
  const chat = await stage.visit();
  await chat.start();
  await until(async () => (await chat.status.textContent()) === 'We are here');
  await stage.settle({ 'hours.zone': 'UTC', 'hours.week': `${days[dayAfter(2).getUTCDay()]} 9-17` });
  await chat.hint.getByText('We are here again').waitFor();
  await chat.frame.locator('dl').waitFor();
  await stage.settle({ 'hours.week': 'always' });
  await chat.frame.locator('dl').waitFor({ state: 'hidden' });
  assert.deepEqual(chat.problems, []);
});

test('asked for while it is closed, a call-back is what agents see first when they are back, and an event', async () => {
  await stage.settle({ 'hours.week': `${days[dayAfter(2).getUTCDay()]} 9-17`, 'widget.request': 'callback meeting' });
  const chat = await stage.visit({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' });
  await chat.start();
  await chat.frame.getByRole('button', { name: 'Ask for a call-back' }).click();
  const phone = chat.frame.getByLabel('Your telephone number');
  await phone.fill('call me');
  await phone.press('Enter');
  await chat.frame.getByText('Please give a telephone number').waitFor();
  assert.equal(await phone.getAttribute('aria-invalid'), 'true');
  await looksFine(chat);
  await phone.fill('+358 40 1234567');
  await chat.frame.getByLabel('When does it suit you?').fill('tomorrow <b>morning</b>');
  await chat.frame.getByLabel('What is it about?').fill('the price of Pro');
  await chat.frame.getByRole('button', { name: 'Send the request' }).click();
  await chat.message('Please call me back: +358 40 1234567').waitFor();
  await chat.list.locator('.tick.saved').waitFor();
  assert.equal(await chat.frame.locator('.card').count(), 0);
  const transcript = await until(() => stage.transcriptWith(
    'Please call me back: +358 40 1234567\nWhen does it suit you? tomorrow <b>morning</b>\nthe price of Pro'));
  const { number, time } = transcript.events.find(({ type }) => type === 'callback');
  assert.deepEqual([number, time], ['+358 40 1234567', 'tomorrow <b>morning</b>']);
  await stage.settle({ 'hours.week': 'always' }); // the morning has come
  const contact = await anna.accept('acme', /"Please call me back: \+358 40 1234567/);
  await anna.hears(/When does it suit you\? tomorrow/);
  await anna.say(contact, '!end');
});

test('a meeting is asked for from the menu, by keyboard, or rather not', async () => {
  await stage.settle({ 'widget.request': 'meeting' });
  const chat = await stage.visit({ reducedMotion: 'reduce', colorScheme: 'dark', viewport: { width: 768, height: 740 } });
  await chat.start();
  const menu = async () => {
    await chat.frame.getByRole('button', { name: 'More' }).press('Enter');
    await chat.frame.getByRole('button', { name: 'Ask for a meeting' }).press('Enter');
    await until(() => frameOf(chat).evaluate(() => document.activeElement.type === 'email')); // the focus goes there
  };
  await menu();
  const mail = chat.frame.getByLabel('Your e-mail address');
  await looksFine(chat);
  await chat.frame.getByRole('button', { name: 'Cancel' }).press('Enter');
  await mail.waitFor({ state: 'detached' });
  await menu();
  await chat.page.keyboard.type('maria@buyer.example');
  await chat.page.keyboard.press('Enter');
  await chat.frame.getByText('Please tell when it suits you').waitFor();
  await chat.page.keyboard.type('next week');
  await chat.page.keyboard.press('Enter');
  await chat.message('I would like a meeting: maria@buyer.example').waitFor();
  assert.equal(await chat.frame.getByRole('button', { name: 'Ask for a call-back' }).count(), 0);
  const contact = await anna.accept('acme', /I would like a meeting/);
  const { events } = await until(() => stage.transcriptWith('I would like a meeting: maria@buyer.example\nWhen does it suit you? next week'));
  assert.equal(events.find(({ type }) => type === 'meeting').to, 'maria@buyer.example');
  await anna.say(contact, '!end');
  assert.deepEqual(chat.problems, []);
});
