// SPDX-License-Identifier: Apache-2.0
// A tenant's own words in place of the chat's: in one language and not in another, in a language the
// chat does not know at all, shown as text whatever they are, and taken back.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { frameOf, looksFine } from '../support/browser.mjs';
import { Stage, eventually } from '../support/stage.mjs';

let stage, instance;

before(async () => {
  stage = await Stage.set();
  ({ instance } = stage);
});
after(() => stage?.strike());
afterEach(() => stage.clear());

/** Acme says so from now on, in place of what it said. */
async function says(language, texts) {
  stage.changed.add(`widget.texts:${language}`);
  const file = join(instance.home, 'own.json');
  await writeFile(file, typeof texts === 'string' ? texts : JSON.stringify(texts));
  return instance.control('texts', 'set', 'acme', language, file);
}

const OWN = { write: 'Kysy mitä vain', greeting: 'Moi, täällä Acme', 'states.saved': 'Perillä', begin: 'Asiaan', end: 'Tämä riittää', queue: '{}. vuorossa' };

test('own words stand where ours stood, in their language alone, and go again', async () => {
  await stage.settle({ 'widget.ask': 'name' });
  await says('fi', OWN);
  const chat = await stage.visit({ speaks: 'fi' });
  await chat.button.click();
  await chat.list.getByText('Moi, täällä Acme').waitFor();
  await chat.frame.getByLabel('Nimesi').fill('Maria');
  await chat.frame.getByRole('button', { name: 'Asiaan' }).click();
  await chat.frame.getByPlaceholder('Kysy mitä vain').waitFor();
  await chat.say('kuuluuko');
  await chat.message('kuuluuko').getByRole('img', { name: 'Perillä' }).waitFor();
  await chat.frame.getByRole('button', { name: 'Lisää' }).click();
  await chat.frame.getByRole('button', { name: 'Tämä riittää' }).waitFor();
  await looksFine(chat);
  assert.deepEqual(chat.problems, []);

  const english = await stage.visit({ speaks: 'en' });
  await english.button.click();
  await english.list.getByText('Hi! How can we help you?').waitFor();

  await says('fi', {});
  const plain = await stage.visit({ speaks: 'fi' });
  await plain.button.click();
  await plain.frame.getByRole('button', { name: 'Aloita keskustelu' }).waitFor();
  assert.deepEqual(plain.requests.filter((url) => /own-|\/texts\?/.test(url)), [], 'who has none fetches nothing more');
});

test('a language the chat does not know is spoken where a tenant gives its words', async () => {
  await instance.control('tenant', 'change', 'acme', '--lang', 'en,fi,de');
  await says('de', { write: 'Schreiben Sie uns', greeting: 'Guten Tag!', send: 'Senden' });
  const chat = await stage.visit({ speaks: 'de' });
  await chat.start();
  await chat.list.getByText('Guten Tag!').waitFor();
  assert.equal(await chat.text.getAttribute('placeholder'), 'Schreiben Sie uns');
  assert.equal(await frameOf(chat).evaluate(() => document.documentElement.lang), 'de');
  await chat.frame.getByRole('button', { name: 'Close', exact: true }).waitFor(); // of what it does not say ours counts
  await chat.page.getByRole('button', { name: 'Close the chat', exact: true }).waitFor();
  assert.deepEqual(chat.problems, []);
});

test('the names of the button and of what stands beside it are the tenant’s, too, without a request more', async () => {
  await stage.settle({ 'widget.proactive': 'page=/en/pricing: Need a hand?' });
  await says('fi', { openChat: 'Kysy Acmelta', closeChat: 'Piilota', unread: 'odottaa {}', closeGreeting: 'Ei nyt' });
  const chat = await stage.visit({ speaks: 'fi' });
  await chat.page.locator('lasna-chat p').getByRole('button', { name: 'Ei nyt' }).click();
  await chat.page.getByRole('button', { name: 'Kysy Acmelta', exact: true }).click();
  await chat.page.getByRole('dialog', { name: 'Kysy Acmelta: ' }).waitFor();
  const contact = await stage.exchange(chat, 'kuka siellä');
  await chat.page.getByRole('button', { name: 'Piilota', exact: true }).click();
  await stage.anna.say(contact, 'vielä yksi asia');
  await chat.page.getByRole('button', { name: 'Kysy Acmelta (odottaa 1)', exact: true }).waitFor();
  await chat.api('locale', 'en');
  await chat.page.getByRole('button', { name: 'Chat with us (1 unread)', exact: true }).waitFor();
  assert.deepEqual(chat.problems, []);
  const page = await stage.visit({ speaks: 'fi', path: '/en/cart' });
  await page.page.getByRole('button', { name: 'Kysy Acmelta', exact: true }).waitFor();
  assert.deepEqual(page.requests.filter((url) => /own-|\/texts/.test(url)), []);
});

