// SPDX-License-Identifier: Apache-2.0
// Files between visitors and agents, both ways, as agents' clients do it: they upload to their XMPP
// server (XEP-0363) and send the address (XEP-0066). On both servers: see tests/run.mjs.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Visits } from '../support/visits.mjs';

const offer = Buffer.from('%PDF-1.7\n%%EOF\n');
let instance, anna, visits;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  visits = new Visits(instance, anna);
});
after(async () => {
  await visits?.close();
  await anna?.stop();
  await instance?.stop();
});

const storedWith = async (text) => (await instance.exported('acme')).find(({ messages: [first] }) => first.text === text).messages;

test("an agent's file is a name for the visitor and an address in the transcript; what only looks like one is words", async () => {
  const { visitor, contact } = await visits.served('send me the offer');
  const url = await anna.sendFile(contact, 'Tarjous 1.pdf', offer, 'application/pdf');
  const { file } = await visitor.hears(url);
  assert.match(file.name, /^Tarjous[ _]1\.pdf$/); // ejabberd allows no blank
  assert.deepEqual({ ...file, name: '' }, { name: '', type: null, size: null, url });
  const answer = await fetch(url);
  assert.equal(await answer.text(), offer.toString(), 'which the XMPP server serves');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  const place = new URL(url).pathname.split('/')[1];
  for (const text of [`${url}?x=1`, `${url} as promised`, url.replace(`/${place}/`, `/${place}/../`), url.replace('//', '//anna@')]) {
    await anna.say(contact, text);
    assert.equal((await visitor.hears(text)).file, null, text);
  }
  await visitor.say(url);
  await anna.hears(url);

  const back = await visits.come({ token: visitor.token });
  const told = await back.next((frame) => frame.type === 'message' && frame.from === 'agent' && frame.text === url);
  assert.deepEqual(told.file, file);
  const own = await back.next((frame) => frame.type === 'message' && frame.from === 'visitor' && frame.text === url);
  assert.equal(own.file, null, 'a visitor has no files there');
  assert.ok((await storedWith('send me the offer')).some(({ from, text }) => from === 'agent' && text === url));
  await anna.say(contact, '!end solved');
  await visitor.next((frame) => frame.type === 'ended');
});

test("a visitor's file is an address that the agent's client opens, and the agent answers it with one", async () => {
  const picture = png(40, 30, { noise: 200000 });
  const { visitor, contact } = await visits.served('both ways');
  assert.equal((await visitor.sendFile('Kuva 1.png', picture)).type, 'saved');
  const { address, text } = await anna.until(() => anna.messages.find(({ from, address }) => from === contact && address));
  assert.equal(text, address);
  assert.deepEqual(Buffer.from(await (await fetch(address)).arrayBuffer()), picture);
  const url = await anna.sendFile(contact, '<img src=x onerror=alert(1)>.png', picture, 'image/png');
  const { file } = await visitor.hears(url);
  assert.match(file.name, /\.png$/);
  assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), picture);
  const stored = await storedWith('both ways');
  assert.deepEqual(stored.map(({ seq, from }) => [seq, from]), [[1, 'visitor'], [2, 'visitor'], [3, 'agent']]);
  assert.deepEqual([stored[1].file.bytes, stored[2].text], [picture.length, url]);
  await anna.say(contact, '!end solved');
});

test("a file that another company's name stands on waits for a word of its agent's", async () => {
  const { visitor, contact } = await visits.served('the right one?');
  const url = await anna.sendFile(contact, 'Hinnasto Borealis 2026.pdf', offer, 'application/pdf');
  assert.equal((await anna.hears(/Not sent: this names/)).text, '[lasna] Not sent: this names Borealis. !! sends it');
  assert.equal((await storedWith('the right one?')).length, 1);
  await anna.say(contact, '!!');
  assert.match((await visitor.hears(url)).file.name, /Borealis/);
  await anna.say(contact, '!end solved');
});

test('more than the server takes is refused there, and nothing of it comes here', async () => {
  const { visitor, contact } = await visits.served('a film?');
  await assert.rejects(anna.sendFile(contact, 'film.png', { length: 11 * 1024 * 1024 }, 'image/png'), /not-acceptable|file-too-large/);
  await anna.say(contact, 'too large, alas');
  await visitor.hears('too large, alas');
  assert.equal((await storedWith('a film?')).length, 2);
  await anna.say(contact, '!end solved');
});

test('where no place is set, an address is words, from then on and for what was sent before', async () => {
  const { visitor, contact } = await visits.served('and without it?');
  const url = await anna.sendFile(contact, 'offer.pdf', offer, 'application/pdf');
  assert.equal((await visitor.hears(url)).file.name, 'offer.pdf');
  const place = /^upload_url = (.*)$/m.exec(await readFile(join(instance.home, 'lasna.conf'), 'utf8'))[1];
  assert.ok(url.startsWith(place), `${url} lies below ${place}`);
  await mkdir(join(instance.home, 'conf.d'), { recursive: true });
  await writeFile(join(instance.home, 'conf.d', 'upload.conf'), '[xmpp]\nupload_url =\n');
  process.kill((await instance.pids()).supervisor, 'SIGHUP');
  await until(async () => (await (await visits.come({ token: visitor.token })).hears(url)).file === null, { what: 'the setting to count' });
  await anna.say(contact, '!end solved');
});
