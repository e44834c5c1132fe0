// SPDX-License-Identifier: Apache-2.0
// A day at the desk: seven who answer (two of them at both companies, one a bot), a supervisor, forty
// visitors; offers taken, declined and let pass, conversations handed on, a call-back, an agent
// whose line dies, a whisper, a bot that hands over. In the end everybody was served, and the
// transcripts tell it all in order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Clerk } from '../support/clerk.mjs';
import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const LIMIT = 3;
const TENANTS = { acme: { count: 24, crowd: 7 }, borealis: { count: 16, crowd: 5 } };
const names = (tenant) => Array.from({ length: TENANTS[tenant].count },
  (_, i) => `${tenant[0].toUpperCase()}${String(i + 1).padStart(2, '0')}`);

let instance, clerks, sanna;
const transcripts = {};
const visitors = new Map();

/* --- the plan of the day: who does what to whom --- */

const declined = new Set(['A05', 'A10', 'B05']), missed = new Set(['A06', 'B06']);
const asked = new Set(['A01', 'A02', 'A03']); // what the bot knows
const once = new Set();
/** True the first time only. */
const first = (what) => !once.has(what) && once.add(what);

const plan = {
  offered: ({ name: clerk }, name) => {
    if (clerk === 'faq') return 'ok';
    if (declined.has(name) && first(`declined ${name}`)) return 'no';
    if (missed.has(name) && first(`missed ${name}`)) return null;
    return 'ok';
  },
  async hears(clerk, name, contact, text) {
    const say = (line) => clerk.agent.say(contact, line);
    if (clerk.name === 'faq') return this.botHears(say, text);
    if (text.endsWith(' bye')) return say('!end solved');
    if (name === 'A09' && text === 'A09 asks 2' && first('crash')) return clerk.crash();
    if (name === 'A12' && first('handed on')) return this.handOn(clerk, contact);
    if (name === 'B12' && first('to a skill')) return say('!to ice needs ice');
    if (name === 'A14' && text === 'A14 asks 2' && first('call-back')) await say('!callback +358 40 123 4567');
    if (name === 'A16' && text === 'A16 asks 2' && !whispered) return undefined; // waits for advice, below
    return this.answer(say, text);
  },
  /** Whoever is asked may have gone home, or have no room: then the next is asked. */
  told(clerk, name, contact, text) {
    return name === 'A12' && /stays yours\.$/.test(text) && !/Offered to/.test(text) && this.handOn(clerk, contact);
  },
  handOn(clerk, contact) {
    const others = ['ben', 'anna', 'carl', 'doris'].filter((other) => other !== clerk.name);
    return clerk.agent.say(contact, `!to ${others[this.tries++ % others.length]} knows ships`);
  },
  tries: 0,
  botHears(say, text) {
    return / delivery time/.test(text) ? this.answer(say, text) : first(`handed over ${text}`) && say('!back');
  },
  /** Whoever takes a conversation over sees its first words again: what was answered is not answered twice. */
  answer: (say, text) => / asks /.test(text) && first(`answered ${text}`) && say(`answer to ${text}`),
};
let whispered = false;

/** The supervisor whispers to whoever has A16, who then answers. */
async function whisper(visitor) {
  const id = `#${visitor.conversation.slice(0, 4)}`;
  await sanna.agent.say(sanna.agent.desk('acme'), `!watch ${id}`);
  await sanna.agent.hears(`${id} A16: A16 asks 2`);
  whispered = true;
  await sanna.agent.say(sanna.agent.desk('acme'), `!whisper ${id} be kind`);
  const heard = () => clerks.find(({ agent }) => agent.messages.some(({ text }) => text === 'Sanna about A16, for you alone: be kind'));
  await sanna.agent.hears(/has heard it; the visitor never sees it\./);
  const clerk = await until(heard, { what: 'the whisper to be heard' });
  const [contact] = [...clerk.names].find(([, name]) => name === 'A16');
  await plan.answer((line) => clerk.agent.say(contact, line), 'A16 asks 2');
}

/* --- one visitor's visit --- */

