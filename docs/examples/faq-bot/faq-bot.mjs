// SPDX-License-Identifier: Apache-2.0
// A bot is an agent: an ordinary XMPP account, assigned with the role bot. It is offered conversations before people
// are, answers what a text file knows, and gives everything else back to the queue, where people are.
//
//     lasnactl agent add faq@agents.example --name "Acme's helper" --password-file faq.password
//     lasnactl agent assign faq@agents.example acme --role bot --limit 100
//     npm install @xmpp/client
//     JID=faq@agents.example PASSWORD_FILE=faq.password SERVICE=xmpp://127.0.0.1:5222 node faq-bot.mjs faq.txt
import { readFileSync } from 'node:fs';
import process from 'node:process';

import { client, xml } from '@xmpp/client';

const { JID, PASSWORD_FILE, SERVICE } = process.env;
const [username, domain] = JID.split('@');

/** "delivery time: Two days." → { words: ['delivery', 'time'], answer: 'Two days.' } */
function readFaq(file) {
  return readFileSync(file, 'utf8').split('\n').filter((line) => /^[^#].*:/.test(line)).map((line) => {
    const colon = line.indexOf(':');
    return { words: line.slice(0, colon).toLowerCase().split(/\s+/), answer: line.slice(colon + 1).trim() };
  });
}

const faq = readFaq(process.argv[2]);
const answerTo = (text) => faq.find(({ words }) => words.every((word) => text.toLowerCase().includes(word)))?.answer;

const xmpp = client({ service: SERVICE, domain, username, password: readFileSync(PASSWORD_FILE, 'utf8').trim(),
  resource: 'bot' });
let sent = 0;

/** Ids are what makes a message the same again: never used twice, not after a restart either. */
function say(to, text) {
  return xmpp.send(xml('message', { to, type: 'chat', id: `${process.pid}-${Date.now()}-${sent += 1}` }, xml('body', {}, text)));
}

/** The desk offers; its number stands in the line where several are pending. */
function onDesk(desk, text) {
  const offer = /reply (ok(?: \d+)?) or no/.exec(text);
  return offer && say(desk, offer[1]);
}

async function onVisitor(contact, text) {
  const answer = answerTo(text);
  if (answer !== undefined) return say(contact, answer);
  await say(contact, 'I do not know that. One moment, I ask a colleague.');
  return say(contact, '!back');
}

const seen = new Set(); // after a lost connection the same stanza may come again
xmpp.on('stanza', async (stanza) => {
  const text = stanza.is('message') && stanza.attrs.type === 'chat' ? stanza.getChildText('body') : null;
  const { from, id } = stanza.attrs;
  if (text === null || seen.has(id)) return;
  seen.add(id);
  const contact = from.split('/')[0];
  if (contact.startsWith('desk@')) await onDesk(contact, text);
  else if (!text.startsWith('[lasna]')) await onVisitor(contact, text);
  if (stanza.getChild('request', 'urn:xmpp:receipts'))
    await xmpp.send(xml('message', { to: from, type: 'chat' }, xml('received', { xmlns: 'urn:xmpp:receipts', id })));
});
xmpp.on('online', () => xmpp.send(xml('presence')));
xmpp.on('error', (error) => console.error(error.message)); // the library connects again by itself
await xmpp.start();
