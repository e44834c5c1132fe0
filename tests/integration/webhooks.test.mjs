// SPDX-License-Identifier: Apache-2.0
// Other systems are told what happens: signed, in order, at least once, whatever dies meanwhile;
// and nobody's endpoint leads into our network or keeps another tenant waiting.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, STUCK_MS, root, until } from '../support/instance.mjs';
import { Receiver, isSigned } from '../support/receiver.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, receiver, hook;

const add = (tenant, url, events, ...more) => instance.control('webhook', 'add', tenant, url, '--events', events, ...more);
const state = async (tenant, id) => (await instance.control('webhook', 'list', tenant)).find((one) => one.id === id);
const visit = async (tenant, name = 'Vera') => {
  const visitor = new Visitor(instance, { tenant, name });
  await visitor.connect();
  return visitor;
};

before(async () => {
  instance = await Instance.start();
  receiver = await Receiver.start(instance);
  hook = await add('acme', receiver.url(), 'conversation.started,conversation.ended,message,survey,callback');
});
after(async () => {
  await receiver?.stop();
  await instance?.stop();
});

test('a whole chat is told: each event once, in order, signed, without who or what was said', async () => {
  const anna = await Agent.login(instance, 'anna');
  const vera = await visit('acme');
  await vera.say('the words of Vera');
  const contact = await anna.accept('acme', /Vera/);
  await anna.say(contact, 'the words of Anna');
  await vera.hears('the words of Anna');
  await anna.say(contact, '!callback +358 40 123 4567');
  await receiver.told('callback');
  await anna.say(contact, '!end');
  await vera.next(({ type }) => type === 'ended');
  vera.send({ type: 'survey', csat: 5, nps: 9, comment: 'the comment of Vera' });
  await receiver.told('survey');
  await anna.stop();
  await vera.close();

  assert.deepEqual(receiver.requests.map(({ json }) => json.type),
    ['conversation.started', 'message', 'message', 'callback', 'conversation.ended', 'survey']);
  for (const request of receiver.requests) {
    assert.ok(isSigned(request, hook.secret), request.json.type);
    assert.ok(!isSigned(request, `whsec_${Buffer.alloc(32).toString('base64')}`));
    assert.equal(request.headers['webhook-id'], request.json.id);
    assert.equal(request.json.tenant, 'acme');
    assert.equal(request.json.data.conversation, vera.conversation);
    assert.ok(!/Vera|words|comment/.test(request.body), request.body);
  }
  assert.equal(new Set(receiver.requests.map(({ json }) => json.id)).size, 6);
  assert.equal(receiver.of('callback')[0].json.data.number, '+358 40 123 4567');
  assert.deepEqual({ ...receiver.of('survey')[0].json.data, nps: 9, csat: 5 }, receiver.of('survey')[0].json.data);
  assert.equal(receiver.of('conversation.ended')[0].json.data.messages, 2);
});

test('the secret is shown once; words go along only where the tenant said so', async () => {
  const listed = JSON.stringify(await instance.control('webhook', 'list', 'acme')) + (await instance.log());
  assert.ok(!listed.includes(hook.secret.slice(6)));
  const open = await add('acme', receiver.url('/open'), 'message', '--texts');
  const vera = await visit('acme');
  await vera.say('words that may leave');
  const told = await until(() => receiver.requests.find(({ path, json }) => path === '/open' && json.data.text === 'words that may leave'));
  assert.ok(isSigned(told, open.secret));
  await vera.close();
  await instance.control('webhook', 'remove', 'acme', open.id);
});

test('another secret and the old one sign side by side until everybody has it, the core\'s end between', async () => {
  const two = await add('acme', receiver.url('/rotating'), 'message');
  const { secret } = await instance.control('webhook', 'rotate', 'acme', two.id);
  await instance.restarted('core', await instance.kill('core'));
  const vera = await visit('acme');
  await vera.say('by either');
  const told = await until(() => receiver.requests.find(({ path }) => path === '/rotating'));
  assert.ok(isSigned(told, secret) && isSigned(told, two.secret));
  await instance.control('webhook', 'rotate', 'acme', two.id, '--overlap', '0');
  await vera.say('by the newest alone');
  const next = await until(() => receiver.requests.filter(({ path }) => path === '/rotating')[1]);
  assert.ok(!isSigned(next, secret) && !isSigned(next, two.secret));
  await vera.close();
  await instance.control('webhook', 'remove', 'acme', two.id);
});