async function visit(tenant, name) {
  const visitor = new Visitor(instance, { tenant, name });
  visitors.set(name, visitor);
  const answered = (text) => visitor.hears(`answer to ${text}`, { seconds: 200 });
  const question = asked.has(name) ? `${name} asks for the delivery time` : `${name} asks 1`;
  await visitor.connect();
  await visitor.say(question);
  await answered(question);
  await visitor.say(`${name} asks 2`);
  if (name === 'A16') await whisper(visitor);
  await answered(`${name} asks 2`);
  await visitor.say(`${name} bye`);
  await visitor.next((frame) => frame.type === 'ended', { seconds: 200 });
  await visitor.close();
}

/** So many of them at a time. */
async function crowd(tenant) {
  const waiting = names(tenant);
  await Promise.all(Array.from({ length: TENANTS[tenant].crowd }, async () => {
    while (waiting.length > 0) await visit(tenant, waiting.shift());
  }));
}

before(async () => {
  instance = await Instance.start();
  const { agents_domain: domain } = instance.about.xmpp;
  const team = { anna: ['acme', 'borealis'], ben: ['acme', 'borealis'], carl: ['acme'], doris: ['acme'], eino: ['borealis'] };
  for (const name of ['carl', 'doris', 'eino', 'sanna', 'faq']) await instance.addAgent(name);
  for (const [name, tenants] of Object.entries(team))
    for (const tenant of tenants)
      await instance.control('agent', 'assign', `${name}@${domain}`, tenant, '--limit', String(LIMIT),
        ...(tenant === 'borealis' ? ['--skill', 'ice'] : []));
  await instance.control('agent', 'assign', `sanna@${domain}`, 'acme', '--role', 'supervisor');
  await instance.control('agent', 'assign', `faq@${domain}`, 'acme', '--role', 'bot', '--limit', '100');
  for (const tenant of Object.keys(TENANTS))
    await instance.control('tenant', 'set', tenant, 'routing.offer_ms=15s', 'routing.gone_grace_ms=2s', 'routing.languages=no');
  clerks = await Promise.all([...Object.keys(team), 'faq'].map((name) => Clerk.hire(instance, name, plan)));
  sanna = await Clerk.hire(instance, 'sanna', plan, { show: 'dnd' });
  await Promise.all(Object.keys(TENANTS).map(crowd));
  for (const tenant of Object.keys(TENANTS)) transcripts[tenant] = await instance.exported(tenant);
});
after(async () => {
  await Promise.all([...(clerks ?? []), sanna].map((clerk) => clerk?.leave()));
  await instance?.stop();
});

const all = () => Object.values(transcripts).flat();
const of = (name) => all().find((one) => one.visitor.name === name);
const types = (one) => one.events.map(({ type }) => type);

test('each of the forty was answered, and has an end', () => {
  for (const tenant of Object.keys(TENANTS))
    assert.deepEqual(transcripts[tenant].map((one) => one.visitor.name).sort(), names(tenant));
  for (const one of all()) {
    assert.equal(one.end_reason, 'agent', one.visitor.name);
    assert.equal(one.outcome, 'solved', one.visitor.name);
    assert.equal(one.messages.filter(({ text }) => text.startsWith('answer to ')).length, 2, one.visitor.name);
  }
});

test('transcripts hold what the visitors saw: each word once, in order, of their own company alone', () => {
  for (const one of all()) {
    const { name } = one.visitor;
    const seen = new Map();
    const said = one.messages.filter(({ from }) => from === 'visitor').map(({ text }) => text);
    for (const frame of visitors.get(name).frames)
      if (frame.type === 'message') seen.set(frame.seq, frame.text);
    assert.deepEqual(one.messages.map(({ seq }) => seq), one.messages.map((_, i) => i + 1), `${name}: seq without gaps`);
    assert.deepEqual(one.messages.map(({ at }) => at), one.messages.map(({ at }) => at).sort(), `${name}: in the order of time`);
    assert.equal(new Set(one.messages.map(({ text }) => text)).size, one.messages.length, `${name}: no word twice`);
    assert.deepEqual(one.messages.filter(({ from }) => from !== 'visitor').map(({ seq, text }) => [seq, text]),
      [...seen].sort(([a], [b]) => a - b), `${name}: what was shown is what is stored`);
    assert.equal(said.length, 3);
    assert.ok(one.messages.every(({ text }) => text.includes(name)), `${name}: nobody else's words`);
  }
});

