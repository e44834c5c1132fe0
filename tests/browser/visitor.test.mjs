// SPDX-License-Identifier: Apache-2.0
// What the visitor meets besides the talk itself: who is there, questions before, the survey
// after, a copy to keep, other tabs, a line that died without a word.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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

test('the greeting says who is there, and after some chats how soon they answer', async () => {
  const chat = await stage.visit();
  await chat.start();
  await chat.list.getByText('Here to help: Anna').waitFor();
  assert.equal(await chat.list.getByText('usually answer').count(), 0, 'nothing is promised that nobody measured');
  await chat.context.close();
  for (let n = 1; n <= 5; n++) {
    const one = await stage.visit();
    await anna.say(await stage.talk(one, `quick one ${n}`), '!end');
    await one.context.close();
  }
  const later = await stage.visit();
  await later.start();
  await later.list.getByText('We usually answer in less than a minute').waitFor();
  await later.context.close();
  const old = await stage.instance.kill('core'); // what was measured outlives it
  await stage.instance.restarted('core', old);
  await until(() => fetch(`${stage.instance.http}/w/acme/now.js`).then((answer) => answer.text()).then((text) => text.includes('online')));
  const after = await stage.visit();
  await after.start();
  await after.list.getByText('We usually answer in less than a minute').waitFor();
});

test('name and e-mail are asked for, errors stand at their fields, and the agent sees the name', async () => {
  await stage.settle({ 'widget.ask': 'name email' });
  const chat = await stage.visit({ viewport: { width: 320, height: 640 } });
  await chat.button.click();
  const name = chat.frame.getByLabel('Your name'), email = chat.frame.getByLabel('Your e-mail address');
  await name.waitFor();
  assert.ok(await chat.text.isHidden());
  await looksFine(chat);
  await chat.frame.getByRole('button', { name: 'Start the chat' }).click();
  await chat.frame.getByText('Please tell your name').waitFor();
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  assert.equal(await frameOf(chat).evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent),
    'Please tell your name');
  await name.fill('Maria <b>');
  await email.fill('nonsense');
  await email.press('Enter');
  await chat.frame.getByText('Please give an e-mail address').waitFor();
  await looksFine(chat);
  await email.fill('maria@buyer.example');
  await email.press('Enter');
  await chat.text.waitFor();
  await chat.say('I have a name');
  const contact = await anna.accept('acme', /Maria <b> · "I have a name"/);
  const { visitor } = await stage.transcriptWith('I have a name');
  assert.deepEqual([visitor.name, visitor.email, visitor.verified], ['Maria <b>', 'maria@buyer.example', false]);
  await anna.say(contact, '!end');
  await chat.list.getByText('The chat has ended').waitFor();
  await chat.page.reload();
  await chat.text.waitFor(); // asked once
});

test('nothing is said before consent, and its version stands in the transcript', async () => {
  await stage.settle({ 'widget.consent': 'I agree to https://acme.example/privacy', 'widget.consent_version': '2026-03' });
  const chat = await stage.visit();
  await chat.button.click();
  await chat.frame.getByRole('checkbox').waitFor();
  await looksFine(chat);
  await chat.frame.getByRole('button', { name: 'Start the chat' }).click();
  await chat.frame.getByText('Please agree to this').waitFor();
  await chat.frame.getByRole('checkbox').check();
  await chat.frame.getByRole('button', { name: 'Start the chat' }).click();
  await chat.say('I agreed');
  const contact = await anna.accept('acme', /I agreed/);
  const { events } = await until(async () => {
    const found = await stage.transcriptWith('I agreed');
    return found?.events.some(({ type }) => type === 'site_consent') && found;
  });
  assert.equal(events.find(({ type }) => type === 'site_consent').id, '2026-03');
  await anna.say(contact, '!end');
  await stage.settle({ 'widget.consent_version': '2026-04' });
  const devtools = await chat.context.newCDPSession(chat.page);
  await devtools.send('Network.clearBrowserCache');
  const again = await stage.visit({ context: chat.context });
  await again.button.click();
  await again.frame.getByRole('checkbox').waitFor(); // a new version is asked for again
});

