// SPDX-License-Identifier: Apache-2.0
// The demonstration without people: a scripted visitor in a real browser and a scripted agent
// on a real XMPP connection have a chat; then the stored transcript is printed.
//
//     node tools/demo/once.mjs HOME/instance.json PORT-BASE LASNACTL
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Agent } from '../../tests/support/agent.mjs';
import { ChatPage, launch } from '../../tests/support/browser.mjs';
import { serveShops } from './shop.mjs';

const [file, base, lasnactl] = process.argv.slice(2);
const about = JSON.parse(readFileSync(file, 'utf8'));
const ctl = (...args) => execFileSync(lasnactl, ['--home', about.home, '--no-input', ...args], { encoding: 'utf8' });
const step = (words) => console.error(`demo: ${words}`);

const shops = await serveShops(about.http, Number(base));
const password = readFileSync(join(dirname(file), 'anna.password'), 'utf8').trim();
const anna = await Agent.login({ about, password: async () => password }, 'anna');
const browser = await launch();
try {
  step('Anna is online with an XMPP client; a visitor opens the page of Acme');
  const context = await browser.newContext({ locale: 'fi-FI' });
  const chat = await ChatPage.open(context, `http://127.0.0.1:${Number(base) + 500}/hinnat`);
  await chat.start();
  await chat.say('Hei, paljonko Pro maksaa?');
  await chat.tick('Hei, paljonko', 'saved').or(chat.tick('Hei, paljonko', 'delivered')).waitFor();
  step('the visitor asked, and sees the tick: it is stored');

  const contact = await anna.accept('acme', /paljonko Pro maksaa/);
  await anna.hears('Hei, paljonko Pro maksaa?');
  await chat.tick('Hei, paljonko', 'delivered').waitFor();
  await anna.say(contact, 'Hei! Pro on 29 € kuussa, ja ensimmäinen kuukausi on ilmainen.');
  await chat.message('29 € kuussa').waitFor();
  step('Anna took the offer and answered; the visitor reads it');

  await chat.say('Kiitos, kokeilen sitä 🙂');
  await anna.hears('Kiitos, kokeilen sitä 🙂');
  await anna.say(contact, 'Hienoa! Kysy toki lisää, jos jokin jää mietityttämään.');
  await chat.message('jää mietityttämään').waitFor();
  await anna.say(contact, '!end solved');
  await chat.list.locator('.note').last().waitFor();
  step('Anna ended the chat. What is stored:');

  const list = JSON.parse(ctl('--json', 'transcript', 'list', 'acme'));
  const latest = list.reduce((one, other) => (one.opened_at > other.opened_at ? one : other));
  process.stdout.write(ctl('transcript', 'show', 'acme', latest.id));
  const { messages } = JSON.parse(ctl('--json', 'transcript', 'show', 'acme', latest.id));
  if (messages.length !== 4) throw new Error(`the transcript has ${messages.length} messages, not 4`);
} finally {
  await browser.close();
  await anna.stop();
  shops.forEach((shop) => shop.close());
}
