// SPDX-License-Identifier: Apache-2.0
// Shop and service on different sites, as they are in earnest: the browser keeps what the frame
// stores apart for each site around it, or refuses to keep it at all.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ChatPage, launch } from '../support/browser.mjs';
import { Stage, until } from '../support/stage.mjs';

const SHOPS = ['www.acme.example', 'shop.acme.example', 'acme.borealis.example'];
const ELSEWHERE = 'chat.service.example', AT_HOME = 'chat.acme.example';

let stage, anna, refusing;

/** The origin of one of the names the tests' browser knows, at the port of `address`. */
const named = (host, address) => `http://${host}:${new URL(address).port}`;

const pageOf = (service) => ({
  policy: `default-src 'none'; script-src ${service}; frame-src ${service}; img-src data:`,
  body: `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><body><script async src="${service}/w/acme.js"></script>`,
});

before(async () => {
  stage = await Stage.set((http) => Object.fromEntries([['elsewhere', ELSEWHERE], ['at-home', AT_HOME]].flatMap(([path, host]) =>
    ['', '/cart'].map((rest) => [`/${path}${rest}`, pageOf(named(host, http))]))));
  anna = stage.anna;
  const { instance } = stage;
  await mkdir(join(instance.home, 'conf.d'), { recursive: true });
  await writeFile(join(instance.home, 'conf.d', 'names.conf'),
    `[web]\norigins = ${instance.http} ${named(ELSEWHERE, instance.http)} ${named(AT_HOME, instance.http)}\n`);
  process.kill((await instance.pids()).supervisor, 'SIGHUP');
  const frame = `${instance.http}/w/acme/frame?site=${await instance.siteKey('acme')}`;
  await until(async () => (await fetch(frame)).headers.get('content-security-policy').includes(AT_HOME), { what: 'the names to count' });
  await instance.control('tenant', 'change', 'acme', ...[stage.acme, ...SHOPS.map((host) => named(host, stage.acme))]
    .flatMap((origin) => ['--origin', origin]));
  refusing = await launch({ thirdPartyStorage: false });
});
after(async () => {
  await refusing?.close();
  await stage?.strike();
});

const at = (host, path) => ({ origin: named(host, stage.acme), path });

/** The chat as it stands on another page, opened. */
async function goneTo(chat, { origin, path }, page = chat.page) {
  await page.goto(origin + path);
  const next = Object.assign(new ChatPage(page), { context: chat.context });
  await next.page.locator('lasna-chat').waitFor({ state: 'attached' });
  if (!(await page.locator('lasna-chat.open').count())) await next.button.click();
  await next.text.waitFor();
  return next;
}

const storedWith = async (text) => (await stage.transcriptWith(text)).messages.map((message) => message.text);

test('on a page of another site a conversation survives a reload, a tab closed and a walk from page to page', async () => {
  let chat = await stage.visit(at(SHOPS[0], '/elsewhere'));
  const contact = await stage.talk(chat, 'the service is elsewhere');
  await chat.page.reload();
  await chat.message('an answer to the service is elsewhere').waitFor();
  chat = await goneTo(chat, at(SHOPS[0], '/elsewhere/cart'));
  await chat.message('an answer to the service is elsewhere').waitFor();
  const page = await chat.context.newPage();
  await chat.page.close();
  chat = await goneTo(chat, at(SHOPS[0], '/elsewhere'), page);
  await chat.message('an answer to the service is elsewhere').waitFor();
  await chat.say('and on it goes');
  await anna.hears('and on it goes');
  assert.deepEqual(await storedWith('the service is elsewhere'),
    ['the service is elsewhere', 'an answer to the service is elsewhere', 'and on it goes']);
  await anna.say(contact, '!end');
  await stage.clear();
});

test('the subdomains of one site are one place to the visitor, another site is not', async () => {
  let chat = await stage.visit(at(SHOPS[0], '/elsewhere'));
  const contact = await stage.talk(chat, 'said on www');
  chat = await goneTo(chat, at(SHOPS[1], '/elsewhere'));
  await chat.message('an answer to said on www').waitFor();
  await chat.say('and on in the shop');
  await anna.hears('and on in the shop');
  chat = await goneTo(chat, at(SHOPS[2], '/elsewhere'));
  await chat.status.getByText('We are here').waitFor();
  assert.equal(await chat.list.getByText('said on www').count(), 0, 'nobody follows a visitor from site to site');
  assert.deepEqual(await storedWith('said on www'), ['said on www', 'an answer to said on www', 'and on in the shop']);
  await anna.say(contact, '!end');
  await stage.clear();
});

test('where the browser keeps nothing for other sites, the chat lives as long as its page and complains of nothing', async () => {
  let chat = await stage.visit({ ...at(SHOPS[0], '/elsewhere'), browser: refusing });
  const { problems } = chat;
  const contact = await stage.talk(chat, 'nothing is kept');
  await assert.rejects(chat.frame.locator('body').evaluate(() => localStorage.length), /Access is denied/);
  await chat.context.setOffline(true);
  await chat.status.getByText('Connecting').waitFor();
  await chat.context.setOffline(false);
  await chat.say('after a break of the line');
  await anna.hears('after a break of the line');
  chat = await goneTo(chat, at(SHOPS[0], '/elsewhere/cart'));
  await chat.status.getByText('We are here').waitFor();
  assert.equal(await chat.list.getByText('nothing is kept').count(), 0, 'the next page begins anew');
  assert.deepEqual(problems, []);
  assert.deepEqual(await storedWith('nothing is kept'), ['nothing is kept', 'an answer to nothing is kept', 'after a break of the line']);
  await anna.say(contact, '!end');
  await chat.context.close();
});

test('a service under a name of the shop’s own site keeps the conversation even there', async () => {
  let chat = await stage.visit({ ...at(SHOPS[0], '/at-home'), browser: refusing });
  const { problems } = chat;
  const contact = await stage.talk(chat, 'the service is at home');
  chat = await goneTo(chat, at(SHOPS[1], '/at-home/cart'));
  await chat.message('an answer to the service is at home').waitFor();
  await chat.say('from page to page');
  await anna.hears('from page to page');
  assert.deepEqual(problems, []);
  assert.deepEqual(await storedWith('the service is at home'),
    ['the service is at home', 'an answer to the service is at home', 'from page to page']);
  await anna.say(contact, '!end');
  await chat.context.close();
});
