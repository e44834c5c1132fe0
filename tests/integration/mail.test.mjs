// SPDX-License-Identifier: Apache-2.0
// Copies of conversations and call-backs by mail: over TLS, with a password, at least once, with
// headers that nothing in a chat can reach.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { SmtpSink } from '../support/smtp_sink.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, sink, vera;

/** Settings of the instance beside its own, and a new start with them. */
async function configure(lines) {
  await mkdir(join(instance.home, 'conf.d'), { recursive: true });
  await writeFile(join(instance.home, 'conf.d', 'mail.conf'), `${lines.join('\n')}\n`);
  await instance.kill('supervisor', 'SIGTERM');
  await instance.startDaemon();
}

const mail = (id, to, tenant = 'acme') => instance.ctl('conversation', 'mail', tenant, id, '--to', to);

before(async () => {
  instance = await Instance.start();
});
after(async () => {
  await sink?.stop();
  await instance?.stop();
});

test('where mail is not set up, nothing is taken that could not be sent', async () => {
  vera = new Visitor(instance, { name: 'Vera', lang: 'fi' });
  await vera.connect();
  await vera.say('Moi! Ääkköset = tärkeitä\n.\nKolmas rivi');
  const refused = await mail(vera.conversation, 'vera@buyer.example');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /mail_off/);
  assert.match((await instance.ctl('webhook', 'add', 'acme', 'mailto:sales@acme.example', '--events', 'callback')).stderr, /mail_off/);
  await vera.close();
});

test('a copy reaches the visitor: TLS, password, UTF-8, in the language of the chat', async () => {
  sink = await SmtpSink.start(instance);
  const secret = join(instance.home, 'mail.password');
  await writeFile(secret, 's3cret of mail\n', { mode: 0o600 });
  await configure(['[mail]', `url = smtp://localhost:${sink.port}`, 'from = chat@chat.example', 'user = lasna', `password_file = ${secret}`]);
  await instance.control('tenant', 'set', 'acme', 'desk.signature=In English', 'desk.signature:fi=Terveisin {agent}\n{company} · Helsinki');
  const ordered = await mail(vera.conversation, 'vera@buyer.example');
  assert.equal(ordered.code, 0, ordered.stderr);
  const got = await sink.got('vera@buyer.example');
  assert.deepEqual([got.secure, got.user, got.password, got.from], [true, 'lasna', 's3cret of mail', 'chat@chat.example']);
  const { name: title } = await instance.control('tenant', 'show', 'acme');
  assert.equal(got.headers.subject, `Keskustelusi: ${title}`);
  assert.equal(got.headers.from, `"${title}" <chat@chat.example>`);
  assert.equal(got.headers.to, '<vera@buyer.example>');
  assert.equal(got.headers['auto-submitted'], 'auto-generated');
  assert.match(got.headers['message-id'], /^<[a-z2-7]{26}@chat\.example>$/);
  assert.ok(Math.abs(Date.parse(got.headers.date) - Date.now()) < 60000);
  assert.match(got.text, /\[\d\d:\d\d\] Sinä: Moi! Ääkköset = tärkeitä\n {8}\.\n {8}Kolmas rivi\n/);
  assert.ok(got.text.endsWith(`\n\n-- \n${title} · Helsinki\n`), 'nobody has answered yet');
  assert.ok(!(await instance.log()).includes('s3cret') && !(await instance.log()).includes('vera@buyer'));
});

test('who answered last ends the copy with a signature of their own, where they have one', async () => {
  const anna = await Agent.login(instance, 'anna');
  const assign = (...more) => instance.control('agent', 'assign', 'anna@agents.localhost', 'acme', '--persona', 'Anna K', ...more);
  await assign('--signature', '{agent}, your own\n{company}');
  assert.equal((await instance.control('tenant', 'export', 'acme')).tenants[0].agents.find(({ jid }) => jid === 'anna@agents.localhost').signature, '{agent}, your own\n{company}');
  const ida = new Visitor(instance, { name: 'Ida' });
  await ida.connect();
  await ida.say('who are you?');
  await anna.say(await anna.accept('acme', /who are you/), 'It is me.');
  await ida.hears('It is me.');
  const { name: title } = await instance.control('tenant', 'show', 'acme');
  await mail(ida.conversation, 'ida@buyer.example');
  assert.ok((await sink.got('ida@buyer.example')).text.endsWith(`\n\n-- \nAnna K, your own\n${title}\n`));
  await assign(); // and without one it is the tenant's again
  await mail(ida.conversation, 'ida@again.example');
  assert.ok((await sink.got('ida@again.example')).text.endsWith('\n\n-- \nIn English\n'));
  const long = await instance.ctl('agent', 'assign', 'anna@agents.localhost', 'acme', '--signature', 'x'.repeat(501));
  assert.equal(long.code, 1);
  await instance.control('agent', 'assign', 'anna@agents.localhost', 'acme');
  await ida.close();
  await anna.stop();
});

