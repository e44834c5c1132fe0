// SPDX-License-Identifier: Apache-2.0
// Files in the chat: chosen, pasted and dropped; with a progress bar, a way to stop and to try again;
// and names and contents that try to be more than a file.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';

import { axeFinds, frameOf, looksFine } from '../support/browser.mjs';
import { png } from '../support/pictures.mjs';
import { Stage, until } from '../support/stage.mjs';

let stage, anna;
const contacts = [];

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());
afterEach(async () => {
  await Promise.all(contacts.splice(0).map((contact) => anna.say(contact, '!end'))); // she serves five at a time
  await stage.clear();
});

const attach = (chat) => chat.frame.getByRole('button', { name: 'Send a file' });

/** A chat up to the agent's taking it. */
async function served(question, options) {
  const chat = await stage.visit(options);
  await chat.start();
  await chat.say(question);
  contacts.push(await anna.accept('acme', new RegExp(question)));
  return { chat, contact: contacts.at(-1) };
}

/** As if the files came from outside: pasted, or dropped. */
const give = (chat, kind, files) => frameOf(chat).evaluate(([event, list]) => {
  const data = new DataTransfer();
  for (const { name, bytes, type } of list) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const init = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
  document.getElementById('text').dispatchEvent(event === 'paste' ? new ClipboardEvent('paste', init) : new DragEvent(event, init));
}, [kind, files.map(({ name, bytes, type = 'image/png' }) => ({ name, type, bytes: [...bytes] }))]);

const hasAddress = (contact, ending) => anna.until(() => anna.messages.find(({ from, address }) => from === contact && address?.endsWith(ending)));

test('a picture that is chosen is shown, ticked, and reaches the agent', async () => {
  for (const width of [320, 1280]) {
    const { chat, contact } = await served(`a picture at ${width}`, { viewport: { width, height: 640 }, colorScheme: width === 320 ? 'dark' : 'light' });
    const bytes = png(60, 40);
    await chat.attach({ name: 'Kuva 1.png', bytes });
    const picture = chat.list.getByRole('img', { name: 'Kuva 1.png' });
    await picture.waitFor();
    assert.deepEqual(await picture.evaluate((img) => img.decode().then(() => [img.naturalWidth, img.naturalHeight])), [60, 40]);
    await chat.list.locator('li.mine:has(img) .tick.delivered').waitFor();
    const { address } = await hasAddress(contact, '/Kuva-1.png');
    assert.deepEqual(Buffer.from(await (await fetch(address)).arrayBuffer()), bytes);
    await looksFine(chat);
    const box = await attach(chat).boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44);
    await chat.page.reload();
    await chat.list.getByRole('img', { name: 'Kuva 1.png' }).waitFor();
    assert.deepEqual(chat.problems, []);
    await chat.context.close();
  }
});

test('a picture that cannot be had is a link with its name', async () => {
  const context = await stage.browser.newContext({ locale: 'en' });
  await context.route('**/f/acme/**', (route) => route.abort());
  const { chat } = await served('a picture that is gone', { context });
  await chat.attach({ name: 'gone.png', bytes: png() });
  const link = chat.list.getByRole('link', { name: 'gone.png · 1 kB', exact: true });
  await link.waitFor();
  assert.match(await link.getAttribute('href'), /^\/f\/acme\//);
  assert.equal(await chat.list.locator('img').count(), 0);
  await looksFine(chat);
});

test('several files at once, pasted and dropped, in order; by keyboard, too', async () => {
  const { chat, contact } = await served('many files');
  await give(chat, 'paste', [{ name: 'pasted.png', bytes: png() }]);
  await chat.list.getByRole('img', { name: 'pasted.png' }).waitFor();
  await give(chat, 'drop', [{ name: 'one.txt', type: 'text/plain', bytes: Buffer.from('one') },
    { name: 'two.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.7\n%%EOF\n') }]);
  await chat.list.getByRole('link', { name: 'one.txt · 1 kB' }).waitFor();
  await chat.list.getByRole('link', { name: 'two.pdf · 1 kB' }).waitFor();
  await hasAddress(contact, '/two.pdf');
  await chat.text.focus();
  await chat.page.keyboard.press('Shift+Tab'); // the emoji
  await chat.page.keyboard.press('Shift+Tab');
  const [chooser] = await Promise.all([chat.page.waitForEvent('filechooser'), chat.page.keyboard.press('Enter')]);
  await chooser.setFiles([{ name: 'by-key.txt', mimeType: 'text/plain', buffer: Buffer.from('key') }]);
  await chat.list.getByRole('link', { name: 'by-key.txt' }).waitFor();
  assert.ok(await chat.text.evaluate((node) => node === document.activeElement), 'on to the next words');
});

