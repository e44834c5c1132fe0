// SPDX-License-Identifier: Apache-2.0
// What a tenant gets each month, in a browser and on paper: the report of its chats, the statement.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';

import { axeFinds, launch } from '../support/browser.mjs';
import { Instance } from '../support/instance.mjs';

const keep = process.env.LASNA_KEEP_LOOKS; // a folder for what was looked at
const example = new URL('../../docs/examples/billing.json', import.meta.url).pathname;
let instance, browser;
const urls = {};

const chats = Array.from({ length: 60 }, (_, i) => {
  const at = (s) => new Date(Date.UTC(2024, 9, 1 + (i % 30), 9, i) + s * 1000).toISOString();
  return { id: `chat ${i}`, visitor: `visitor ${i % 50}`, language: 'fi', opened_at: at(0), ended_at: at(600 + 40 * i), tags: i % 7 ? ['delivery'] : ['spam'],
    outcome: ['solved', 'sold', ''][i % 3], survey: { csat: 1 + (i % 5), nps: i % 11, effort: 1 + (i % 7) }, messages: [
      { from: 'visitor', at: at(0), text: i % 5 ? 'Do you ship to the islands?' : 'Hi' },
      { from: 'agent', name: 'Anna', at: at(20 + 3 * i), text: 'We do.' }, { from: 'visitor', at: at(600 + 40 * i), text: 'Thanks' }] };
});

before(async () => {
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--name', 'Acme Oy', '--origin', 'https://acme.example');
  const file = (name) => join(instance.home, name);
  await writeFile(file('chats.jsonl'), chats.map((chat) => JSON.stringify(chat)).join('\n'));
  await instance.control('transcript', 'import', 'acme', file('chats.jsonl'));
  const rules = JSON.parse(await (await import('node:fs/promises')).readFile(example, 'utf8'));
  rules.rules = rules.rules.filter(({ id }) => id !== 'moved');
  await writeFile(file('rules.json'), JSON.stringify({ ...rules, from: '2024-10' }));
  await instance.control('billing', 'set', 'acme', file('rules.json'));
  await instance.control('report', 'acme', '--month', '2024-10', '-o', file('month.html'));
  await instance.control('billing', 'close', 'acme', '--month', '2024-10');
  await instance.control('billing', 'statement', 'acme', '--month', '2024-10', '-o', file('statement.html'));
  for (const name of ['month', 'statement']) urls[name] = pathToFileURL(file(`${name}.html`)).href;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await instance?.stop();
});

async function open(name, options) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(urls[name]);
  return page;
}

async function look(page, name) {
  if (!keep) return;
  await mkdir(keep, { recursive: true });
  await page.screenshot({ path: join(keep, `${name}.png`), fullPage: true });
}

for (const name of ['month', 'statement']) {
  for (const colorScheme of ['light', 'dark'])
    for (const width of [360, 1280])
      test(`the ${name} in a browser, ${colorScheme}, ${width} px`, async () => {
        const page = await open(name, { colorScheme, viewport: { width, height: 900 } });
        await look(page, `${name}-${colorScheme}-${width}`);
        assert.deepEqual(await axeFinds(page.mainFrame()), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'sideways scrolling');
        await page.close();
      });

  test(`the ${name} on paper: light whatever the screen, nothing cut at the edge`, async () => {
    const page = await open(name, { colorScheme: 'dark' });
    const pdf = await page.pdf({ format: 'A4', margin: { top: '15mm', bottom: '15mm', left: '15mm', right: '15mm' }, printBackground: true });
    if (keep) await writeFile(join(keep, `${name}.pdf`), pdf);
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    await page.setViewportSize({ width: Math.floor((180 / 25.4) * 96), height: 1000 });
    await page.emulateMedia({ media: 'print' });
    await look(page, `${name}-paper`);
    const cut = await page.evaluate(() => [...document.querySelectorAll('table, svg[role=img], p, .tiles > div')]
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((one) => one.outerHTML.slice(0, 80)));
    assert.deepEqual(cut, []);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
    await page.close();
  });
}