test('a call-back reaches whom the tenant named, and the end of a chat, too', async () => {
  await instance.control('webhook', 'add', 'acme', 'mailto:sales@acme.example', '--events', 'callback');
  await instance.control('webhook', 'add', 'acme', 'mailto:archive@acme.example', '--events', 'conversation.ended', '--texts');
  assert.equal((await instance.ctl('webhook', 'add', 'acme', 'mailto:all@acme.example', '--events', 'message')).code, 1);
  const anna = await Agent.login(instance, 'anna');
  const bob = new Visitor(instance, { name: 'Bob\u2028Bcc' });
  await bob.connect();
  await bob.say('Subject: x\r\nBcc: all@acme.example\r\n\r\nhello');
  const contact = await anna.accept('acme', /hello/);
  await anna.say(contact, '!callback tomorrow 14:30');
  const callback = await sink.got('sales@acme.example');
  assert.match(callback.headers.subject, /: Call back$/);
  assert.match(callback.text, /^When: tomorrow 14:30\nNoted by: .+\nConversation: [a-z2-7]{26}\n$/);
  await anna.say(contact, '!end');
  await bob.next(({ type }) => type === 'ended');
  const ended = await sink.got('archive@acme.example');
  assert.match(ended.text, /Bob Bcc: Subject: x\n/);
  for (const { headers } of sink.mails) assert.ok(!('bcc' in headers));
  await Promise.all([bob.close(), anna.stop()]);
});

test('who writes while nobody is there reaches the tenant, once', async () => {
  await instance.control('webhook', 'add', 'acme', 'mailto:forms@acme.example', '--events', 'offline_form');
  const ada = new Visitor(instance, { name: 'Ada' });
  await ada.connect();
  await ada.say('Please write to me');
  await ada.say('and soon');
  const form = await sink.got('forms@acme.example');
  assert.match(form.text, /^Name: Ada\nConversation: [a-z2-7]{26}\n\nPlease write to me\n$/);
  const { events } = await instance.control('transcript', 'show', 'acme', ada.conversation);
  assert.equal(events.filter(({ type }) => type === 'offline_form').length, 1);
  const anna = await Agent.login(instance, 'anna');
  const contact = await anna.accept('acme', /Ada/);
  await anna.say(contact, '!end');
  await ada.next(({ type }) => type === 'ended');
  await ada.say('now somebody is there');
  await anna.hears(/now somebody/);
  assert.equal(sink.to('forms@acme.example').length, 1);
  await Promise.all([ada.close(), anna.stop()]);
});

test('an address that is none for good is given up; one that is not now, lets others go first', async () => {
  sink.refuse = (to) => (/^gone@/.test(to) ? '550 no such user' : /^full@/.test(to) ? '452 mailbox full' : null);
  const wim = new Visitor(instance, { name: 'Wim' });
  await wim.connect();
  await wim.say('hello');
  for (const to of ['gone@buyer.example', 'full@buyer.example', 'wim@buyer.example']) await mail(wim.conversation, to);
  await sink.got('wim@buyer.example');
  const [dead] = await until(async () => {
    const all = await instance.control('webhook', 'dead', 'acme');
    return all.length > 0 && all;
  });
  assert.deepEqual([dead.event, dead.problem, dead.url], ['transcript', 'it answered 550', 'mailto:']);
  assert.equal(sink.to('full@buyer.example').length, 0);
  sink.refuse = () => null;
  await sink.got('full@buyer.example');
  await mail(wim.conversation, 'x1@buyer.example');
  await mail(wim.conversation, 'x2@buyer.example');
  assert.match((await mail(wim.conversation, 'x3@buyer.example')).stderr, /too_many/); // we are no way to write to strangers
  await wim.close();
});

test('a mail server that is away, a core that dies: it goes when it can', async () => {
  const zoe = new Visitor(instance, { name: 'Zoe' });
  await zoe.connect();
  await zoe.say('hello');
  const { port } = sink;
  await sink.stop();
  await mail(zoe.conversation, 'zoe@buyer.example');
  const old = await instance.kill('core');
  await instance.restarted('core', old);
  const kept = sink.mails;
  sink = Object.assign(await SmtpSink.start(instance), { mails: kept });
  if (sink.port !== port) await configure(['[mail]', `url = smtp://localhost:${sink.port}`, 'from = chat@chat.example']);
  await sink.got('zoe@buyer.example');
  await zoe.close();
});

test('bad addresses, foreign and unknown conversations are refused; no TLS means no mail', async () => {
  for (const to of ['', 'vera', 'vera@buyer', 'a@b.example,c@d.example', 'a@b.example\r\nRCPT TO:<x@y.example>', '<a@b.example>', '-f@b.example'])
    assert.equal((await mail(vera.conversation, to)).code, 1, JSON.stringify(to));
  assert.match((await mail(vera.conversation, 'vera@buyer.example', 'borealis')).stderr, /not_found/);
  await sink.stop();
  sink = await SmtpSink.start(instance);
  await configure(['[mail]', `url = smtp://127.0.0.2:${sink.port}`, 'from = chat@chat.example']); // a host its certificate does not name
  const hooks = await instance.control('webhook', 'list', 'acme');
  const { code, json } = await instance.ctl('webhook', 'test', 'acme', hooks[0].id);
  assert.equal(code, 3);
  assert.match(json.problem, /certificate|connections/);
  assert.equal(sink.mails.length, 0);
});
