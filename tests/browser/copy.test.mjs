// SPDX-License-Identifier: Apache-2.0
// A visitor's own copy of the chat, by mail: offered where it can be had, sent to the address that
// was given, and no way to write to strangers.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { axeFinds, frameOf } from '../support/browser.mjs';
import { SmtpSink } from '../support/smtp_sink.mjs';
import { Stage } from '../support/stage.mjs';
import { Visitor } from '../support/visitor.mjs';

const OFFER = 'Send me this chat by e-mail';

let stage, anna, sink;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
});
after(async () => {
  await sink?.stop();
  await stage?.strike();
});
afterEach(() => stage.clear());

const offered = async (chat) => {
  await chat.frame.getByRole('button', { name: 'More' }).click();
  await chat.frame.getByRole('button', { name: /Turn the sound/ }).waitFor();
  const count = await chat.frame.getByRole('button', { name: OFFER }).count();
  await chat.frame.getByRole('button', { name: 'More' }).click();
  return count === 1;
};

/** Asks for it as far as the form. */
async function ask(chat) {
  await chat.choose(OFFER);
  const address = chat.frame.getByLabel('Your e-mail address');
  await address.waitFor();
  return address;
}

const send = (chat) => chat.frame.getByRole('button', { name: 'Send', exact: true }).first().click();

test('where mail is not set up, it is not offered', async () => {
  const chat = await stage.visit();
  const contact = await stage.talk(chat, 'no mail here');
  assert.equal(await offered(chat), false);
  await anna.say(contact, '!end');
});

test('an answered chat goes to the address that is given, and five times at most', async () => {
  const { instance } = stage;
  sink = await SmtpSink.start(instance);
  await mkdir(join(instance.home, 'conf.d'), { recursive: true });
  await writeFile(join(instance.home, 'conf.d', 'mail.conf'), `[mail]\nurl = smtp://localhost:${sink.port}\nfrom = chat@chat.example\n`);
  await instance.kill('supervisor', 'SIGTERM');
  await instance.startDaemon();
  const chat = await stage.visit({ reducedMotion: 'reduce' });
  await chat.start();
  await chat.say('the okapi, please');
  const contact = await anna.accept('acme', /the okapi/);
  assert.equal(await offered(chat), false, 'nobody has answered');
  await anna.say(contact, 'one okapi for you');
  await chat.message('one okapi for you').waitFor();
  const address = await ask(chat);
  await address.fill('no address');
  await send(chat);
  await chat.frame.getByText('Please give an e-mail address').waitFor();
  assert.deepEqual(await axeFinds(frameOf(chat)), []);
  await address.fill('vera@buyer.example');
  await send(chat);
  await chat.hint.getByText('on its way to you by e-mail').waitFor();
  const got = await sink.got('vera@buyer.example');
  assert.ok(got.text.includes('the okapi, please') && got.text.includes('one okapi for you'), got.text);
  const { id } = await stage.transcriptWith('the okapi, please');
  for (let n = 2; n <= 5; n++) await instance.control('conversation', 'mail', 'acme', id, '--to', 'vera@buyer.example');
  await (await ask(chat)).fill('vera@buyer.example');
  await send(chat);
  await chat.hint.getByText('could not be sent').waitFor();
  await sink.got('vera@buyer.example', 5);
  assert.equal(sink.to('vera@buyer.example').length, 5);
  assert.deepEqual(chat.problems, []);
  await anna.say(contact, '!end');
});

test('what nobody has answered is mailed to no one, nor where the tenant does not want it', async () => {
  const visitor = new Visitor(stage.instance, { name: 'Vera', lang: 'en' });
  await visitor.connect();
  await visitor.say('buy my wares');
  const seen = new Set();
  const asked = async (email) => {
    visitor.send({ type: 'mail_transcript', email });
    const answer = await visitor.next((frame) => (frame.type === 'mailed' || frame.code === 'not_mailed') && !seen.has(frame));
    seen.add(answer);
    return answer;
  };
  assert.equal((await asked('stranger@elsewhere.example')).text, 'Nobody has answered yet.');
  assert.equal((await asked('a@b.example\r\nBcc: c@d.example')).text, 'That is no address: vera@buyer.example.');
  const contact = await anna.accept('acme', /buy my wares/);
  await anna.say(contact, 'no thanks');
  await visitor.next(({ type, text }) => type === 'message' && text === 'no thanks');
  await stage.settle({ 'widget.mail': 'no' });
  assert.equal((await asked('stranger@elsewhere.example')).text, 'Conversations are not mailed here.');
  await stage.settle({ 'widget.mail': 'yes' });
  assert.equal((await asked('vera@buyer.example')).type, 'mailed');
  assert.equal(sink.to('stranger@elsewhere.example').length, 0);
  await anna.say(contact, '!end');
  await visitor.close();
});