test('a site has words of its own; others of the tenant have the tenant’s', async () => {
  const { id, key } = await instance.control('site', 'add', 'acme', '--origin', 'https://elsewhere.example');
  const file = join(instance.home, 'site.json');
  await writeFile(file, JSON.stringify({ write: 'Ask the outlet' }));
  await instance.control('texts', 'set', 'acme', 'en', file, '--site', id);
  const of = async (query) => {
    const answer = await fetch(`${instance.http}/w/acme/texts${query}`);
    return answer.ok ? answer.json() : answer.status;
  };
  await eventually(async () => assert.deepEqual([await of(`?site=${key}`), await of('')], [{ en: { write: 'Ask the outlet' } }, 404]));
  assert.equal((await fetch(`${instance.http}/w/nobody/texts`)).status, 404);
  await instance.control('site', 'remove', 'acme', id, '--yes');
});

test('as many as can be set are told: each layer full, in languages of its own', async () => {
  const keys = (await instance.control('texts', 'list', 'acme')).filter(({ key, english }) => !/^(emoji|sign)Names$/.test(key) && !english.includes('{}')).map(({ key }) => key);
  const full = JSON.stringify(Object.fromEntries(keys.slice(0, 30).map((key) => [key, 'ö'.repeat(390)])));
  assert.ok(full.length * 2 > 22000, 'two bytes a letter, and one language fills most of a layer');
  const { id, key } = await instance.control('site', 'add', 'acme', '--origin', 'https://elsewhere.example');
  try {
    await instance.control('settings', 'set', `widget.texts:sv=${full}`);
    await instance.control('tenant', 'set', 'acme', `widget.texts:de=${full}`);
    await instance.control('tenant', 'set', 'acme', `widget.texts:et=${full}`, '--site', id);
    await eventually(async () => { // web hears of a change a moment after whoever made it
      const answer = await fetch(`${instance.http}/w/acme/texts?site=${key}`);
      assert.equal(answer.status, 200, 'the site is there');
      assert.deepEqual(Object.keys(await answer.json()).sort(), ['de', 'et', 'sv']);
    });
  } finally {
    await instance.control('settings', 'set', 'widget.texts:sv=');
    await instance.control('tenant', 'set', 'acme', 'widget.texts:de=');
    await instance.control('site', 'remove', 'acme', id, '--yes');
  }
});

test('whatever is in them is text', async () => {
  const english = Object.fromEntries((await instance.control('texts', 'list', 'acme')).map(({ key, english: ours }) => [key, ours]));
  const evil = (key) => `"'></title><img src=x onerror=self.pwned='${key}'>${english[key].includes('{}') ? ' {}' : ''}`;
  await says('en', Object.fromEntries(Object.keys(english).filter((key) => !/^(emoji|sign)Names$/.test(key)).map((key) => [key, evil(key)])));
  await stage.settle({ 'widget.ask': 'name', 'widget.request': 'callback', 'widget.survey': 'csat comment' });
  const chat = await stage.visit({ speaks: 'en' });
  await chat.button.click();
  await chat.frame.locator('form.card input').fill('Maria');
  await chat.frame.locator('form.card [type=submit]').click();
  await chat.say('who says what?');
  const contact = await stage.anna.accept('acme', /who says what/);
  await stage.anna.say(contact, 'an answer');
  await chat.message('an answer').waitFor();
  await chat.frame.locator('header button').first().click();
  await chat.frame.locator('.choices').waitFor();
  await chat.text.focus();
  await stage.anna.say(contact, '!end');
  await chat.frame.locator('fieldset').waitFor();
  await chat.frame.getByText("self.pwned='survey'").waitFor();
  const frame = frameOf(chat);
  assert.equal(await frame.evaluate(() => self.pwned), undefined);
  await chat.page.getByRole('button', { name: "self.pwned='closeChat'" }).waitFor(); // it stands in the page's script
  assert.equal(await chat.page.evaluate(() => self.pwned), undefined);
  assert.equal(await frame.evaluate(() => document.querySelectorAll('[onerror], img').length), 0);
});

test('what cannot be said is refused by its name, and the change stands in the audit', async () => {
  await assert.rejects(says('fi', { wirte: 'Kysy' }), /"wirte" is none of the chat's texts/);
  await assert.rejects(says('fi', { queue: 'Odota' }), /"queue" must hold \{\} once/);
  await assert.rejects(says('fi', '{"write":'), /own\.json is no JSON: line 1/);
  await says('fi', { write: 'Kysy' });
  const items = await instance.control('texts', 'list', 'acme', 'fi');
  assert.deepEqual(items.find(({ key }) => key === 'write'), { key: 'write', english: 'Write a message', own: 'Kysy' });
  assert.equal(items.find(({ key }) => key === 'send').own, null);
  const audit = await instance.control('tenant', 'audit', 'acme');
  assert.match(JSON.stringify(audit[0]), /widget\.texts:fi/);
  const whole = join(instance.home, 'tenants.json');
  await instance.control('tenant', 'export', 'acme', '-o', whole);
  await instance.control('tenant', 'set', 'acme', 'widget.texts:fi=');
  await instance.control('apply', '-f', whole, '--yes');
  const again = await instance.control('texts', 'list', 'acme', 'fi');
  assert.equal(again.find(({ key }) => key === 'write').own, 'Kysy');
});
