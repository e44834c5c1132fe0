// SPDX-License-Identifier: Apache-2.0
// Visitors and agents talk at two tenants while one process after the other is killed with -9.
// In the end everything anyone was told is compared with the transcripts.
//
//     node tests/crash/crash.mjs [ROUNDS] [SEED]
//
// Exit: 0 nothing lost, doubled or out of order; 1 something was.
import { Agent } from '../support/agent.mjs';
import { Instance, isAlive, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

const TENANTS = ['acme', 'borealis'];
const VISITORS = 3; // a tenant
const LINES = 25; // after about so many a visitor ends the chat and begins another
const TARGETS = ['web', 'core', 'acme', 'borealis', 'control', 'xmpp', 'everything'];

/** mulberry32: small, seeded, good enough to choose whom to kill. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A visitor who keeps talking, as the widget does: same words, same cid, until they are saved. */
class Talker {
  constructor(instance, tenant, number) {
    this.visitor = new Visitor(instance, { tenant, name: `${tenant} ${number}` });
    this.tenant = tenant;
    this.saved = []; // { conversation, seq, text }
    this.lines = 0;
    this.talking = true;
  }

  async #connected() {
    while (this.visitor.socket?.readyState !== 1 || this.visitor.closed !== null) {
      await this.visitor.connect().catch(() => new Promise((resolve) => setTimeout(resolve, 100)));
    }
  }

  async #sayUntilSaved(text, cid) {
    for (;;) {
      await this.#connected();
      const mark = this.visitor.frames.length;
      try {
        this.visitor.send({ type: 'say', cid, text });
        const answer = await this.visitor.next((frame) => frame.cid === cid && ['saved', 'error'].includes(frame.type),
          { from: mark, seconds: 10 });
        if (answer.type === 'saved') return answer;
      } catch {
        // the connection went, or nobody answered: the same again
      }
    }
  }

  #hears(fits, seconds) {
    return this.visitor.next(fits, { from: this.visitor.frames.length, seconds }).catch(() => null);
  }

  async #end() {
    if (this.visitor.socket.readyState !== this.visitor.socket.OPEN) return;
    this.visitor.send({ type: 'end' });
    await this.#hears((frame) => frame.type === 'ended', 3);
  }

  async run() {
    while (this.talking) {
      const n = ++this.lines;
      const text = `${this.visitor.name} says ${n}`;
      const { seq } = await this.#sayUntilSaved(text, `${this.visitor.name.replace(' ', '-')}-${n}`);
      this.saved.push({ conversation: this.visitor.conversation, seq, text });
      // A person reads before writing on; a machine would only fill queues.
      await this.#hears((frame) => frame.type === 'receipt' && frame.seq >= seq, 0.5);
      await this.#hears((frame) => frame.type === 'message', 0.1);
      if (n % LINES === 0) await this.#end();
    }
  }

  /** Everything heard in each conversation, in the order it came: [seq, text]. */
  heard() {
    const byConversation = new Map();
    let conversation = null;
    for (const frame of this.visitor.frames) {
      if (frame.type === 'welcome' || frame.type === 'conversation') conversation = frame.conversation ?? conversation;
      if (frame.type !== 'message') continue;
      if (!byConversation.has(conversation)) byConversation.set(conversation, []);
      byConversation.get(conversation).push([frame.seq, frame.text, frame.from]);
    }
    return byConversation;
  }
}

/** An agent who answers in every chat while there is talk, and takes every offer until stopped: a chat that a late
 *  blow brought back into the queue is heard, too. */
class Answerer {
  constructor(agent) {
    this.agent = agent;
    this.received = []; // { contact, text } that somebody acknowledged
    this.contacts = new Set();
    this.talking = true;
    this.listening = true;
    this.read = 0;
  }

