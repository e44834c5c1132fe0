// SPDX-License-Identifier: Apache-2.0
// The report as people get it: in a browser, light and dark, narrow and wide, and on paper.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';

import { axeFinds, launch } from '../support/browser.mjs';
import { Instance } from '../support/instance.mjs';
import { readLines, sharedData } from '../support/shared_data.mjs';

const set = sharedData('stripe_sessions.jsonl.xz');
const skip = set === null && 'the research sets are not there (set LASNA_SHARED_DATA)';
const keep = process.env.LASNA_KEEP_LOOKS; // a folder for what was looked at
let instance, browser, url;

before(async () => {
  if (skip) return;
  instance = await Instance.start();
  const chats = readLines(set).map((chat, i) => ({ ...chat, stage: ['potential', 'new', 'existing'][i % 3] }));
  const path = join(instance.home, 'chats.jsonl');
  await writeFile(path, chats.map((chat) => JSON.stringify(chat)).join('\n'));
  await instance.control('transcript', 'import', 'acme', path);
  await instance.control('presence', 'code', 'acme');
  await instance.control('tenant', 'set', 'acme', 'figures.by_agent=yes');
  const buyers = Array.from({ length: 100 }, (_, i) => JSON.stringify({ id: `order ${i}`, at: '2019-10-01T12:00:00Z', chatted: i % 2 === 0, bought: i % 3 > 0,
    value: 80 + i, currency: 'EUR', recommend: i % 11, trust: 1 + (i % 5), again: 5 - (i % 4), satisfied: 4, solved: i % 4 > 0 }));
  await writeFile(join(instance.home, 'buyers.jsonl'), buyers.join('\n'));
  await instance.control('presence', 'buyers', 'acme', join(instance.home, 'buyers.jsonl'));
  await instance.control('presence', 'report', 'acme', '-o', join(instance.home, 'report.html'));
  url = pathToFileURL(join(instance.home, 'report.html')).href;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await instance?.stop();
});

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(url);
  return page;
}

async function look(page, name) {
  if (!keep) return;
  await mkdir(keep, { recursive: true });
  await page.screenshot({ path: join(keep, `${name}.png`), fullPage: true });
}

for (const colorScheme of ['light', 'dark'])
  for (const width of [360, 1280])
    test(`in a browser, ${colorScheme}, ${width} px`, { skip }, async () => {
      const page = await open({ colorScheme, viewport: { width, height: 900 } });
      await look(page, `report-${colorScheme}-${width}`);
      assert.deepEqual(await axeFinds(page.mainFrame()), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'sideways scrolling');
      // Every section is there, and each picture has something drawn in it.
      const titles = await page.locator('h2, h3').allTextContents();
      for (const title of ['Times and waits', 'Chats in hand', 'Agents, in order of name', 'What chats were for', 'The study', 'Buyers who chatted']) {
        assert.ok(titles.some((text) => text.startsWith(title)), `${title} in ${titles}`);
      }
      const empty = await page.evaluate(() => [...document.querySelectorAll('svg[role=img]')]
        .filter((svg) => !svg.querySelector('.m, .s, .few') || svg.getBoundingClientRect().height < 40).length);
      assert.equal(empty, 0);
      await page.close();
    });

/** The sizes of a PDF's pages in points, read from the file itself. */
const pagesOf = (pdf) => [...pdf.toString('latin1').matchAll(/\/Type\s*\/Page\b[^]*?\/MediaBox\s*\[\s*([\d. ]+)\]/g)].map(([, box]) => box.trim().split(/\s+/).map(Number).slice(2));

test('on paper: A4, light whatever the screen, nothing cut at the edge', { skip }, async () => {
  const page = await open({ colorScheme: 'dark' });
  const pdf = await page.pdf({ format: 'A4', margin: { top: '15mm', bottom: '15mm', left: '15mm', right: '15mm' }, printBackground: true });
  if (keep) await writeFile(join(keep, 'report.pdf'), pdf);
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  const pages = pagesOf(pdf);
  assert.ok(pages.length >= 3 && pages.length < 40, `${pages.length} pages`);
  for (const [width, height] of pages) assert.ok(Math.abs(width - 595) < 2 && Math.abs(height - 842) < 2, `${width} × ${height}`);
  // As it is laid out for that paper: 180 mm between the margins.
  await page.setViewportSize({ width: Math.floor((180 / 25.4) * 96), height: 1000 });
  await page.emulateMedia({ media: 'print' });
  await look(page, 'report-paper');
  const cut = await page.evaluate(() => [...document.querySelectorAll('table, svg[role=img], p, .tiles > div')]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((one) => `${one.tagName} after ${[...document.querySelectorAll('h2, h3')].filter((h) => h.compareDocumentPosition(one) & 4).pop()?.textContent}`));
  assert.deepEqual(cut, []);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
  await page.close();
});
