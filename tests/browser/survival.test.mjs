// SPDX-License-Identifier: Apache-2.0
// One conversation, and everything that can happen to the line below it. At the end the visitor's
// screen, the agent's client and the transcript are compared: every line once, in one order.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ChatPage } from '../support/browser.mjs';
import { png } from '../support/pictures.mjs';
import { Stage, eventually, until } from '../support/stage.mjs';

let stage, anna;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(() => stage?.strike());

const linesOf = (chat) => chat.list.locator('li.mine p, li.agent p').allTextContents();

async function reopened(chat, page) {
  const next = Object.assign(new ChatPage(page), { context: chat.context });
  await next.button.waitFor();
  if (!(await next.text.isVisible().catch(() => false))) await next.button.click().catch(() => {});
  await next.text.waitFor();
  return next;
}

test('a conversation survives whatever happens to its line, without a line lost or doubled', async () => {
  let chat = await stage.visit();
  let number = 0;
  await chat.start();
  await chat.say('line 0');
  const contact = await anna.accept('acme', /line 0/);
  await chat.tick('line 0', 'delivered').waitFor();

  /** Both say something while `trouble` happens; then both are heard. */
  async function through(what, trouble) {
    const mine = `visitor ${++number}: ${what}`, theirs = `agent ${number}: ${what}`;
    await chat.say(mine);
    const answer = anna.sayReceived(contact, theirs);
    await trouble();
    await answer;
    await anna.hears(mine);
    await chat.message(theirs).waitFor();
    // An agent's receipt dies with the process that heard it; what it was for is never lost.
    const marks = what.includes('killed') ? '.tick.saved, .tick.delivered, .tick.read' : '.tick.delivered, .tick.read';
    await until(async () => (await chat.message(mine).locator(marks).count()) === 1, { what });
  }

  await through('reload', async () => {
    await chat.page.reload();
    chat = await reopened(chat, chat.page);
  });
  await through('tab closed and another opened', async () => {
    await chat.page.close();
    const page = await chat.context.newPage();
    await page.goto(`${stage.acme}/en/`);
    chat = await reopened(chat, page);
  });
  await through('network gone', async () => {
    await chat.context.setOffline(true);
    await chat.status.getByText('Connecting').waitFor();
    await chat.say(`said without a network ${number}`);
    await chat.context.setOffline(false);
  });
  await through('core killed', async () => {
    const old = await stage.instance.kill('core');
    await stage.instance.restarted('core', old);
  });
  await through('web killed', async () => {
    const old = await stage.instance.kill('web');
    await stage.instance.restarted('web', old);
  });
  await through('link killed', async () => {
    const old = await stage.instance.kill('acme');
    await stage.instance.restarted('acme', old);
  });
  await through('another page of the site', async () => {
    await chat.page.goto(`${stage.acme}/en/cart`);
    chat = await reopened(chat, chat.page);
  });

  const shown = await linesOf(chat);
  const transcript = await until(async () => {
    const found = await stage.transcriptWith('line 0');
    return found.messages.length >= shown.length && found;
  });
  const stored = transcript.messages.map(({ text }) => text);
  assert.deepEqual(shown, stored, 'the screen shows what is stored, in its order');
  assert.equal(new Set(stored).size, stored.length, 'nothing is stored twice');
  assert.equal(stored.length, 2 + 2 * 7, 'nothing is missing');
  const heard = anna.messages.filter(({ from, text }) => from === contact && !text.startsWith('[lasna]')).map(({ text }) => text);
  assert.deepEqual([...heard].sort(), transcript.messages.filter(({ from }) => from === 'visitor').map(({ text }) => text).sort(),
    'the agent heard every line once');
  await anna.say(contact, '!end');
  await stage.clear();
});

test('a file on its way survives the same, and a line that turns slow; each comes once and whole', async () => {
  const folder = join(stage.instance.home, 'data', 'tenants', 'acme', 'files');
  const comes = async () => (await readdir(folder).catch(() => [])).some((name) => name.endsWith('.part'));
  let chat = await stage.visit();
  const contact = await stage.talk(chat, 'files on their way');
  const expected = ['files on their way', 'an answer to files on their way'];

  /** How fast this page's line is, in KB/s: -1 as fast as it can. */
  async function speed(upload, latency = 0) {
    const line = await chat.context.newCDPSession(chat.page);
    await line.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: -1, uploadThroughput: upload * 1024 });
  }

  /** A file and words are under way while `trouble` happens; both arrive. */
  async function through(what, trouble) {
    const name = `${what}.png`, bytes = png(20, 20, { noise: 300000 }), words = `while ${what}`;
    await speed(50);
    await chat.attach({ name, bytes });
    await until(comes, { what: `${what}: its first bytes` });
    await chat.say(words);
    await trouble();
    await chat.list.getByRole('img', { name }).waitFor({ timeout: 90000 });
    await anna.hears(words);
    const { address } = await anna.until(() => anna.messages.find((one) => one.from === contact && one.address?.endsWith(name.replaceAll(' ', '-'))));
    assert.deepEqual(Buffer.from(await (await fetch(address)).arrayBuffer()), bytes, what);
    expected.push(name, words);
  }

  await through('the network is gone', async () => {
    await chat.context.setOffline(true);
    await chat.status.getByText('Connecting').waitFor();
    await chat.context.setOffline(false);
  });
  await through('the core is killed', async () => {
    await stage.instance.restarted('core', await stage.instance.kill('core'));
    await speed(-1);
  });
  await through('web is killed', async () => {
    await stage.instance.restarted('web', await stage.instance.kill('web'));
    await speed(-1);
  });
  await through('the line turns slow', () => speed(30, 600));

  await speed(20);
  await chat.attach({ name: 'lost.png', bytes: png(20, 20, { noise: 300000 }) });
  await until(comes, { what: 'its first bytes' });
  await chat.page.reload(); // browsers keep no file over it: it is chosen again
  chat = await reopened(chat, chat.page);
  await chat.attach({ name: 'chosen again.png', bytes: png() });
  await chat.list.getByRole('img', { name: 'chosen again.png' }).waitFor();
  expected.push('chosen again.png');

  const { messages } = await stage.transcriptWith('files on their way');
  assert.deepEqual(messages.map(({ text }) => text).sort(), [...expected].sort(), 'each once, and nothing else');
  const shown = await chat.list.locator('li.mine, li.agent').evaluateAll((lines) => lines.map((line) => line.querySelector('img')?.alt ?? line.querySelector('p').textContent));
  assert.deepEqual(shown, messages.map(({ text }) => text), 'the screen shows what is stored, in its order');
  await anna.say(contact, '!end');
  await stage.clear();
});

