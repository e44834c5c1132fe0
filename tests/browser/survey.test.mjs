// SPDX-License-Identifier: Apache-2.0
// The survey of buyers as they get it: in a browser without script, by keyboard, narrow and wide.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { axeFinds, launch } from '../support/browser.mjs';
import { Instance } from '../support/instance.mjs';

const keep = process.env.LASNA_KEEP_LOOKS; // a folder for what was looked at
let instance, browser;

before(async () => {
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--name', 'Acme Oy', '--origin', 'https://acme.example', '--lang', 'en,fi');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await instance?.stop();
});

async function open(order, options = {}, lang = 'en') {
  const { links: [{ url }] } = await instance.control('presence', 'survey-link', 'acme', order);
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${instance.http}${new URL(url).pathname}?lang=${lang}`);
  return page;
}

async function looksFine(page, name) {
  if (keep) await mkdir(keep, { recursive: true }).then(() => page.screenshot({ path: join(keep, `${name}.png`), fullPage: true }));
  assert.deepEqual(await axeFinds(page.mainFrame()), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: sideways scrolling`);
}

let order = 0;
for (const [lang, width, colorScheme, color] of [['en', 1280, 'light', '#1f6feb'], ['fi', 320, 'dark', '#ffee00'], ['sv', 375, 'light', '#101060']])
  test(`${lang}, ${width} px, ${colorScheme}, ${color}`, async () => {
    await instance.control('tenant', 'set', 'acme', `widget.color=${color}`);
    const page = await open(`order ${++order}`, { viewport: { width, height: 800 }, colorScheme }, lang);
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    await looksFine(page, `survey-${lang}`);
    const low = await page.evaluate(() => [...document.querySelectorAll('label, button')]
      .filter((one) => one.offsetHeight < 44 || one.offsetWidth < 24).map((one) => one.outerHTML));
    assert.deepEqual(low, [], 'too small to hit');
    await page.close();
  });

test('answered by keyboard alone, and once', async () => {
  const page = await open('order by keys', { javaScriptEnabled: true });
  await page.locator('button').click(); // whether one chatted must be told: the browser itself says so
  assert.equal(await page.locator('form').count(), 1);
  for (const [name, keys] of [['recommend', 9], ['trust', 4], ['satisfied', 4]]) {
    await page.locator(`input[name=${name}]`).first().focus();
    await page.keyboard.press('Space');
    for (let i = 0; i < keys; i++) await page.keyboard.press('ArrowRight');
  }
  await page.getByLabel('From somebody I know').check();
  await page.getByRole('group', { name: 'Did you chat with us' }).getByLabel('No', { exact: true }).check();
  await page.getByRole('button', { name: 'Send answers' }).press('Enter');
  await page.getByRole('heading', { name: 'Your answers have arrived' }).waitFor();
  await looksFine(page, 'survey-thanks');
  await page.reload();
  await page.getByRole('heading', { name: 'answered for already' }).waitFor();
  const { effect } = await instance.control('presence', 'report', 'acme');
  const count = (id) => effect.questions.find(({ question }) => question === id).not.count;
  assert.deepEqual([effect.not, count('recommend'), count('trust'), count('friend')], [1, 1, 1, 1]);
  await page.context().close();
});

test('what leads nowhere says so, and looks no worse', async () => {
  const page = await open('order 1');
  await page.goto(`${instance.http}/s/acme/nothing?lang=en`);
  await page.getByRole('heading', { name: 'no survey at this address' }).waitFor();
  await looksFine(page, 'survey-nowhere');
});
