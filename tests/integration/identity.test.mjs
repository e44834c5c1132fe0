// SPDX-License-Identifier: Apache-2.0
// Visitors whom their site vouches for: what holds, what is refused, and that nobody's history
// ever meets another's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';
import { signed } from '../support/jwt.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance, key, foreign;

before(async () => {
  instance = await Instance.start();
  key = await instance.control('identity', 'renew', 'acme');
  foreign = await instance.control('identity', 'renew', 'borealis');
});
after(() => instance?.stop());

async function refused(options) {
  const visitor = new Visitor(instance, options);
  await assert.rejects(visitor.connect());
  const error = visitor.frames.find(({ type }) => type === 'error');
  assert.ok(!visitor.frames.some(({ type }) => type === 'welcome'));
  return { code: error?.code, closed: visitor.closed };
}

test('the secret is shown once, and its name ever after', async () => {
  assert.match(key.secret, /^[\w-]{43}$/);
  assert.match(key.kid, /^[a-z2-7]{8}$/);
  const shown = await instance.control('identity', 'show', 'acme');
  assert.deepEqual({ kid: shown.kid, required: shown.required, secret: shown.secret },
    { kid: key.kid, required: false, secret: undefined });
  assert.ok(!JSON.stringify(await instance.control('tenant', 'show', 'acme')).includes(key.secret));
  assert.ok(!(await instance.log()).includes(key.secret));
});

test('who the site says it is stands in the transcript, with stage and attributes', async () => {
  const claims = { sub: 'crm-1', name: 'Maria', email: 'maria@buyer.example', stage: 'existing',
                   attributes: { plan: 'Pro', seats: 12 } };
  const maria = new Visitor(instance, { name: 'Mallory', identity: signed(key, claims) });
  await maria.connect();
  await maria.say('It is me');
  const transcript = await instance.control('transcript', 'show', 'acme', maria.conversation);
  assert.equal(transcript.stage, 'existing');
  assert.deepEqual({ ...transcript.visitor, id: undefined },
    { id: undefined, name: 'Maria', verified: true, email: 'maria@buyer.example', attributes: { plan: 'Pro', seats: 12 } });
  await maria.close();
});

test('the agent is told by !info, after the core has died, too', async () => {
  const anna = await Agent.login(instance, 'anna');
  const outi = new Visitor(instance, { identity: signed(key, { sub: 'crm-1b', name: 'Outi', email: 'outi@buyer.example', stage: 'existing',
                                                               attributes: { plan: 'Pro', seats: 12, trial: false, note: 'two\nlines' } }) });
  await outi.connect();
  await outi.say('who am I?');
  const contact = await anna.accept('acme', /who am I/);
  const info = /^\[lasna\] Outi · en · \/pricing · open \d+:\d\d · stage existing · vouched for by the site · outi@buyer\.example · plan: Pro · seats: 12 · trial: false · note: two lines$/;
  await anna.say(contact, '!info');
  await anna.hears(info);
  const old = await instance.kill('core');
  await instance.restarted('core', old);
  await until(async () => outi.connect().then(() => true, () => false));
  anna.messages.length = 0;
  await anna.sayReceived(contact, '!info');
  await anna.hears(info);
  await anna.say(contact, '!end');
  await outi.close();
  await anna.stop();
});

test('the same person on another device goes on where they were', async () => {
  const phone = new Visitor(instance, { identity: signed(key, { sub: 'crm-2' }) });
  await phone.connect();
  await phone.say('from the phone');
  const laptop = new Visitor(instance, { identity: signed(key, { sub: 'crm-2' }) });
  const welcome = await laptop.connect();
  assert.equal(welcome.conversation, phone.conversation);
  assert.equal(welcome.visitor, phone.frames.find(({ type }) => type === 'welcome').visitor);
  await laptop.hears('from the phone');
  await laptop.say('and from the laptop');
  await phone.hears('and from the laptop');
  await Promise.all([phone.close(), laptop.close()]);
});

test('ten browsers of one new person at once are one visitor', async () => {
  const identity = signed(key, { sub: 'crm-3' });
  const all = await Promise.all(Array.from({ length: 10 }, async () => {
    const visitor = new Visitor(instance, { identity });
    const welcome = await visitor.connect();
    await visitor.close();
    return welcome.visitor;
  }));
  assert.equal(new Set(all).size, 1);
});