  async #takeOffers() {
    for (; this.read < this.agent.messages.length; this.read++) {
      const { from, text } = this.agent.messages[this.read];
      const number = /reply ok(?: (\d+))?/.exec(text);
      if (from.startsWith('desk@') && number) await this.agent.say(from, number[1] ? `ok ${number[1]}` : 'ok').catch(() => {});
      else if (from.startsWith('v') && text.startsWith('[lasna]')) this.contacts.add(from);
    }
  }

  async #listen() {
    while (this.listening) {
      await this.#takeOffers();
      await this.agent.until(() => !this.listening || this.read < this.agent.messages.length, { seconds: 2 }).catch(() => {});
    }
  }

  async run() {
    this.listened = this.#listen();
    let n = 0;
    while (this.talking) {
      const contacts = [...this.contacts].slice(-6);
      if (contacts.length === 0) {
        await this.agent.until(() => this.contacts.size > 0 || !this.talking, { seconds: 2 }).catch(() => {});
        continue;
      }
      const contact = contacts[n % contacts.length];
      const text = `${this.agent.jid.split('@')[0]} answers ${++n}`;
      const mark = this.agent.messages.length;
      const id = await this.agent.sayReceived(contact, text, { seconds: 60, stop: () =>
        !this.talking || this.agent.messages.slice(mark).some((one) => /^(\[lasna\] )?Not sent/.test(one.text)) })
        .catch(() => null);
      if (id) this.received.push({ contact, text });
      else this.contacts.delete(contact); // the chat has ended, or is somebody else's now
    }
  }

  async stop() {
    this.listening = false;
    await this.listened;
    await this.agent.stop();
  }
}

async function strike(instance, target) {
  if (target === 'xmpp') {
    await instance.kill('xmpp');
    await instance.startXmpp();
  } else if (target === 'everything') {
    const { links, web, xmpp: _, ...others } = await instance.pids();
    const all = [...Object.values(others), ...web, ...Object.values(links)];
    for (const pid of all) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await until(() => !all.some(isAlive), { what: 'the end of everything' });
    await instance.startDaemon();
  } else {
    await instance.restarted(target, await instance.kill(target));
  }
}

/** What is wrong between what was told and what is stored: lists of words. */
export function compare(talkers, answerers, exported) {
  const problems = { lost: [], doubled: [], disordered: [] };
  const all = Object.values(exported).flat();
  const byId = new Map(all.map((one) => [one.id, one]));
  const places = new Map(); // text → how often stored
  for (const { tenant, messages, id } of all) {
    messages.forEach(({ seq, text, from }, at) => {
      if (seq !== at + 1) problems.disordered.push(`${id}: seq ${seq} at place ${at + 1}`);
      places.set(text, (places.get(text) ?? 0) + 1);
      if (from === 'visitor' && !text.startsWith(tenant)) problems.lost.push(`${text}: stored at ${tenant}`);
    });
  }
  for (const [text, times] of places) if (times > 1) problems.doubled.push(`${text}: stored ${times} times`);

  for (const talker of talkers) {
    for (const { conversation, seq, text } of talker.saved) {
      if (byId.get(conversation)?.messages[seq - 1]?.text !== text) problems.lost.push(`${text}: ticked as ${conversation} ${seq}`);
    }
    for (const [conversation, heard] of talker.heard()) {
      const stored = byId.get(conversation)?.messages ?? [];
      let last = 0;
      for (const [seq, text] of heard) {
        if (stored[seq - 1]?.text !== text) problems.lost.push(`${text}: shown as ${conversation} ${seq}`);
        if (seq === last) problems.doubled.push(`${text}: shown twice`);
        else if (seq < last) problems.disordered.push(`${text}: shown after ${last}`);
        last = seq;
      }
      const shown = new Set(heard.map(([seq]) => seq));
      for (const { seq, from, text } of stored)
        if (from !== 'visitor' && !shown.has(seq)) problems.lost.push(`${text}: never shown to the visitor`);
    }
  }

  const read = new Map(); // visitor's text → ids it was heard by
  for (const { agent, received } of answerers) {
    for (const { text } of received) if (!places.has(text)) problems.lost.push(`${text}: received, not stored`);
    const last = new Map();
    for (const { from, id, text } of agent.messages) {
      const found = /^(.*) says (\d+)$/.exec(text);
      if (!found || !from.startsWith('v')) continue;
      read.set(text, (read.get(text) ?? new Set()).add(id));
      if (Number(found[2]) < (last.get(from) ?? 0) && !last.has(`${from} ${text}`)) problems.disordered.push(`${text}: heard after ${last.get(from)}`);
      last.set(from, Math.max(last.get(from) ?? 0, Number(found[2])));
      last.set(`${from} ${text}`, true);
    }
  }
  for (const [text, ids] of read) if (ids.size > 1) problems.doubled.push(`${text}: heard under ${ids.size} ids`);
  for (const { messages, ended_at: ended } of all) {
    if (ended) continue; // what was said last before an end may have had nobody left to hear it
    for (const { text, from } of messages) if (from === 'visitor' && !read.has(text)) problems.lost.push(`${text}: never heard by an agent`);
  }
  return problems;
}

