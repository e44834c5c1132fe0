// SPDX-License-Identifier: Apache-2.0
// A script in every field there is, each with its own name: a visitor's, an agent's, the tenant's and
// the page's own. It runs nowhere such a field is shown: not in the chat, on the page around it, in a
// copy, in the report, nor where files open by themselves.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, afterEach, before, test } from 'node:test';

import { signed } from '../support/jwt.mjs';
import { png } from '../support/pictures.mjs';
import { Stage, until } from '../support/stage.mjs';

const evil = (field) => `"'></title><img src=x onerror=self.pwned='${field}'>`;
let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
  const { instance } = stage;
  await instance.control('tenant', 'change', 'acme', '--name', evil('company'));
  await instance.control('agent', 'assign', 'anna@agents.localhost', 'acme', '--persona', evil('persona'));
  await stage.instance.control('tenant', 'set', 'acme', `desk.canned=greet: ${evil('canned')} {visitor} {company}`, 'figures.by_agent=yes',
    `widget.greeting=${evil('greeting')}`, `widget.consent=${evil('consent')}`, 'widget.ask=name email', 'widget.ask_away=name email', 'widget.survey=csat comment source',
    'widget.request=callback meeting', 'widget.consent_version=1');
});
after(() => stage?.strike());
afterEach(() => stage.clear());

/** Nothing ran, and nothing became an element that could. */
async function harmless(page, where) {
  for (const frame of page.frames()) {
    assert.equal(await frame.evaluate(() => self.pwned), undefined, `${where}: ${frame.url()}`);
    const found = await frame.evaluate(() => [...document.querySelectorAll('[onerror], [onload], img[src="x"]')].map(({ outerHTML }) => outerHTML));
    assert.deepEqual(found, [], `${where}: ${frame.url()}`);
  }
}

/** What was asked before the first words is answered. */
async function begin(chat) {
  await chat.button.click();
  await chat.frame.getByLabel('Your name').fill(evil('name'));
  await chat.frame.getByLabel('Your e-mail address').fill('maria@buyer.example');
  await chat.frame.getByRole('checkbox').check();
  await harmless(chat.page, 'questions before the first words');
  await chat.frame.getByRole('button', { name: 'Start the chat' }).click();
  await chat.text.waitFor();
}