test('verified and unverified never meet, by token nor by e-mail', async () => {
  const email = 'eve@buyer.example';
  const guest = new Visitor(instance);
  await guest.connect();
  await guest.say('nobody knows me');
  const eve = new Visitor(instance, { identity: signed(key, { sub: 'crm-4', email }) });
  eve.token = guest.token; // the same browser, now signed in
  const welcome = await eve.connect();
  assert.equal(welcome.conversation, null);
  await eve.say('now they do');
  const token = eve.token;
  await Promise.all([guest.close(), eve.close()]);

  const again = new Visitor(instance); // signed out: the guest's own token still opens the guest's own
  again.token = guest.token;
  assert.equal((await again.connect()).conversation, guest.conversation);
  await again.close();

  const thief = new Visitor(instance);
  thief.token = token; // what a signed-in browser was told opens nothing alone
  await assert.rejects(thief.connect(), { code: 4003 });

  const other = new Visitor(instance, { identity: signed(key, { sub: 'crm-5', email }) });
  assert.equal((await other.connect()).conversation, null);
  await other.close();
});

test('a wrong identity is refused even where none is required', async () => {
  const now = Math.floor(Date.now() / 1000);
  const good = signed(key, { sub: 'crm-6' });
  const wrong = {
    'another tenant’s key': signed(foreign, { sub: 'crm-6' }),
    'another tenant’s key under our kid': signed({ kid: key.kid, secret: foreign.secret }, { sub: 'crm-6' }),
    'another aud': signed(key, { sub: 'crm-6', aud: 'borealis' }),
    expired: signed(key, { sub: 'crm-6', exp: now - 1 }),
    'valid for a year': signed(key, { sub: 'crm-6', exp: now + 365 * 86400 }),
    'alg none': `${signed(key, { sub: 'crm-6' }, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
    'alg none, signed': signed(key, { sub: 'crm-6' }, { alg: 'none' }),
    RS256: signed(key, { sub: 'crm-6' }, { alg: 'RS256' }),
    truncated: good.slice(0, -5),
    'without its signature': good.split('.').slice(0, 2).join('.'),
    'no sub': signed(key, {}),
    word: 'hello',
  };
  for (const [what, identity] of Object.entries(wrong))
    assert.deepEqual(await refused({ identity }), { code: 'bad_identity', closed: 4003 }, what);
});

test('once it is required, nothing else gets in, and who was in is asked again', async () => {
  const guest = new Visitor(instance);
  await guest.connect();
  await instance.control('identity', 'require', 'acme');
  assert.equal(await guest.closing(), 1013);
  for (const identity of [null, '', undefined])
    assert.deepEqual(await refused({ identity }), { code: 'identity_required', closed: 4003 }, String(identity));
  await assert.rejects(guest.connect(), { code: 4003 });
  for (const identity of [[signed(key, { sub: 'a' })], { sub: 'a' }, 17, true]) {
    const visitor = new Visitor(instance, { identity });
    await visitor.connect({ hello: false });
    visitor.send({ type: 'hello', site: visitor.site, identity });
    await visitor.next(({ type, code }) => type === 'error' && code === 'bad_frame');
    await visitor.close();
  }
  const known = new Visitor(instance, { identity: signed(key, { sub: 'crm-7' }) });
  await known.connect();
  await known.close();
  await instance.control('identity', 'allow', 'acme');
  await guest.connect();
  await guest.close();
});

test('what the old key signed is refused after it was renewed', async () => {
  const before = signed(key, { sub: 'crm-8' });
  const visitor = new Visitor(instance, { identity: before });
  await visitor.connect();
  key = await instance.control('identity', 'renew', 'acme');
  assert.equal(await visitor.closing(), 1013);
  assert.deepEqual(await refused({ identity: before }), { code: 'bad_identity', closed: 4003 });
  visitor.identity = signed(key, { sub: 'crm-8' });
  await visitor.connect();
  await visitor.close();
});

test('a key outlives the core; requiring one needs a key', async () => {
  const { code, stderr } = await instance.ctl('identity', 'require', 'nobody');
  assert.equal(code, 1);
  assert.match(stderr, /tenant/);
  const old = await instance.kill('core');
  await instance.restarted('core', old);
  const visitor = new Visitor(instance, { identity: signed(key, { sub: 'crm-9' }) });
  await visitor.connect();
  await visitor.close();
});