export async function crash(rounds, seed, say) {
  const random = seeded(seed);
  const instance = await Instance.start();
  const anna = new Answerer(await Agent.login(instance, 'anna'));
  const ben = new Answerer(await Agent.login(instance, 'ben'));
  for (const tenant of TENANTS) await instance.control('agent', 'assign', 'anna@agents.localhost', tenant, '--limit', '50');
  await instance.control('agent', 'assign', 'ben@agents.localhost', 'borealis', '--limit', '50');
  const talkers = TENANTS.flatMap((tenant) => Array.from({ length: VISITORS }, (_, n) => new Talker(instance, tenant, n)));
  const answerers = [anna, ben];
  const running = [...talkers, ...answerers].map((one) => one.run());
  const stuck = [];
  const progress = () => [talkers.map(({ saved }) => saved.length), anna.received.length];
  const moved = async (by, what) => {
    const [saved, answers] = progress();
    await until(() => {
      const [now, then] = progress();
      return now.every((count, at) => count >= saved[at] + by) && then >= answers + 1;
    }, { seconds: 180, what }).catch((error) => stuck.push(error.message));
  };
  try {
    await moved(2, 'the first words');
    for (let round = 1; round <= rounds && stuck.length === 0; round++) {
      const target = TARGETS[Math.floor(random() * TARGETS.length)];
      await moved(1 + Math.floor(random() * 4), `traffic before round ${round}`);
      await strike(instance, target);
      await moved(2, `traffic after ${target} was killed in round ${round}`);
      say(`round ${round} of ${rounds}: ${target} killed; ${talkers.reduce((sum, { saved }) => sum + saved.length, 0)} ticked, ` +
        `${answerers.reduce((sum, { received }) => sum + received.length, 0)} received`);
    }
    for (const one of [...talkers, ...answerers]) one.talking = false;
    await Promise.all(running);
    // Everything that is stored and open has a while to arrive.
    let exported, problems;
    await until(async () => {
      exported = Object.fromEntries(await Promise.all(TENANTS.map(async (tenant) => [tenant, await instance.exported(tenant)])));
      problems = compare(talkers, answerers, exported);
      return Object.values(problems).every((list) => list.length === 0);
    }).catch(() => {});
    const messages = Object.values(exported).flat().reduce((sum, one) => sum + one.messages.length, 0);
    return { rounds, messages, conversations: Object.values(exported).flat().length, stuck, ...problems };
  } finally {
    for (const one of [...talkers, ...answerers]) one.talking = false;
    talkers.forEach(({ visitor }) => visitor.socket?.terminate());
    await Promise.all(answerers.map((one) => one.stop()));
    if (process.env.LASNA_KEEP) console.error(`kept: ${instance.home}`);
    await instance.stop();
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const rounds = Number(process.argv[2] ?? 20);
  const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 1e9));
  if (!Number.isInteger(rounds) || rounds < 1) {
    console.error('usage: crash.mjs [ROUNDS] [SEED]');
    process.exit(2);
  }
  console.error(`crash: seed ${seed}`);
  const result = await crash(rounds, seed, (line) => console.error(`crash: ${line}`));
  for (const kind of ['stuck', 'lost', 'doubled', 'disordered'])
    for (const line of result[kind].slice(0, 20)) console.error(`crash: ${kind}: ${line}`);
  console.log(`${result.rounds} rounds, ${result.conversations} conversations, ${result.messages} messages: ${result.lost.length} lost, ` +
    `${result.doubled.length} doubled, ${result.disordered.length} out of order, ${result.stuck.length} stuck`);
  process.exit(['stuck', 'lost', 'doubled', 'disordered'].some((kind) => result[kind].length > 0) ? 1 : 0);
}