test('a minute without a network: what both said meanwhile is there once, in one order, and unsent words outlive a reload', async () => {
  const chat = await stage.visit();
  await chat.start();
  await chat.say('before the minute');
  const contact = await anna.accept('acme', /before the minute/);
  await chat.tick('before the minute', 'delivered').waitFor();
  const began = performance.now();
  await chat.context.setOffline(true);
  await chat.status.getByText('Connecting').waitFor();
  await chat.say('said into the dark');
  await anna.say(contact, 'are you there?');
  await anna.say(contact, 'I wait.');
  await until(() => performance.now() - began > 60000, { seconds: 70, what: 'a minute to pass' });
  assert.equal(await chat.list.locator('li.failed').count(), 1, 'the visitor knows that it has not gone out');
  await chat.context.setOffline(false);
  await chat.message('I wait.').waitFor();
  await anna.hears('said into the dark');
  await until(async () => (await chat.list.locator('li.failed').count()) === 0);
  await chat.context.setOffline(true);
  await chat.status.getByText('Connecting').waitFor();
  await chat.say('and then the page went');
  await chat.context.setOffline(false);
  await chat.page.reload();
  await anna.hears('and then the page went');
  const { messages } = await until(async () => {
    const found = await stage.transcriptWith('before the minute');
    return found.messages.length >= 5 && found;
  });
  assert.equal(new Set(messages.map(({ text }) => text)).size, 5);
  // What is not sent yet stands there before what was said earlier has come.
  await eventually(async () => assert.deepEqual(await linesOf(chat), messages.map(({ text }) => text)));
  await anna.say(contact, '!end');
  await stage.clear();
});

test('three seconds each way: slow, but nothing breaks, and nothing is said twice', async () => {
  const SLOW_MS = 3000;
  const context = await stage.browser.newContext({ locale: 'en' });
  const chat = await stage.visit({ context });
  // The socket alone goes the slow way: the page and its files are there already.
  await context.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => setTimeout(() => server.send(message), SLOW_MS));
    server.onMessage((message) => setTimeout(() => socket.send(message), SLOW_MS));
  });
  await chat.start();
  await chat.say('slowly');
  const contact = await anna.accept('acme', /slowly/);
  await anna.say(contact, 'no hurry');
  await chat.message('no hurry').waitFor();
  await chat.tick('slowly', 'delivered').waitFor();
  assert.equal(await chat.frame.getByText('Not sent').count(), 0);
  const { messages } = await stage.transcriptWith('slowly');
  assert.deepEqual(messages.map(({ text }) => text), ['slowly', 'no hurry']);
  await anna.say(contact, '!end');
});

test('where no WebSocket can pass, it takes the other way by itself', async () => {
  const context = await stage.browser.newContext({ locale: 'en' });
  await context.addInitScript(() => { // as a proxy or an ad blocker has it
    self.WebSocket = class {
      static CONNECTING = 0;
      static OPEN = 1;
      static CLOSED = 3;
      readyState = 0;
      constructor() {
        setTimeout(() => this.onclose?.({ code: 1006 }));
      }
      close() {}
    };
  });
  const chat = await stage.visit({ context });
  await chat.start();
  await chat.status.getByText('We are here').waitFor();
  await chat.say('by the other way');
  const contact = await anna.accept('acme', /by the other way/);
  await anna.composing(contact);
  await chat.hint.getByText('Anna is writing').waitFor();
  for (let n = 1; n <= 3; n++) {
    await anna.say(contact, `answer ${n}`);
    await chat.message(`answer ${n}`).waitFor();
    await chat.say(`and back ${n}`);
    await anna.hears(`and back ${n}`);
  }
  await chat.page.reload();
  await chat.message('and back 3').waitFor();
  const old = await stage.instance.kill('web');
  await stage.instance.restarted('web', old);
  await chat.say('after web was killed');
  await anna.hears('after web was killed');
  const { messages } = await stage.transcriptWith('by the other way');
  const stored = messages.map(({ text }) => text);
  assert.equal(new Set(stored).size, stored.length);
  assert.equal(stored.length, 8);
  await anna.say(contact, '!end');
});