test('words that are pasted or dropped stay words', async () => {
  const chat = await stage.visit();
  await chat.start();
  await frameOf(chat).evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'only words');
    const paste = new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data });
    document.getElementById('text').dispatchEvent(paste);
    globalThis.prevented = paste.defaultPrevented;
  });
  assert.equal(await frameOf(chat).evaluate(() => globalThis.prevented), false);
  assert.equal(await chat.list.locator('li.mine').count(), 0);
});

test('a name is text, and what only claims to be a picture is refused in words', async () => {
  const { chat, contact } = await served('a strange name');
  const name = '<img src=x onerror="parent.postMessage(1)">.png';
  await chat.page.evaluate(() => addEventListener('message', ({ data }) => data === 1 && (self.ran = true)));
  await chat.attach({ name, bytes: png() });
  await chat.list.getByRole('img', { name }).waitFor();
  await hasAddress(contact, 'postMessage-1.png');
  assert.equal(await chat.list.locator('img').count(), 1);
  for (const [wrong, bytes] of [['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['page.png', '<script>alert(1)</script>'], ['zip.png', 'PK\x03\x04\x14\0\0\0'], ['bomb.png', png(9, 9, { claim: [65000, 65000] })]]) {
    await chat.attach({ name: wrong, bytes });
    const line = chat.list.locator('li.failed', { hasText: wrong });
    await line.getByText('Pictures (PNG, JPEG, WebP, GIF), PDF and plain text can be sent').waitFor();
    await chat.frame.getByRole('alert').getByText(`${wrong}: Pictures`).waitFor();
    assert.equal(await chat.hint.isVisible(), false, 'it stands at the file, and not once more below');
    await line.getByRole('button', { name: 'Remove' }).click();
    await line.waitFor({ state: 'detached' });
  }
  await chat.attach({ name: 'nothing.txt', bytes: '' });
  await chat.list.locator('li.failed').getByText('The file is empty').waitFor();
  assert.deepEqual(await axeFinds(frameOf(chat)), []);
  assert.equal(await chat.page.evaluate(() => self.ran), undefined, 'the name ran nothing');
});

test('what is too large is refused before it is sent, with how large it may be', async () => {
  await stage.settle({ 'files.max_bytes': '1048576' });
  const chat = await stage.visit();
  await chat.start();
  await chat.attach({ name: 'film.png', bytes: png(20, 20, { noise: 1100000 }) });
  await chat.list.locator('li.failed').getByText('Too large: at most 1 MB').waitFor();
  assert.ok(!chat.requests.some((url) => url.endsWith('/files')));
});

test('where no files are taken there is no way to send any', async () => {
  await stage.settle({ 'files.accept': 'no' });
  const chat = await stage.visit();
  await chat.start();
  await chat.list.getByText('How can we help').waitFor();
  await until(async () => (await chat.status.textContent()) !== 'Connecting…');
  assert.ok(await attach(chat).isHidden());
  await give(chat, 'drop', [{ name: 'one.txt', type: 'text/plain', bytes: Buffer.from('one') }]);
  assert.equal(await chat.list.locator('li.mine').count(), 0);
});

test('while it is sent there is a bar and a way to stop', async () => {
  const { chat } = await served('to be stopped');
  let asked = 0;
  await chat.page.route('**/t/acme/files', () => asked++); // never answered
  await chat.attach({ name: 'slow.png', bytes: png() });
  const line = chat.list.locator('li.mine', { hasText: 'slow.png' });
  await line.getByRole('progressbar', { name: 'slow.png' }).waitFor();
  assert.deepEqual(await axeFinds(frameOf(chat)), []);
  await until(() => asked === 1);
  await line.getByRole('button', { name: 'Cancel' }).click();
  await line.waitFor({ state: 'detached' });
  await chat.page.unroute('**/t/acme/files');
  await chat.say('stopped it');
  await chat.tick('stopped it', 'delivered').waitFor();
  assert.equal(await chat.list.getByText('slow.png').count(), 0);
});

test('a broken line goes on by itself, and the network being away only makes it late', async () => {
  const { chat, contact } = await served('over a bad line');
  let broken = 0;
  await chat.page.route('**/t/acme/files', (route) => (++broken <= 2 ? route.abort('connectionreset') : route.continue()));
  await chat.attach({ name: 'late.png', bytes: png(30, 30, { noise: 100000 }) });
  await chat.list.getByRole('img', { name: 'late.png' }).waitFor();
  assert.equal(broken, 3);
  await hasAddress(contact, '/late.png');
  await chat.page.unroute('**/t/acme/files');
  await chat.context.setOffline(true);
  await chat.attach({ name: 'offline.png', bytes: png() });
  await chat.list.getByRole('progressbar', { name: 'offline.png' }).waitFor();
  await chat.context.setOffline(false);
  await chat.list.getByRole('img', { name: 'offline.png' }).waitFor();
});

test('what the server could not keep is kept here, and sent again when asked', async () => {
  const { chat, contact } = await served('once more');
  let refuse = true;
  await chat.page.route('**/t/acme/files', (route) => (refuse
    ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"not_saved"}' }) : route.continue()));
  await chat.attach({ name: 'again.png', bytes: png() });
  const line = chat.list.locator('li.failed', { hasText: 'again.png' });
  await line.getByText('Not sent').waitFor();
  refuse = false;
  await line.getByRole('button', { name: 'Try again' }).click();
  await chat.list.getByRole('img', { name: 'again.png' }).waitFor();
  await hasAddress(contact, '/again.png');
});

test('a file that is opened runs nothing, wherever it is opened', async () => {
  const { chat, contact } = await served('opened by itself');
  await chat.attach({ name: 'page.html', type: 'text/plain', bytes: 'document.title = "run" // <script>document.title = "run"</script>' }); // a script, and a page
  const { address } = await hasAddress(contact, '/page.html.txt');
  assert.equal(new URL(address).origin, new URL(stage.instance.http).origin);
  const server = createServer((request, response) => response.setHeader('content-type', 'text/html')
    .end(`<iframe src="${address}"></iframe><img src="${address}"><script src="${address}"></script>`)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const page = await chat.context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  assert.equal(await page.title(), '');
  assert.ok(page.frames().every((frame) => !frame.url().includes('/f/') || frame.url().startsWith('chrome-error')));
  server.close();
});

test("an agent's file is a link with its name, and nothing of it is fetched before it is opened", async () => {
  const { chat, contact } = await served('your price list?');
  const asked = [];
  chat.page.on('request', (request) => request.url().includes('/file_share/') && asked.push(request.url()));
  const url = await anna.sendFile(contact, 'Hinnasto <b>.png', png(), 'image/png');
  const link = chat.list.getByRole('link', { name: 'Hinnasto <b>.png', exact: true });
  await link.waitFor();
  assert.deepEqual([await link.getAttribute('href'), await link.getAttribute('rel')], [url, 'noopener noreferrer']);
  assert.deepEqual([await chat.list.locator('img').count(), asked], [0, []]);
  assert.deepEqual(await axeFinds(frameOf(chat)), []);
  await chat.page.reload();
  await link.waitFor();
  assert.deepEqual([asked, chat.problems], [[], []]);
});
