// SPDX-License-Identifier: Apache-2.0
// Roles die, servers restart, networks break; chats go on and nothing that was ticked is lost.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, isAlive, root, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const IDLE = 1500;
const lasnad = join(root, 'build', process.env.LASNA_BUILD ?? 'dev', 'server-bridge', 'lasnad');
let instance, anna, ben;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  ben = await Agent.login(instance, 'ben');
});
after(async () => {
  await Promise.all([anna?.stop(), ben?.stop()]);
  await instance?.stop();
});

/** A chat that has begun, with the agent's contact of it. */
async function begin(tenant, name, agent = anna) {
  const visitor = new Visitor(instance, { tenant, name });
  await visitor.connect();
  await visitor.say(`hello from ${name}`);
  if (tenant === 'borealis') await until(() => [anna, ben].some((one) => one.messages.some(({ text }) => text.startsWith(`${name} ·`))));
  const taker = [agent, anna, ben].find((one) => one.messages.some(({ text }) => text.startsWith(`${name} ·`))) ?? agent;
  const contact = await taker.accept(tenant, new RegExp(`^${name} ·`), name);
  return { visitor, contact, agent: taker };
}

async function bothWays({ visitor, contact, agent }, word) {
  assert.equal((await visitor.say(`${word} from the visitor`)).type, 'saved');
  await agent.hears(`${word} from the visitor`);
  await agent.sayReceived(contact, `${word} from the agent`);
  await visitor.hears(`${word} from the agent`);
}

async function finish({ visitor, contact, agent }) {
  await agent.sayReceived(contact, '!end');
  await visitor.next(({ type }) => type === 'ended');
  await visitor.close();
}

test('killing link@acme does not disturb a chat at Borealis, and Acme comes back', async () => {
  const acme = await begin('acme', 'Alma');
  const borealis = await begin('borealis', 'Bo');
  const pids = await instance.pids();
  const old = await instance.kill('acme');
  await bothWays(borealis, 'while the other link is down');
  await instance.restarted('acme', old);
  await bothWays(acme, 'after the restart');
  const now = await instance.pids();
  assert.deepEqual([now.core, now.web, now.links.borealis], [pids.core, pids.web, pids.links.borealis]);
  assert.equal(borealis.visitor.closed, null);
  await finish(acme);
  await finish(borealis);
});

test('kill -9 of core in mid-traffic loses nothing that was ticked', async () => {
  const chat = await begin('acme', 'Core');
  const ticked = [], handed = [];
  let talking = true, sent = 0;
  const talk = (async () => {
    while (talking) {
      const cid = `k${++sent}`;
      for (;;) { // as the widget does: the same words with the same cid until they are saved
        const answer = await chat.visitor.say(`line ${sent}`, { cid }).catch(() => null);
        if (answer?.type === 'saved') {
          ticked.push([answer.seq, `line ${sent}`]);
          break;
        }
        await chat.visitor.connect().catch(() => {});
      }
    }
  })();
  const answers = (async () => {
    while (talking) {
      const text = `answer ${handed.length}`;
      await chat.agent.sayReceived(chat.contact, text);
      handed.push(text);
    }
  })();
  for (let round = 0; round < 3; round++) {
    const mark = ticked.length;
    await until(() => ticked.length > mark + 20);
    const old = await instance.kill('core');
    await instance.restarted('core', old);
  }
  const mark = ticked.length;
  await until(() => ticked.length > mark + 5);
  talking = false;
  await Promise.all([talk, answers]);

  const { messages } = (await instance.exported('acme')).find(({ id }) => id === chat.visitor.conversation);
  for (const [seq, text] of ticked) assert.equal(messages[seq - 1].text, text, `seq ${seq}`);
  const texts = messages.map(({ text }) => text);
  assert.equal(new Set(texts).size, texts.length, 'nothing twice');
  for (const text of handed) assert.ok(texts.includes(text), `${text}: received, so stored`);
  await chat.agent.hears(`line ${sent}`);
  await finish(chat);
});

test('kill -9 of web: browsers come back and miss nothing', async () => {
  const chat = await begin('acme', 'Web');
  const old = await instance.kill('web');
  assert.notEqual(await chat.visitor.closing(), null);
  await chat.agent.sayReceived(chat.contact, 'while web was down');
  await instance.restarted('web', old);
  await until(() => chat.visitor.connect().then(() => true, () => false));
  await chat.visitor.hears('while web was down');
  await bothWays(chat, 'after the restart');
  await finish(chat);
});