test('the survey after the end, by keyboard, is stored and asked once', async () => {
  await stage.settle({ 'widget.survey': 'csat effort nps comment source' });
  const chat = await stage.visit({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  const contact = await stage.talk(chat, 'survey me');
  await anna.say(contact, '!end solved');
  await chat.frame.getByRole('heading', { name: 'How did we do?' }).waitFor();
  await looksFine(chat);
  await chat.frame.getByRole('group', { name: /How satisfied/ }).getByRole('radio', { name: '1' }).focus();
  for (let n = 0; n < 4; n++) await chat.page.keyboard.press('ArrowRight');
  await chat.page.keyboard.press('Tab');
  await chat.page.keyboard.press('Space');
  await chat.frame.getByRole('group', { name: /How likely/ }).getByRole('radio', { name: '10' }).press('Space');
  await chat.frame.getByLabel('What could we do better?').fill('nothing <script>');
  await chat.frame.getByLabel('How did you hear of us?').fill('a colleague');
  await chat.frame.getByRole('button', { name: 'Send answers' }).press('Enter');
  await chat.list.getByText('Thank you for your answers!').waitFor();
  const { survey } = await until(async () => {
    const found = await stage.transcriptWith('survey me');
    return found?.survey && found;
  });
  assert.deepEqual(survey, { csat: 5, effort: 1, nps: 10, comment: 'nothing <script>', source: 'a colleague' });
  await chat.page.reload();
  await chat.list.getByText('The chat has ended').waitFor();
  assert.equal(await chat.frame.getByRole('heading', { name: 'How did we do?' }).count(), 0);
});

test('a copy to keep: saved as a file, in the visitor’s words', async () => {
  const chat = await stage.visit();
  const contact = await stage.talk(chat, 'keep this');
  const download = chat.page.waitForEvent('download');
  await chat.choose('Save this chat as a file');
  const file = await download;
  assert.match(file.suggestedFilename(), /^Acme Oy \d{4}-\d\d-\d\d\.txt$/);
  const text = await readFile(await file.path(), 'utf8');
  assert.match(text, /You: keep this\r\n.*Anna: an answer to keep this\r\n$/);
  assert.deepEqual(chat.problems, []);
  await anna.say(contact, '!end');
});

test('the menu: by keyboard, Escape closes it and gives the focus back', async () => {
  const chat = await stage.visit();
  await chat.start();
  const more = chat.frame.getByRole('button', { name: 'More' });
  await more.press('Enter');
  await looksFine(chat);
  assert.equal(await more.getAttribute('aria-expanded'), 'true');
  await chat.page.keyboard.press('Escape');
  assert.ok(await frameOf(chat).evaluate(() => document.activeElement.getAttribute('aria-label') === 'More'));
  await chat.choose('Turn the sound off');
  await more.press('Enter');
  await chat.frame.getByRole('button', { name: 'Turn the sound on' }).waitFor();
  await chat.page.reload();
  await more.press('Enter');
  await chat.frame.getByRole('button', { name: 'Turn the sound on' }).waitFor(); // kept
});

test('two tabs opened at once are one visitor; what is read in one is read in both', async () => {
  const context = await stage.browser.newContext({ locale: 'en' });
  const [one, two] = await Promise.all([stage.visit({ context }), stage.visit({ context })]);
  await Promise.all([one.api('open'), two.api('open')]);
  const welcomed = (chat) => until(() => chat.status.textContent().then((text) => text === 'We are here'));
  await Promise.all([welcomed(one), welcomed(two)]);
  const contact = await (async () => {
    await one.text.fill('from the first tab');
    await one.text.press('Enter');
    return anna.accept('acme', /from the first tab/);
  })();
  await two.message('from the first tab').waitFor();
  await two.text.fill('from the second');
  await two.text.press('Enter');
  await anna.hears('from the second');
  await one.message('from the second').waitFor();
  assert.equal(anna.messages.filter(({ text }) => text === 'from the second').length, 1);
  const transcript = await stage.transcriptWith('from the second');
  assert.deepEqual(transcript.messages.map(({ text }) => text), ['from the first tab', 'from the second']);

  await Promise.all([one.api('close'), two.api('close')]);
  await anna.say(contact, 'for both of you');
  await one.page.locator('lasna-chat b', { hasText: '1' }).waitFor();
  await two.page.locator('lasna-chat b', { hasText: '1' }).waitFor();
  await two.page.bringToFront();
  await two.api('open');
  await one.page.locator('lasna-chat b').waitFor({ state: 'hidden' });
  await anna.say(contact, '!end');
});

test('a silent chat warns before it closes, once, and one press keeps it open', async () => {
  await stage.settle({ 'routing.silent_end_ms': '40s' }); // the shortest: warned with 20 s left
  const chat = await stage.visit();
  await stage.talk(chat, 'and then nothing');
  await frameOf(chat).evaluate(() => {
    self.alerts = [];
    const alert = document.querySelector('[role=alert]');
    new MutationObserver(() => self.alerts.push(alert.textContent)).observe(alert, { childList: true });
  });
  const keep = chat.frame.getByRole('button', { name: 'Keep it open' });
  await keep.waitFor();
  await keep.press('Enter'); // at once: how it looks, looks.test.mjs asks, where no time runs
  await keep.waitFor({ state: 'hidden' });
  await until(() => frameOf(chat).evaluate(() => document.activeElement.id === 'text'));
  const alerts = await frameOf(chat).evaluate(() => self.alerts);
  assert.equal(alerts.length, 1);
  assert.match(alerts[0], /^Nobody has written for a while\. The chat closes at \d/);

  await chat.api('close'); // nobody looks: the button tells
  await chat.page.locator('lasna-chat b', { hasText: /^1$/ }).waitFor();
  await chat.list.getByText('The chat has ended').waitFor({ state: 'attached' });
  const { end_reason: reason } = await stage.transcriptWith('and then nothing');
  assert.equal(reason, 'timeout');
  await anna.hears(/: ended \(timeout\)/);
});

test('what waits unread stands in the page’s title while nobody looks, and only then', async () => {
  const chat = await stage.visit();
  const contact = await stage.talk(chat, 'mind my title');
  const title = await chat.page.title();
  await chat.api('close');
  await chat.page.evaluate(() => {
    self.away = true;
    Object.defineProperty(document, 'hidden', { get: () => self.away, configurable: true });
  });
  await anna.say(contact, 'are you there?');
  await until(async () => (await chat.page.title()) === `(1) ${title}`);
  await chat.page.evaluate(() => {
    self.away = false;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  assert.equal(await chat.page.title(), title);

  await chat.api('open');
  await chat.choose('Keep news out of the page’s title');
  await chat.api('close');
  await chat.page.evaluate(() => (self.away = true));
  await anna.say(contact, 'and now?');
  await chat.page.waitForFunction(() => document.querySelector('lasna-chat').shadowRoot.querySelector('b').textContent === '1');
  assert.equal(await chat.page.title(), title, 'as the visitor wished');
  await chat.page.reload();
  await chat.api('open');
  await chat.frame.getByRole('button', { name: 'More' }).click();
  await chat.frame.getByRole('button', { name: 'Show news in the page’s title' }).waitFor(); // kept
  await anna.say(contact, '!end');
});

test('a line that died without a word is noticed, and nothing is lost or doubled', async () => {
  const chat = await stage.visit();
  const contact = await stage.talk(chat, 'before the silence');
  const { web } = await stage.instance.pids();
  const sockets = chat.seen.sockets;
  for (const pid of web) process.kill(pid, 'SIGSTOP'); // its kernel still says that all is well
  try {
    await chat.page.clock.install();
    await chat.say('into the silence');
    await until(async () => {
      await chat.page.clock.runFor(1000);
      return chat.seen.sockets > sockets;
    }, { what: 'a new attempt' });
  } finally {
    for (const pid of web) process.kill(pid, 'SIGCONT');
  }
  await until(async () => {
    await chat.page.clock.runFor(500);
    return (await chat.tick('into the silence', 'delivered').count()) === 1;
  });
  const { messages } = await stage.transcriptWith('into the silence');
  assert.equal(messages.filter(({ text }) => text === 'into the silence').length, 1);
  await anna.say(contact, '!end');
});

test('Swedish is there, and a language the tenant does not speak is not taken up', async () => {
  const chat = await stage.visit({ speaks: 'sv' });
  await chat.start();
  await chat.frame.getByPlaceholder('Skriv ett meddelande').waitFor();
  await chat.api('locale', 'de');
  await chat.frame.getByPlaceholder('Write a message').waitFor(); // the page's own language
});