test('somebody is offered it before they have it, one has it at a time, and nobody has more than they may', () => {
  const steps = [];
  for (const one of all()) {
    const { name } = one.visitor;
    let holder = null;
    assert.deepEqual([types(one)[0], types(one).at(-1)], ['queued', 'ended'], name);
    for (const event of one.events) {
      const { type, agent, at, from } = event;
      if (type === 'claimed') assert.equal(holder, null, `${name}: claimed while ${holder} has it`);
      if (type === 'transferred') assert.equal(holder, from, `${name}: handed on by who has it`);
      if (type === 'claimed' || type === 'transferred')
        assert.ok(one.events.some((other) => other.type === 'offered' && other.agent === agent && other.at <= at), `${name}: ${agent} was offered it`);
      if (['claimed', 'transferred', 'released', 'ended'].includes(type)) {
        if (holder) steps.push({ at, by: `${one.tenant} ${holder}`, change: -1 });
        holder = type === 'claimed' || type === 'transferred' ? agent : null;
        if (holder) steps.push({ at, by: `${one.tenant} ${holder}`, change: 1 });
      }
    }
    const stays = one.agents.map(({ joined_at: joined, left_at: left }) => [joined, left]);
    stays.forEach(([joined, left], i) => assert.ok(joined <= left && (i === 0 || stays[i - 1][1] <= joined), `${name}: one after the other`));
  }
  const held = new Map();
  for (const { by, change } of steps.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.change - b.change))) {
    held.set(by, (held.get(by) ?? 0) + change);
    assert.ok(held.get(by) <= (by.endsWith(' Faq') ? 100 : LIMIT), `${by} has ${held.get(by)}`);
  }
});

test('who declined, or let it pass, was not rung again, and somebody else had it', () => {
  // An offer also ends when its agent goes home or is full meanwhile: then nobody said no to it.
  for (const [set, word] of [[declined, 'declined'], [missed, 'missed']]) {
    const answered = [...set].filter((name) => types(of(name)).includes(word));
    assert.ok(answered.length > 0, word);
    for (const name of answered) {
      const { agent } = of(name).events.find(({ type }) => type === word);
      assert.equal(of(name).events.filter(({ type, agent: who }) => type === 'offered' && who === agent).length, 1, name);
      assert.notEqual(of(name).agents.at(-1).name, agent, name);
    }
  }
});

test('the bot answered what it knew and handed the rest over to people', () => {
  for (const one of transcripts.acme) {
    const { name } = one.visitor;
    const [bot, ...people] = one.agents;
    assert.equal(bot.name, 'Faq', name);
    assert.ok(people.length >= 1 && people.every(({ name: who }) => who !== 'Faq'), name);
    assert.equal(one.messages.filter(({ from }) => from === 'bot').length, asked.has(name) ? 1 : 0, name);
  }
  assert.ok(transcripts.borealis.every((one) => one.messages.every(({ from }) => from !== 'bot')));
});

test('conversations were handed on, to a colleague and to a skill', () => {
  const { agent, from, why } = of('A12').events.find(({ type }) => type === 'transferred');
  assert.equal(why, 'knows ships');
  const held = of('A12').agents.map(({ name }) => name);
  assert.ok(held.some((name, i) => name === from && held[i + 1] === agent), `${from} → ${agent} in ${held}`);
  const released = of('B12').events.find(({ type, reason }) => type === 'released' && reason === 'transferred');
  assert.deepEqual([released.to, released.why], ['ice', 'needs ice']);
});

test('whose agent vanished was told, and had another in time', () => {
  const one = of('A09');
  const gone = one.events.find(({ type, reason }) => type === 'released' && reason === 'gone');
  const { frames } = visitors.get('A09');
  assert.ok(gone, 'the conversation went back');
  assert.ok(frames.some(({ type, state, name }) => type === 'agent' && state === 'left' && name === gone.agent));
  assert.notEqual(one.agents.at(-1).name, gone.agent);
});

test('a call-back and a whisper stand where they belong', () => {
  assert.equal(of('A14').events.find(({ type }) => type === 'callback').number, '+358 40 123 4567');
  assert.deepEqual(of('A16').notes.map(({ by, text }) => [by, text]), [['Sanna', 'be kind']]);
  assert.ok(!visitors.get('A16').frames.some((frame) => /be kind|Sanna/.test(JSON.stringify(frame))));
  assert.equal(all().filter(({ notes }) => notes.length > 0).length, 1);
});

test('every store is sound, and each tenant holds its own', async () => {
  assert.equal((await instance.ctl('verify')).code, 0);
});