test(`with ${IDLE} idle visitors, Prosody restarted three times: same core and web, words pass again`, async () => {
  const site = await instance.siteKey('acme');
  const idle = Array.from({ length: IDLE }, () => new Visitor(instance, { site }));
  for (let at = 0; at < IDLE; at += 100) await Promise.all(idle.slice(at, at + 100).map((visitor) => visitor.connect()));
  const chat = await begin('acme', 'Patient');
  const { core, web } = await instance.pids();
  for (let round = 1; round <= 3; round++) {
    await instance.kill('xmpp');
    assert.equal((await chat.visitor.say(`round ${round}, said while the server is down`)).type, 'saved');
    await instance.startXmpp();
    await chat.agent.hears(`round ${round}, said while the server is down`);
    await chat.agent.sayReceived(chat.contact, `round ${round}, answered`);
    await chat.visitor.hears(`round ${round}, answered`);
  }
  const now = await instance.pids();
  assert.deepEqual([now.core, now.web], [core, web]);
  assert.equal(idle.filter(({ closed }) => closed !== null).length, 0, 'every idle visitor is still connected');
  const { messages } = (await instance.exported('acme')).find(({ id }) => id === chat.visitor.conversation);
  assert.equal(new Set(messages.map(({ text }) => text)).size, messages.length);
  await finish(chat);
  idle.forEach((visitor) => visitor.drop());
});

test('who is to call back hears of each request once, though the XMPP server was away and the core is killed meanwhile', async () => {
  const wishes = Array.from({ length: 70 }, (_, i) => `please call, ${i + 1}`);
  await instance.control('tenant', 'set', 'acme', `desk.contacts=Tuula: ${await instance.addAgent('tuula')} callbacks`);
  const visitor = new Visitor(instance, { name: 'Kerttu' });
  await visitor.connect();
  await instance.kill('xmpp');
  for (const wish of wishes)
    assert.equal((await visitor.say(wish, { request: { kind: 'callback', to: '+358 40 123 4567', time: 'today' } })).type, 'saved');
  const old = await instance.kill('core');
  await instance.restarted('core', old);
  await instance.startXmpp();
  const tuula = await Agent.login(instance, 'tuula');
  const told = () => tuula.messages.filter(({ from, text }) => from === tuula.desk('acme') && text.startsWith('Kerttu'));
  await tuula.until(() => told().length >= wishes.length);
  const again = await instance.kill('core'); // what arrived is told no more
  await instance.restarted('core', again);
  await until(() => visitor.connect().then(() => true, () => false));
  await visitor.say('the last', { request: { kind: 'callback', to: '+358 40 123 4567', time: 'today' } });
  await tuula.hears(/asks to be called back: the last/);
  assert.deepEqual(told().map(({ text }) => / called back: (.*?) · /.exec(text)[1]), [...wishes, 'the last']);
  await tuula.stop();
  await visitor.close();
});

test('a second daemon on the same data is refused with a word, and the first goes on', async () => {
  const { code, stderr } = await new Promise((resolve) => {
    execFile(lasnad, ['--config', join(instance.home, 'lasna.conf')], { timeout: 60000 },
      (error, _, text) => resolve({ code: error?.code ?? 0, stderr: text }));
  });
  assert.equal(code, 1);
  assert.match(stderr, /already|in use|busy|lock/i);
  const chat = await begin('acme', 'First');
  await bothWays(chat, 'undisturbed');
  await finish(chat);
});

test('SIGHUP reloads; connections stay', async () => {
  const chat = await begin('acme', 'Hup');
  const { supervisor, core, web } = await instance.pids();
  process.kill(supervisor, 'SIGHUP');
  await until(async () => (await instance.log()).includes('event=settings.reloaded'));
  await bothWays(chat, 'after the reload');
  const now = await instance.pids();
  assert.deepEqual([now.core, now.web], [core, web]);
  await finish(chat);
});

test('SIGTERM drains: everyone leaves, exit 0, and a new start finds everything', async () => {
  const chat = await begin('acme', 'Term');
  const before = (await instance.exported('acme')).length;
  const pids = await instance.pids();
  process.kill(pids.supervisor, 'SIGTERM');
  assert.notEqual(await chat.visitor.closing(), null);
  const all = [pids.supervisor, pids.core, pids.control, ...pids.web, ...Object.values(pids.links)];
  await until(() => !all.some(isAlive), { what: 'the end of every role' });
  assert.match(readFileSync(join(instance.home, 'log', 'lasnad.log'), 'utf8'), /event=instance\.stopped/);

  await instance.startDaemon();
  await until(() => chat.visitor.connect().then(() => true, () => false));
  assert.equal((await instance.exported('acme')).length, before);
  await bothWays(chat, 'after a new start');
  await finish(chat);
  const log = readFileSync(join(instance.home, 'log', 'lasnad.log'), 'utf8');
  assert.doesNotMatch(log, /after a new start|said while the server|hello from/, 'no words in a log');
});