test('in the chat, while it goes on, after its end, and read again', async () => {
  const chat = await stage.visit({ path: `/en/?q=${encodeURIComponent(evil('url'))}` });
  await chat.page.evaluate((text) => (document.title = text), evil('title'));
  await begin(chat);
  await harmless(chat.page, 'the greeting');
  await chat.say(evil('words'));
  const contact = await anna.accept('acme', /self\.pwned='words'/);
  await anna.say(contact, evil('answer'));
  await chat.list.locator('li.agent', { hasText: "self.pwned='answer'" }).waitFor();
  await anna.say(contact, '!c greet');
  await chat.list.locator('li.agent', { hasText: "self.pwned='canned'" }).waitFor();
  const name = `<img src=x onerror=self.pwned='file'>.png`;
  await chat.attach({ name, bytes: png() });
  await chat.list.getByRole('img', { name }).waitFor();
  const url = await anna.sendFile(contact, `<img src=x onerror=self.pwned='theirs'>.png`, png(), 'image/png');
  await chat.list.locator(`a[href="${url}"]`).waitFor();
  assert.equal(await chat.list.locator('img').count(), 1, 'the picture, and no other');
  await chat.api('event', evil('event').slice(0, 40), { value: 1, currency: 'EUR', id: evil('event') });
  await anna.say(contact, "!tag <svg/onload=self.pwned='tag'>");
  await anna.say(contact, `!note ${evil('note')}`);
  await chat.list.locator('.tick.delivered, .tick.read').last().waitFor();
  await harmless(chat.page, 'a chat with everything');

  const download = chat.page.waitForEvent('download');
  await chat.choose('Save this chat as a file');
  const copy = await download;
  assert.match(copy.suggestedFilename(), /^[^<>"/\\]*\.txt$/);
  assert.match(await readFile(await copy.path(), 'utf8'), /self\.pwned='answer'/);

  await anna.say(contact, `!end ${evil('outcome')}`);
  await chat.frame.getByRole('heading', { name: 'How did we do?' }).waitFor();
  await chat.frame.getByRole('radio', { name: '1' }).first().check();
  await chat.frame.getByLabel('What could we do better?').fill(evil('comment'));
  await chat.frame.getByLabel('How did you hear of us?').fill(evil('source'));
  await chat.frame.getByRole('button', { name: 'Send answers' }).click();
  await chat.list.getByText('Thank you for your answers!').waitFor();
  await harmless(chat.page, 'after the end');
  await chat.page.reload();
  await chat.list.locator('li.agent', { hasText: "self.pwned='answer'" }).waitFor();
  await harmless(chat.page, 'after a reload');
  assert.deepEqual(chat.problems.filter((line) => !/favicon/.test(line)), []);
});

test('from a site that vouches for the visitor, and from a form while it is closed', async () => {
  const key = await stage.instance.control('identity', 'renew', 'acme');
  const token = signed(key, { sub: evil('subject'), name: evil('vouched'), stage: 'existing', attributes: { plan: evil('attribute') } });
  const chat = await stage.visit();
  await chat.api('identify', token);
  await chat.button.click();
  await chat.frame.getByRole('checkbox').check();
  await chat.frame.getByRole('button', { name: 'Start the chat' }).click();
  await chat.say('vouched for');
  const contact = await anna.accept('acme', /vouched for/);
  await anna.say(contact, '!info');
  await anna.say(contact, '!end');
  await chat.list.getByText('The chat has ended').waitFor();
  await harmless(chat.page, 'vouched for');

  await stage.settle({ 'hours.week': 'mon 03:00-03:01' });
  const away = await stage.visit();
  await begin(away);
  await away.frame.getByRole('button', { name: 'Ask for a call-back' }).click();
  await away.frame.getByLabel('Your telephone number').fill('+358 40 1234567');
  await away.frame.getByLabel('When does it suit you?').fill(evil('when'));
  await away.frame.getByLabel('What is it about?').fill(evil('about'));
  await away.frame.getByRole('button', { name: 'Send the request' }).click();
  await away.message("self.pwned='about'").locator('.tick.saved').waitFor();
  await harmless(away.page, 'the form');
});

test('on the page that asks buyers', async () => {
  const { links: [{ url }] } = await stage.instance.control('presence', 'survey-link', 'acme', evil('order'));
  const page = await (await stage.browser.newContext()).newPage();
  await page.goto(`${stage.instance.http}${new URL(url).pathname}?lang=${encodeURIComponent(evil('lang'))}`);
  await page.locator('form').waitFor();
  assert.ok((await page.locator('body').textContent()).includes("self.pwned='company'"), 'it says whose it is');
  await harmless(page, 'the survey of buyers');
});

test('in the report, and in an archive of everything that is opened by mistake', async () => {
  const { instance } = stage;
  const chats = await until(async () => {
    const found = await instance.exported('acme');
    return found.some(({ survey }) => survey) && found;
  }, { what: 'the survey on disk' });
  const kept = JSON.stringify(chats);
  for (const field of ['words', 'answer', 'canned', 'file', 'note', 'outcome', 'comment', 'source', 'persona', 'name', 'vouched', 'attribute', 'when', 'about'])
    assert.ok(kept.includes(`self.pwned='${field}'`), `${field} came so far`);
  assert.ok(!kept.includes("self.pwned='tag'"), 'a tag has no letters for it');
  const old = { id: 'V1', opened_at: '2026-03-02T09:14:05Z', ended_at: '2026-03-02T09:20:00Z', language: 'en', outcome: evil('old outcome'), tags: [evil('old tag')],
    messages: [{ from: 'visitor', at: '2026-03-02T09:14:05Z', text: evil('old words') },
      { from: 'agent', name: evil('old agent'), at: '2026-03-02T09:14:35Z', text: `Thank you, ${evil('old answer')}` }] };
  await writeFile(join(instance.home, 'old.jsonl'), `${JSON.stringify(old)}\n`);
  await instance.control('transcript', 'import', 'acme', join(instance.home, 'old.jsonl'));
  await instance.control('presence', 'code', 'acme');
  const report = join(instance.home, 'report.html');
  await instance.control('presence', 'report', 'acme', '-o', report);
  const page = await (await stage.browser.newContext()).newPage();
  await page.goto(pathToFileURL(report).href);
  await page.locator('h1').waitFor();
  assert.ok((await page.locator('body').textContent()).includes("self.pwned='"), 'a field of these is in it');
  await harmless(page, 'the report');
  for (const format of ['jsonl', 'csv']) {
    const file = join(instance.home, `chats.${format}`);
    await instance.control('transcript', 'export', 'acme', '--format', format, '-o', file);
    assert.match(await readFile(file, 'utf8'), /self\.pwned='(?:old|\[name \w+\]) words'/, `${format} has them`); // what names hold is hidden in csv, and "old" is in one
    const { href } = pathToFileURL(file);
    const shown = await page.goto(href).then(() => page.url(), ({ message }) => message);
    assert.ok(shown === href || /Download is starting/.test(shown), shown); // as text, or not at all
    await harmless(page, format);
  }
});