test('what is not taken is tried again, the same under the same id, and the rest waits behind it', async () => {
  let refuses = true;
  receiver.requests.length = 0;
  receiver.answer = () => ({ status: refuses ? 503 : 200 });
  const vera = await visit('acme');
  await vera.say('one');
  await vera.say('two');
  const { problem } = await until(async () => {
    const now = await state('acme', hook.id);
    return now.state === 'failing' && receiver.requests.length >= 2 && now;
  }, { what: 'two tries' });
  assert.match(problem, /503/);
  refuses = false;
  await receiver.told('message', 2);
  const [first, ...rest] = receiver.requests.map(({ json }) => json);
  const more = rest.findIndex(({ id }) => id !== first.id);
  assert.ok(more >= 2, 'it was sent three times at least');
  for (const again of rest.slice(0, more)) assert.deepEqual(again, first);
  assert.deepEqual(rest.slice(more).map(({ type }) => type), ['message', 'message']);
  assert.notEqual(receiver.requests[0].headers['webhook-signature'], undefined);
  await until(async () => (await state('acme', hook.id)).state === 'fine');
  await vera.close();
});

test('core and fetch killed while it is on its way: told again, nothing is lost', async () => {
  receiver.requests.length = 0;
  for (const role of ['fetch', 'core']) {
    receiver.answer = () => ({ hang: true });
    const before = receiver.requests.length;
    const vera = await visit('acme', role);
    await vera.say(`while ${role} dies`);
    await until(() => receiver.requests.length > before, { what: 'a request that hangs' });
    const hanging = receiver.requests.at(-1).json;
    const old = await instance.kill(role);
    receiver.answer = () => ({ status: 200 });
    await instance.restarted(role, old);
    await until(() => receiver.requests.filter(({ json }) => json.id === hanging.id).length >= 2, { what: 'it to come again' });
    const told = () => new Set(receiver.of('message').map(({ json }) => json.id)).size;
    await until(() => told() === (role === 'fetch' ? 1 : 2), { what: 'the message' });
    await vera.close();
  }
});

test('what no other try would help is given up at once, listed, and tried again when told to', async () => {
  receiver.requests.length = 0;
  receiver.answer = ({ json }) => ({ status: json.type === 'message' ? 422 : 200 });
  const vera = await visit('acme');
  await vera.say('nobody takes this');
  const [dead] = await until(async () => {
    const all = await instance.control('webhook', 'dead', 'acme');
    return all.length > 0 && all;
  });
  assert.deepEqual([dead.event, dead.problem, dead.webhook], ['message', 'it answered 422', hook.id]);
  assert.equal((await state('acme', hook.id)).dead, 1);
  receiver.answer = () => ({ status: 200 });
  assert.deepEqual(await instance.control('webhook', 'retry', 'acme', dead.id), { retried: 1 });
  await until(() => receiver.requests.filter(({ json }) => json.id === dead.id).length === 2);
  await until(async () => (await instance.control('webhook', 'dead', 'acme')).length === 0);
  await vera.close();
});

test('a trial says what is right or wrong with an endpoint', async () => {
  const trial = (id, tenant = 'acme') => instance.ctl('webhook', 'test', tenant, id);
  receiver.answer = () => ({ status: 200 });
  const good = await trial(hook.id);
  assert.deepEqual([good.code, good.json.delivered, good.json.status], [0, true, 200]);
  assert.ok(isSigned(receiver.of('test').at(-1), hook.secret));

  receiver.answer = () => ({ status: 302, headers: { location: receiver.url('/elsewhere') } });
  const moved = await trial(hook.id);
  assert.deepEqual([moved.code, moved.json.problem], [3, 'it answered 302: redirects are not followed']);
  assert.ok(!receiver.requests.some(({ path }) => path === '/elsewhere'));

  receiver.answer = () => ({ status: 200, text: 'x'.repeat(64 * 1024 + 1) });
  assert.equal((await trial(hook.id)).json.problem, 'its answer is too long');
  receiver.answer = () => ({ status: 200, text: 'x'.repeat(64 * 1024) });
  assert.equal((await trial(hook.id)).json.problem, null);
  receiver.answer = () => ({ hang: true });
  assert.equal((await trial(hook.id)).json.problem, 'it did not answer in time');
  receiver.answer = () => ({ status: 200 });
  assert.equal((await instance.ctl('webhook', 'test', 'borealis', hook.id)).code, 1); // not theirs
});

