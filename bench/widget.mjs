// SPDX-License-Identifier: Apache-2.0
// What the chat costs a page, in Chromium: requests, bytes and time of the main thread, before it
// is opened and when it is. Two pages that differ by the one line alone, loaded in turn in fresh
// profiles; the main thread's time is what its thread ran, not what the clock on the wall said.
//
//     ./dev bench widget [ROUNDS]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ChatPage, launch } from '../tests/support/browser.mjs';
import { Instance, root } from '../tests/support/instance.mjs';
import { serveShops } from '../tools/demo/shop.mjs';
import { median } from './proc.mjs';
import { appendResults } from './report.mjs';
import { weighPeers } from './widget_peers.mjs';

const ROUNDS = Number(process.argv[2] ?? 15);

const instance = await Instance.start();
const base = Number(new URL(instance.http).port) - 80;
const body = (line) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">
<body><h1>A page</h1>${'<p>Some text of a shop, so that there is something to lay out.</p>'.repeat(200)}${line}</html>`;
const shops = await serveShops(instance.http, base, {
  '/without': { policy: '', body: body('') },
  '/with': { policy: '', body: body(`<script async src="${instance.http}/w/acme.js"></script>`) },
});
const browser = await launch();

/** A load in a fresh profile; what it took, once the page is quiet. */
async function load(path) {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const took = { requests: 0, bytes: 0 };
  page.on('requestfinished', async (request) => {
    if (!request.url().startsWith(instance.http)) return;
    took.requests++;
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    took.bytes += responseBodySize + responseHeadersSize;
  });
  await page.goto(`http://127.0.0.1:${base + 500}${path}`, { waitUntil: 'networkidle' });
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  Object.assign(took, { task: of('TaskDuration') * 1000, script: of('ScriptDuration') * 1000, heap: of('JSHeapUsedSize') / 1024 });
  return { took, context, page };
}

/** Opens the chat: until one can write, and until it is welcomed. */
async function open({ page, took }) {
  const chat = new ChatPage(page);
  await chat.button.waitFor();
  const before = { ...took }, began = performance.now();
  await chat.button.click();
  await chat.text.waitFor();
  const write = performance.now() - began;
  await chat.status.getByText('We are here').or(chat.status.getByText('away')).waitFor();
  const welcome = performance.now() - began;
  await page.waitForLoadState('networkidle');
  return { write, welcome, requests: took.requests - before.requests, bytes: took.bytes - before.bytes };
}

const found = { without: [], with: [], open: [] };
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const path of ['without', 'with']) {
      const loaded = await load(`/${path}`);
      found[path].push({ ...loaded.took, stored: await loaded.page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length) });
      if (path === 'with') found.open.push(await open(loaded));
      await loaded.context.close();
    }
    console.error(`bench: widget, round ${round + 1} of ${ROUNDS}`);
  }
} finally {
  await browser.close();
  shops.forEach((shop) => shop.close());
  await instance.stop();
}

const of = (kind, key) => median(found[kind].map((one) => one[key]));
const more = (key) => of('with', key) - of('without', key);
const rows = [
  ['before it is opened: requests', of('with', 'requests'), '1'],
  ['bytes, with headers', of('with', 'bytes'), '≤ 3,072 of script'],
  ['bytes stored on the device', of('with', 'stored'), '0'],
  ['main thread, ms', more('task').toFixed(1), '≤ 10'],
  ['of which script, ms', more('script').toFixed(1), ''],
  ['JavaScript heap, KiB', more('heap').toFixed(0), ''],
  ['opened: more requests', of('open', 'requests'), ''],
  ['more bytes, with headers', of('open', 'bytes'), '≤ 15,360 of all script and style'],
  ['until one can write, ms', of('open', 'write').toFixed(0), ''],
  ['until it is welcomed, ms', of('open', 'welcome').toFixed(0), ''],
];
const sizes = JSON.parse(readFileSync(join(root, 'build', 'dev', 'share', 'widget', 'sizes.json'), 'utf8'));
const ours = [['loader', 'before it is opened'], ['open', 'opened, with one language'], ['all', 'and forms, survey, files'],
              ['seldom', 'menu, hours, sound …'], ['poll', 'where no WebSocket passes'], ['rules', 'greetings, where there are rules']]
  .filter(([key]) => key in sizes).map(([key, what]) => [`ours: ${what}`, '', sizes[key].toLocaleString('en')]);
const peers = weighPeers(join(root, 'build', 'peers-widget')).map(({ name, version, bytes, why }) =>
  [name, version, bytes === null ? why : bytes.toLocaleString('en')]);
const text = `Medians of ${ROUNDS} loads each, with and without the one line.

| | measured | budget |
| --- | --- | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

Sizes in bytes of gzip; of the others, the bundle their npm package publishes for browsers.

| | version | bytes |
| --- | --- | --- |
${[...ours, ...peers].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
const file = await appendResults('widget', text);
console.error(`bench: ${file}`);
console.log(`widget: ${of('with', 'requests')} request, ${of('with', 'bytes')} bytes, ${more('task').toFixed(1)} ms of the main thread; ` +
  `opened ${of('open', 'bytes')} bytes more, writable in ${of('open', 'write').toFixed(0)} ms`);