test('a certificate of nobody we trust, or for another name, is not told anything', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lasna-test-'));
  execFileSync('bash', [join(root, 'certs', 'make-dev-ca.sh'), folder], { stdio: 'ignore' });
  const tls = { cert: readFileSync(join(folder, 'server.pem')), key: readFileSync(join(folder, 'server.key')) };
  const stranger = await Receiver.start(instance, { tls });
  const one = await add('acme', stranger.url(), 'survey');
  assert.equal((await instance.ctl('webhook', 'test', 'acme', one.id)).json.problem, 'its certificate does not hold');
  assert.equal(stranger.requests.length, 0);
  await instance.control('webhook', 'remove', 'acme', one.id);
  await stranger.stop();
  rmSync(folder, { recursive: true });
});

test('no endpoint leads into our network', async () => {
  const reached = [];
  const inside = createServer((socket) => { reached.push(socket.localAddress); socket.destroy(); });
  await new Promise((resolve) => inside.listen(0, '0.0.0.0', resolve)); // 127.0.0.1 alone is allowed here
  const { port } = inside.address();
  const urls = [`https://127.0.0.2:${port}/`, `https://[::ffff:127.0.0.2]:${port}/`, `https://2130706434:${port}/`,
    `https://0x7f000002:${port}/`, `https://127.2:${port}/`, `https://0.0.0.0:${port}/`, 'https://10.0.0.1/', 'https://169.254.169.254/latest',
    'https://192.168.0.1/', 'https://[fd00::1]/', 'https://[fe80::1]/', 'https://100.64.0.1/'];
  for (const url of urls) {
    const one = await add('borealis', url, 'survey');
    const { code, json } = await instance.ctl('webhook', 'test', 'borealis', one.id);
    assert.deepEqual([code, json.problem], [3, 'its address is no public one'], url);
    await instance.control('webhook', 'remove', 'borealis', one.id);
  }
  assert.deepEqual(reached, []);
  inside.close();
  for (const url of ['http://hooks.example/', 'https://u:p@hooks.example/', 'file:///etc/passwd', 'https://a.example\\@b/', 'smtp://127.0.0.1/'])
    assert.equal((await instance.ctl('webhook', 'add', 'borealis', url, '--events', 'survey')).code, 1, url);
});

test('borealis with endpoints that never answer keeps acme waiting for nothing', async () => {
  const silent = createServer(() => {}); // takes connections, and says no word
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const hooks = [];
  for (let i = 0; i < 8; i++)
    hooks.push(await add('borealis', `https://localhost:${silent.address().port}/${i}`, 'message'));
  assert.equal((await instance.ctl('webhook', 'add', 'borealis', receiver.url('/9'), '--events', 'message')).code, 1);
  const bea = await visit('borealis', 'Bea');
  for (let i = 0; i < 50; i++) await bea.say(`flood ${i}`);
  receiver.requests.length = 0;
  const vera = await visit('acme');
  const took = [];
  for (let i = 1; i <= 10; i++) {
    const said = Date.now();
    await vera.say(`acme ${i}`);
    took.push((await receiver.told('message', i)).at - said);
  }
  assert.ok(Math.max(...took) < STUCK_MS, `${took}`);
  for (const { id } of hooks) await instance.control('webhook', 'remove', 'borealis', id);
  await Promise.all([bea.close(), vera.close()]);
  silent.close();
});

test('who is erased is told of no more', async () => {
  receiver.requests.length = 0;
  receiver.answer = () => ({ status: 503 });
  const vera = await visit('acme');
  await vera.say('soon forgotten');
  await until(() => receiver.requests.length > 0);
  const { visitor } = vera.frames.find(({ type }) => type === 'welcome');
  await instance.control('visitor', 'erase', 'acme', visitor, '--yes');
  receiver.answer = () => ({ status: 200 });
  await instance.control('webhook', 'retry', 'acme');
  await until(async () => (await state('acme', hook.id)).waiting === 0);
  assert.equal(receiver.of('message').length, 0);
  await vera.close();
});

test('what lets it reach private addresses is told by check', async () => {
  const { findings } = await instance.control('check', 'config');
  assert.ok(findings.some(({ verdict, text }) => verdict === 'warning' && /\[fetch\] allow/.test(text)));
});
