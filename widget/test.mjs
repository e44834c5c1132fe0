// SPDX-License-Identifier: Apache-2.0
// The widget without a browser: the picture of the chat (chat.ts), the store, the words, and
// what the build promises about sizes. Prints TAP.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'lasna-widget-'));

async function load(name) {
  const outfile = join(work, `${name}.mjs`);
  await build({ entryPoints: [join(here, 'src', `${name}.ts`)], bundle: true, format: 'esm', outfile, logLevel: 'error',
    define: { __LASNA_LANGUAGES__: '"en fi"' } });
  return import(outfile);
}

const { Chat, canRetry, isMessage } = await load('chat');
const { Connection, DEAD_MS, WELCOME_MS } = await load('connection');
const { Store } = await load('store');
const { fill, roughly } = await load('texts');
const { subjectOf, shelfOf } = await load('identity');
const { wording } = await load('bridge');
const { transcriptText } = await load('transcript');
const { inkOn } = await load('color');
const { due, parse } = await load('rules');
const { ownTexts } = await load('own');

/** A chat whose doings are kept; timers run when the test says so. */
function setUp({ unsent = [], connected = true } = {}) {
  const log = { sent: [], unsent: [...unsent], heard: [], emitted: [], timers: [], tokens: [], refused: [], uploads: [], revised: [], reactions: [], warned: 0 };
  let ids = 0;
  const chat = new Chat({
    send: (frame) => (connected ? (log.sent.push(frame), true) : false),
    addUnsent: (one) => log.unsent.push(one),
    dropUnsent: (cid) => (log.unsent = log.unsent.filter((one) => one.cid !== cid)),
    upload: (what) => log.uploads.push(what),
    refused: (code) => log.refused.push(code),
    keepToken: (token) => log.tokens.push(token),
    heard: (message) => log.heard.push(message.text),
    revised: (message) => log.revised.push(message.text),
    react: ({ emojis }, isNews) => log.reactions.push([emojis, isNews]),
    warned: () => log.warned++,
    emit: (name, detail) => log.emitted.push([name, detail]),
    changed: () => {},
    later: (ms, act) => log.timers.push({ ms, act }),
    newId: () => `id${++ids}`,
  }, unsent);
  return { chat, log };
}

/** A connection over sockets that do only what the test says; `goOffline` and `goOnline` are
 *  the browser's events. None of these sockets ever answers a goodbye. */
function connecting() {
  const sockets = [];
  const told = [];
  const listeners = {};
  class Socket {
    static OPEN = 1;
    readyState = 0;
    sent = [];
    constructor(url) {
      this.url = url;
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text).type);
    }
    close() {
      this.readyState = 2;
    }
    open() {
      this.readyState = 1;
      this.onopen?.();
    }
  }
  globalThis.WebSocket = Socket;
  globalThis.addEventListener = (name, act) => (listeners[name] = act);
  const connection = new Connection('ws://here', { hello: () => ({ type: 'hello' }), frame: ({ type }) => told.push(type),
    detour: async () => () => new Socket('the other way'), lost: () => told.push('lost'), badToken: () => told.push('bad token'), refused: () => told.push('refused') });
  connection.connect();
  return { connection, sockets, told, goOffline: () => listeners.offline(), goOnline: () => listeners.online() };
}

/** Timers run when the test says so. */
function holdTimers() {
  const { setTimeout, clearTimeout } = globalThis;
  const held = new Map();
  let ids = 0;
  globalThis.setTimeout = (act, ms) => (held.set(++ids, { act, ms }), ids);
  globalThis.clearTimeout = (id) => held.delete(id);
  return {
    due: (ms) => [...held.values()].filter((timer) => timer.ms === ms).map(({ act }) => act),
    release: () => Object.assign(globalThis, { setTimeout, clearTimeout }),
  };
}

const welcome = (more = {}) => ({ type: 'welcome', token: 't', visitor: 'v', conversation: null, availability: 'online',
  agent: null, last_seq: 0, settings: {}, ...more });
const said = (seq, text, more = {}) => ({ type: 'message', seq, from: 'agent', name: 'Anna', text,
  at: '2026-03-02T09:14:05.120Z', reply_to: null, cid: null, ...more });
const saved = (cid, seq) => ({ type: 'saved', cid, seq, at: '2026-03-02T09:14:05.120Z' });
const begin = (chat) => {
  chat.take(welcome());
  chat.take({ type: 'conversation', conversation: 'c1', state: 'queued' });
};
const texts = (chat) => chat.lines.filter(isMessage).map(({ text }) => text);
const states = (chat) => chat.lines.filter(isMessage).map(({ sending }) => sending);
const expire = (log, ms) => log.timers.filter((timer) => timer.ms === ms).forEach(({ act }) => act());

const cases = {
  'nothing is sent before the welcome, everything after it'() {
    const { chat, log } = setUp();
    chat.say('hello');
    assert.deepEqual(log.sent, []);
    chat.take(welcome());
    assert.deepEqual(log.sent, [{ type: 'say', cid: 'id1', text: 'hello', reply_to: null }]);
  },
  'a message climbs from sending to read and never back'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('hello');
    assert.deepEqual(states(chat), ['sending']);
    chat.take(saved('id1', 1));
    assert.deepEqual(states(chat), ['saved']);
    chat.take({ type: 'receipt', seq: 1, state: 'read' });
    chat.take({ type: 'receipt', seq: 1, state: 'delivered' });
    assert.deepEqual(states(chat), ['read']);
  },
  'what is changed says so, and is told once'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take(said(1, 'one'));
    chat.take(said(2, 'two'));
    chat.take({ type: 'edited', seq: 1, text: 'won', at: '2026-03-02T09:14:06.000Z' });
    chat.take({ type: 'edited', seq: 1, text: 'won', at: '2026-03-02T09:14:06.000Z' });
    chat.take({ type: 'withdrawn', seq: 2, at: '2026-03-02T09:14:07.000Z' });
    chat.take({ type: 'withdrawn', seq: 9, at: '2026-03-02T09:14:07.000Z' });
    assert.deepEqual(chat.lines.filter(isMessage).map(({ text, changed }) => [text, changed]), [['won', 'edited'], ['', 'withdrawn']]);
    assert.deepEqual(log.revised, ['won', '']);
    assert.deepEqual(log.heard, ['one', 'two']);
  },
  'a reaction goes to the part that shows it, as news unless it is replayed'() {
    const { chat, log } = setUp();
    const reaction = { type: 'reaction', seq: 1, from: 'agent', by: 'a', name: 'Anna', emojis: ['👍'] };
    chat.take(welcome({ conversation: 'c1' }));
    chat.take(said(1, 'one', { from: 'visitor' }));
    chat.take(reaction);
    chat.take({ type: 'conversation', conversation: 'c1', state: 'active' });
    chat.take(reaction);
    assert.deepEqual(log.reactions, [[['👍'], false], [['👍'], true]]);
    assert.deepEqual(log.heard, []);
  },
  'what was changed before it came says so'() {
    const { chat } = setUp();
    begin(chat);
    chat.take(said(1, 'won', { edited: true }));
    chat.take(said(2, '', { withdrawn: true }));
    assert.deepEqual(chat.lines.filter(isMessage).map(({ changed }) => changed), ['edited', 'withdrawn']);
  },
  'read counts for all words before it, delivered only for its own'() {
    const { chat } = setUp();
    begin(chat);
    for (const n of [1, 2, 3]) {
      chat.say(`m${n}`);
      chat.take(saved(`id${n}`, n));
    }
    chat.take({ type: 'receipt', seq: 3, state: 'delivered' });
    assert.deepEqual(states(chat), ['saved', 'saved', 'delivered']);
    chat.take({ type: 'receipt', seq: 2, state: 'read' });
    assert.deepEqual(states(chat), ['read', 'read', 'delivered']);
  },
  'what gets no answer is not sent, and can be tried again with the same cid'() {
    const { chat, log } = setUp();
    begin(chat);
    const message = chat.say('hello');
    expire(log, 10000);
    assert.deepEqual(states(chat), ['failed']);
    assert.ok(canRetry(message));
    chat.retry(message);
    assert.deepEqual(log.sent.map(({ cid }) => cid), ['id1', 'id1']);
    chat.take(saved('id1', 1));
    assert.deepEqual(states(chat), ['saved']);
  },
  'without a connection it takes longer to be called not sent'() {
    const { chat, log } = setUp();
    chat.say('hello');
    expire(log, 10000);
    assert.deepEqual(states(chat), ['sending']);
    expire(log, 20000);
    assert.deepEqual(states(chat), ['failed']);
  },
  'a saved message is not failed by an old timer'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.say('hello');
    chat.take(saved('id1', 1));
    expire(log, 10000);
    assert.deepEqual(states(chat), ['saved']);
  },
  'unsent words are kept over a reload and sent with the same cid'() {
    const { chat, log } = setUp({ unsent: [{ cid: 'old', text: 'from before' }] });
    assert.deepEqual(texts(chat), ['from before']);
    chat.take(welcome());
    assert.equal(log.sent[0].cid, 'old');
    chat.take(saved('old', 7));
    assert.deepEqual(log.unsent, []);
  },
  'unsent words that were saved after all come back as one message'() {
    const { chat } = setUp({ unsent: [{ cid: 'old', text: 'from before' }] });
    chat.take(welcome({ conversation: 'c1', last_seq: 1 }));
    chat.take(said(1, 'from before', { from: 'visitor', name: null, cid: 'old' }));
    chat.take(saved('old', 1));
    assert.deepEqual(texts(chat), ['from before']);
    assert.deepEqual(states(chat), ['saved']);
  },
  'after a connection lost and found, what is pending goes again'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.say('one');
    chat.lost();
    chat.take(welcome({ conversation: 'c1' }));
    assert.equal(log.sent.filter(({ cid }) => cid === 'id1').length, 2);
  },
  'offline, a socket that answers no goodbye is let go at once'() {
    const { connection, sockets, told, goOffline } = connecting();
    sockets[0].open();
    goOffline();
    assert.deepEqual(told, ['lost']);
    assert.equal(connection.send({ type: 'typing', on: true }), false);
    sockets[0].onclose?.({ code: 1006 }); // its goodbye at last, from nobody we know
    sockets[0].onmessage?.({ data: '{"type":"typing"}' });
    assert.deepEqual(told, ['lost']);
    connection.stop();
  },
  'one that is on its way is not broken off, but closed once it is there; one that hangs is'() {
    const timers = holdTimers();
    const { connection, sockets, goOffline } = connecting();
    connection.again();
    connection.stop();
    assert.deepEqual(sockets.map(({ readyState }) => readyState), [0, 0]);
    for (const socket of sockets) socket.open();
    assert.deepEqual(sockets.map(({ readyState, sent }) => [readyState, sent]), [[2, []], [2, []]], 'and nothing was said on them');
    connection.again();
    goOffline();
    assert.equal(sockets[2].readyState, 2);
    timers.release();
  },

  'back online, it connects at once, whatever still hangs'() {
    const { connection, sockets, told, goOffline, goOnline } = connecting();
    sockets[0].open();
    goOffline();
    connection.connect(); // the timer's attempt, with no network to answer it
    goOnline();
    assert.equal(sockets.length, 3);
    assert.equal(sockets[1].readyState, 2);
    sockets[2].open();
    assert.deepEqual(sockets[2].sent, ['hello']);
    goOnline(); // said twice: what is open stays
    assert.equal(sockets.length, 3);
    assert.deepEqual(told, ['lost']);
    connection.stop();
  },
  'a line on which nothing answers is left, and the next one says hello'() {
    const timers = holdTimers();
    const { connection, sockets, told } = connecting();
    sockets[0].open();
    sockets[0].onmessage({ data: '{"type":"welcome"}' });
    connection.send({ type: 'typing', on: true });
    assert.deepEqual(timers.due(DEAD_MS), [], 'typing has no answer to wait for');
    connection.send({ type: 'say' });
    connection.send({ type: 'say' });
    assert.equal(timers.due(DEAD_MS).length, 1, 'one watch, whatever else is said');
    timers.due(DEAD_MS)[0]();
    assert.deepEqual(told, ['welcome', 'lost']);
    assert.equal(sockets.length, 2);
    connection.stop();
    timers.release();
  },
  'anything that comes is a sign of life'() {
    const timers = holdTimers();
    const { connection, sockets } = connecting();
    sockets[0].open();
    sockets[0].onmessage({ data: '{"type":"welcome"}' });
    connection.send({ type: 'ping' });
    assert.deepEqual(sockets[0].sent, ['hello', 'ping']);
    sockets[0].onmessage({ data: '{"type":"availability"}' });
    assert.deepEqual(timers.due(DEAD_MS), []);
    connection.stop();
    timers.release();
  },
  'a handshake that hangs is given up'() {
    const timers = holdTimers();
    const { connection, sockets } = connecting();
    timers.due(WELCOME_MS)[0]();
    assert.equal(sockets[0].readyState, 2);
    assert.equal(sockets.length, 2);
    connection.stop();
    timers.release();
  },
  'stopped, it stays so until it is told to begin again'() {
    const { connection, sockets, goOnline } = connecting();
    sockets[0].open();
    connection.stop();
    goOnline();
    assert.equal(sockets.length, 1);
    connection.again();
    assert.equal(sockets.length, 2);
    connection.stop();
  },
  async 'where no WebSocket can pass it takes the other way, and comes back from it'() {
    const { connection, sockets, goOnline } = connecting();
    const fail = async () => {
      sockets.at(-1).onclose({ code: 1006 });
      await null; // what is fetched for it comes
      goOnline();
    };
    await fail(); // the first failure fetches the other way
    await fail();
    assert.deepEqual(sockets.map(({ url }) => url), ['ws://here', 'ws://here', 'the other way']);
    sockets[2].open();
    sockets[2].onmessage({ data: '{"type":"welcome"}' });
    await fail(); // it worked once: again
    await fail(); // it never came to a welcome: back
    assert.deepEqual(sockets.map(({ url }) => url).slice(3), ['the other way', 'ws://here']);
    connection.stop();
  },
  'sent elsewhere, it goes there and forgets where it was'() {
    const { connection, sockets, told } = connecting();
    sockets[0].open();
    sockets[0].onmessage({ data: '{"type":"see_other","url":"ws://there"}' });
    assert.deepEqual(sockets.map(({ url }) => url), ['ws://here', 'ws://there']);
    assert.deepEqual(told, []);
    connection.stop();
  },
  'a site nobody knows is asked once only, a bad token is forgotten'() {
    const strange = connecting();
    strange.sockets[0].onclose({ code: 4002 });
    strange.goOnline();
    assert.deepEqual([strange.told, strange.sockets.length], [['lost', 'refused'], 1]);
    const forged = connecting();
    forged.sockets[0].onclose({ code: 4003 });
    assert.deepEqual(forged.told, ['lost', 'bad token']);
    forged.connection.stop();
  },
  'too fast is tried again by itself when the server says so'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.say('one');
    chat.take({ type: 'error', code: 'too_fast', text: '', cid: 'id1', retry_after_ms: 800 });
    assert.deepEqual(states(chat), ['sending']);
    expire(log, 800);
    assert.equal(log.sent.length, 2);
  },
  'words that cannot be sent are not tried again'() {
    const { chat, log } = setUp();
    begin(chat);
    const message = chat.say('x'.repeat(5000));
    chat.take({ type: 'error', code: 'too_long', text: '', cid: 'id1', retry_after_ms: null });
    assert.ok(!canRetry(message));
    chat.take(welcome());
    assert.equal(log.sent.length, 1);
    chat.discard(message);
    assert.deepEqual(texts(chat), []);
    assert.deepEqual(log.unsent, []);
  },
  'history is shown but is not news'() {
    const { chat, log } = setUp();
    chat.take(welcome({ conversation: 'c1', last_seq: 2 }));
    chat.take(said(1, 'old one'));
    chat.take(said(2, 'old two'));
    chat.take({ type: 'conversation', conversation: 'c1', state: 'active' });
    chat.take(said(3, 'new'));
    assert.deepEqual(texts(chat), ['old one', 'old two', 'new']);
    assert.deepEqual(log.heard, ['new']);
  },
  'what is asked for goes with the words, however often they are sent, and over a reload'() {
    const request = { kind: 'callback', to: '+358 40 1234567', time: '' };
    const { chat, log } = setUp();
    begin(chat);
    chat.say('call me', request);
    assert.deepEqual(log.unsent, [{ cid: 'id1', text: 'call me', request, reply: undefined }]);
    const after = setUp({ unsent: log.unsent });
    begin(after.chat);
    assert.deepEqual([...log.sent, ...after.log.sent].map((frame) => frame.request), [request, request]);
  },
  'told twice is shown once'() {
    const { chat } = setUp();
    begin(chat);
    chat.take(said(1, 'once'));
    chat.take(said(1, 'once'));
    assert.deepEqual(texts(chat), ['once']);
  },
  'order is by seq, whatever came first'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('mine');
    chat.take(said(1, 'first'));
    chat.take(said(3, 'third'));
    chat.take(saved('id1', 2));
    assert.deepEqual(texts(chat), ['first', 'mine', 'third']);
  },
  'a notice stays where it stood when a message before it is saved'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('hello');
    chat.take({ type: 'agent', state: 'joined', name: 'Anna', avatar: null });
    chat.take(saved('id1', 1));
    assert.deepEqual(chat.lines.map((entry) => entry.notice ?? entry.text), ['hello', 'joined']);
  },
  'who joins the agent for a while leaves them where they were'() {
    const { chat } = setUp();
    begin(chat);
    chat.take({ type: 'agent', state: 'joined', name: 'Anna', avatar: null });
    chat.take({ type: 'agent', state: 'joined', name: 'Sanna', avatar: null });
    assert.equal(chat.agent.name, 'Anna');
    chat.take({ type: 'agent', state: 'left', name: 'Sanna', avatar: null });
    assert.equal(chat.agent.name, 'Anna');
    chat.take({ type: 'agent', state: 'left', name: 'Anna', avatar: null });
    assert.equal(chat.agent, null);
  },
  'another tab’s words come in as the visitor’s own'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take(said(1, 'from the other tab', { from: 'visitor', name: null, cid: 'other' }));
    assert.equal(chat.lines[0].from, 'visitor');
    assert.deepEqual(log.heard, []);
  },
  'after the end the next words begin a new conversation, and the old one stays above'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('one');
    chat.take(saved('id1', 1));
    chat.take({ type: 'ended', reason: 'agent' });
    chat.say('two');
    chat.take({ type: 'conversation', conversation: 'c2', state: 'queued' });
    chat.take(saved('id2', 1));
    chat.take(said(2, 'answer'));
    assert.deepEqual(chat.lines.map((entry) => entry.notice ?? entry.text), ['one', 'ended', 'two', 'answer']);
    assert.equal(chat.lastSeq, 2);
  },
  'an end that is told again after a reconnection shows once'() {
    const { chat } = setUp();
    begin(chat);
    chat.take({ type: 'ended', reason: 'agent' });
    chat.lost();
    chat.take(welcome({ conversation: 'c1' }));
    chat.take({ type: 'conversation', conversation: 'c1', state: 'ended' });
    chat.take({ type: 'ended', reason: 'agent' });
    assert.equal(chat.lines.length, 1);
    assert.equal(chat.state, 'ended');
  },
  'a receipt of the new conversation does not mark the old one'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('one');
    chat.take(saved('id1', 1));
    chat.take({ type: 'conversation', conversation: 'c2', state: 'queued' });
    chat.take({ type: 'receipt', seq: 1, state: 'read' });
    assert.deepEqual(states(chat), ['saved']);
  },
  'read is told once for each newest word of others'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take(said(1, 'hi'));
    chat.seen();
    chat.seen();
    chat.take(said(2, 'again'));
    chat.seen();
    assert.deepEqual(log.sent, [{ type: 'read', seq: 1 }, { type: 'read', seq: 2 }]);
  },
  'of what was said before, all is read at once'() {
    const { chat, log } = setUp();
    chat.take(welcome({ conversation: 'c1', last_seq: 3 }));
    for (const seq of [1, 2, 3]) {
      assert.deepEqual(log.sent, []);
      chat.take(said(seq, `word ${seq}`));
      chat.seen();
    }
    assert.deepEqual(log.sent, [{ type: 'read', seq: 3 }]);
  },
  'a long history is drawn in a few steps, and whole at the end'() {
    const { chat } = setUp();
    let draws = 0;
    chat.does.changed = () => draws++;
    chat.take(welcome({ conversation: 'c1', last_seq: 1000 }));
    for (let seq = 1; seq < 1000; seq++) chat.take(said(seq, 'word'));
    assert.ok(draws > 10 && draws < 20, `${draws} times`);
    const before = draws;
    chat.take(said(1000, 'the last'));
    chat.take(said(1001, 'news'));
    assert.equal(draws, before + 2);
  },
  'events of the page are told'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take({ type: 'availability', availability: 'offline' });
    chat.take({ type: 'ended', reason: 'timeout' });
    assert.deepEqual(log.emitted.map(([name]) => name),
      ['availability', 'conversation-started', 'availability', 'conversation-ended']);
  },
  'warned of the end, the visitor stays; the warning goes with whatever happens'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take({ type: 'idle', ends_in_s: 120 });
    assert.deepEqual([chat.endsIn, log.warned], [120, 1]);
    chat.stay();
    assert.deepEqual(log.sent, [{ type: 'stay' }]);
    chat.take({ type: 'idle', ends_in_s: null });
    assert.deepEqual([chat.endsIn, log.warned], [null, 1]);
    for (const end of [() => chat.lost(), () => chat.take({ type: 'ended', reason: 'timeout' }), () => chat.reset([])]) {
      chat.take({ type: 'idle', ends_in_s: 20 });
      end();
      assert.equal(chat.endsIn, null);
    }
  },
  'typing ends when the words come'() {
    const { chat } = setUp();
    begin(chat);
    chat.take({ type: 'typing', on: true });
    assert.ok(chat.typing);
    chat.take(said(1, 'here'));
    assert.ok(!chat.typing);
  },
  'the store survives nonsense, a full disk and no storage at all'() {
    const spoilt = new Store('k', { getItem: () => '{"token":7,"unsent":[{"cid":1},null]}', setItem: () => {}, removeItem: () => {} });
    assert.deepEqual(spoilt.kept, { token: '', draft: '', unsent: [], quiet: false, plain: false, name: '', email: '', agreed: '', surveyed: '' });
    const full = new Store('k', { getItem: () => 'not json', setItem() { throw new Error('full'); }, removeItem() { throw new Error('no'); } });
    full.keep({ token: 'a' });
    assert.equal(full.kept.token, 'a');
    full.forget();
    assert.equal(full.kept.token, '');
    new Store('k', null).keep({ draft: 'x' });
  },
  'a reply names what it answers, in its own conversation only'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take(said(1, 'Pro or Basic?'));
    const [question] = chat.lines;
    assert.ok(chat.canAnswer(question));
    chat.answer(question);
    chat.say('call me', { kind: 'callback', to: '040', time: '' });
    assert.deepEqual([log.sent.at(-1).reply_to, chat.answering], [null, question], 'a request is no reply');
    const own = chat.say('Pro');
    assert.deepEqual([log.sent.at(-1).reply_to, own.replyTo, chat.answered(own), chat.answering], [1, 1, question, null]);
    chat.retry(own);
    assert.equal(log.sent.at(-1).reply_to, 1, 'sent again, it still is one');
    assert.ok(!chat.canAnswer(own), 'own words are not answered');
    chat.answer(question);
    chat.take({ type: 'withdrawn', seq: 1, at: '2026-03-02T09:14:06.000Z' });
    assert.deepEqual([chat.answering, chat.canAnswer(question)], [null, false]);
    chat.take(said(2, 'and for how many?'));
    const second = chat.lines.find(({ seq }) => seq === 2);
    chat.answer(second);
    chat.take({ type: 'ended', reason: 'agent' });
    assert.deepEqual([chat.answering, chat.canAnswer(second)], [null, false]);
    chat.take({ type: 'conversation', conversation: 'c2', state: 'queued' });
    assert.equal(own.replyTo, null, 'unsent, it goes into another conversation as words');
  },
  'what was corrected is what it is now: words, or a file'() {
    const { chat } = setUp();
    begin(chat);
    const file = { name: 'prices.pdf', type: null, size: null, url: 'https://files.example/prices.pdf' };
    const at = '2026-03-02T09:14:06.000Z';
    chat.take(said(1, 'here it is'));
    chat.take({ type: 'edited', seq: 1, text: file.url, file, at });
    assert.deepEqual([chat.lines[0].file, chat.lines[0].changed], [file, 'edited']);
    chat.take({ type: 'edited', seq: 1, text: 'sorry, not yet', file: null, at });
    assert.deepEqual([chat.lines[0].file, chat.lines[0].text], [null, 'sorry, not yet']);
    chat.take({ type: 'withdrawn', seq: 1, at });
    assert.equal(chat.lines[0].file, undefined);
  },
  'a number is of the current conversation'() {
    const { chat } = setUp();
    begin(chat);
    chat.take(said(1, 'one'));
    chat.take(said(2, 'two'));
    assert.equal(chat.numbered(2).text, 'two');
    chat.take({ type: 'conversation', conversation: 'c2', state: 'queued' });
    chat.take(said(1, 'anew'));
    assert.deepEqual([chat.numbered(1).text, chat.numbered(2)], ['anew', undefined]);
  },
  'every language has every text, and none is empty'() {
    const read = (file) => JSON.parse(readFileSync(join(here, 'texts', file), 'utf8'));
    const english = read('en.json');
    const files = readdirSync(join(here, 'texts'));
    for (const language of ['en', 'fi', 'sv']) assert.ok(files.includes(`${language}.json`));
    const same = (file, texts, englishTexts) => {
      assert.deepEqual(Object.keys(texts), Object.keys(englishTexts), file);
      for (const [key, text] of Object.entries(texts)) {
        if (typeof text === 'object') {
          same(file, text, englishTexts[key]);
          continue;
        }
        assert.ok(text.length > 0, `${file}: ${key}`);
        assert.equal(text.includes('{}'), englishTexts[key].includes('{}'), `${file}: ${key} fills in what en does`);
      }
    };
    for (const file of files) same(file, read(file), english);
  },
  'an unsent reply is one still after a reload, where what it answers stands'() {
    const before = setUp();
    before.chat.take(welcome({ conversation: 'c1', last_seq: 1 }));
    before.chat.take(said(1, 'Pro or Basic?'));
    before.chat.answer(before.chat.lines[0]);
    before.chat.say('Pro');
    const again = setUp({ unsent: before.log.unsent });
    again.chat.take(welcome({ conversation: 'c1', last_seq: 1 }));
    assert.equal(again.log.sent.at(-1).reply_to, 1);
    for (const conversation of ['c2', null]) {
      const later = setUp({ unsent: before.log.unsent });
      later.chat.take(welcome({ conversation, last_seq: 1 }));
      assert.deepEqual([later.log.sent.at(-1).text, later.log.sent.at(-1).reply_to], ['Pro', null], 'words like others in another conversation');
    }
  },
  'what was chosen to be answered is not answered in another conversation'() {
    const { chat, log } = setUp();
    begin(chat);
    chat.take(said(1, 'Pro or Basic?'));
    chat.answer(chat.lines[0]);
    chat.lost();
    chat.take(welcome({ conversation: 'c2', last_seq: 1 })); // begun in another tab meanwhile
    assert.equal(chat.answering, null);
    chat.say('Pro');
    assert.equal(log.sent.at(-1).reply_to, null);
  },
  'two tabs keep their unsent words beside each other'() {
    const device = new Map();
    const storage = { getItem: (key) => device.get(key) ?? null, setItem: (key, text) => device.set(key, text),
                      removeItem: (key) => device.delete(key) };
    const one = new Store('k', storage), other = new Store('k', storage);
    one.addUnsent({ cid: 'a', text: 'from one' });
    other.addUnsent({ cid: 'b', text: 'from the other' });
    other.keep({ token: 't' });
    one.dropUnsent('a');
    assert.deepEqual(new Store('k', storage).kept.unsent, [{ cid: 'b', text: 'from the other' }]);
    assert.equal(one.refresh().token, 't');
  },
  'an earlier conversation goes above, once, and is no news'() {
    const { chat, log } = setUp();
    const earlier = (seq, text) => ({ ...said(seq, text), type: 'earlier' });
    chat.take(welcome({ conversation: 'c2', last_seq: 1, settings: { earlier: true } }));
    chat.take(said(1, 'now'));
    assert.deepEqual([chat.oldest, chat.hasEarlier], ['c2', true]);
    chat.take(earlier(1, 'then'));
    chat.take(earlier(2, 'then, too'));
    chat.take({ type: 'earlier_end', conversation: 'c1', opened_at: '2026-01-02T09:00:00.000Z', more: false });
    assert.deepEqual(chat.lines.map((entry) => entry.notice ?? entry.text), ['began', 'then', 'then, too', 'began', 'now']);
    assert.deepEqual([chat.oldest, chat.hasEarlier], ['c1', false]);
    chat.take(earlier(1, 'then')); // it was asked for twice, on a slow line
    chat.take({ type: 'earlier_end', conversation: 'c1', opened_at: '2026-01-02T09:00:00.000Z', more: false });
    assert.deepEqual(texts(chat), ['then', 'then, too', 'now']);
    chat.take(said(2, 'and on'));
    assert.equal(texts(chat).at(-1), 'and on');
    assert.deepEqual(log.heard, ['and on']);
    chat.take({ type: 'receipt', seq: 1, state: 'read' });
    chat.lost();
    chat.take(earlier(1, 'cut off in the middle'));
    chat.take(welcome({ conversation: 'c2', last_seq: 2, settings: { earlier: true } }));
    assert.equal(chat.hasEarlier, false, 'it stands above already');
    chat.take({ type: 'earlier_end', conversation: null, opened_at: '2026-01-02T09:00:00.000Z', more: false });
    assert.deepEqual(texts(chat), ['then', 'then, too', 'now', 'and on']);
  },
  'another person finds nothing of the one before'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('mine');
    chat.take(said(1, 'yours'));
    chat.reset([{ cid: 'x', text: 'somebody else’s' }]);
    assert.deepEqual(texts(chat), ['somebody else’s']);
    assert.equal(chat.conversation, null);
    assert.equal(chat.lastSeq, 0);
    assert.ok(!chat.live);
  },
  'a refusal of the whole hello is told, one of a message is not'() {
    const { chat, log } = setUp();
    chat.take({ type: 'error', code: 'bad_identity', text: 'no', cid: null, retry_after_ms: null });
    begin(chat);
    chat.say('x');
    chat.take({ type: 'error', code: 'too_long', text: 'no', cid: 'id1', retry_after_ms: null });
    assert.deepEqual(log.refused, ['bad_identity']);
  },
  'a reply knows what it answers'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('which one?');
    chat.take(saved('id1', 1));
    chat.take(said(2, 'that one', { reply_to: 1 }));
    assert.equal(chat.answered(chat.lines[1]).text, 'which one?');
    assert.equal(chat.answered(chat.lines[0]), undefined);
    const reply = chat.lines[1];
    chat.take({ type: 'conversation', conversation: 'c2', state: 'queued' });
    chat.take(said(1, 'and this?'));
    assert.equal(chat.answered(reply).text, 'which one?', 'nor of the conversation after it');
    chat.take({ ...said(1, 'long ago'), type: 'earlier' });
    chat.take({ ...said(2, 'yes', { reply_to: 1 }), type: 'earlier' });
    chat.take({ type: 'earlier_end', conversation: 'c0', opened_at: '2026-01-02T09:00:00.000Z', more: false });
    assert.equal(chat.answered(chat.lines.find(({ text }) => text === 'yes')).text, 'long ago');
    assert.equal(chat.answered(reply).text, 'which one?');
  },
  'the subject of an identity, and a shelf that does not tell it'() {
    const token = (claims) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
    assert.equal(subjectOf(token({ sub: 'makinen-17' })), 'makinen-17');
    assert.equal(new Set(['makinen', 'mäkinen', 'mökinen'].map((sub) => subjectOf(token({ sub })))).size, 3);
    for (const bad of [undefined, '', 'x', 'x.y.z', token({}), token({ sub: 7 }), token(null)]) assert.equal(subjectOf(bad), '');
    assert.equal(shelfOf(''), '');
    assert.notEqual(shelfOf('mäkinen-17'), shelfOf('mäkinen-18'));
    assert.ok(!shelfOf('mäkinen-17').includes('kinen'));
  },
  'words of the tenant: in the language, else in every other, else none'() {
    assert.equal(wording({ '': 'Hi', fi: 'Hei' }, 'fi'), 'Hei');
    assert.equal(wording({ '': 'Hi', fi: 'Hei' }, 'sv'), 'Hi');
    assert.equal(wording(undefined, 'sv'), '');
  },
  'how long it usually takes, in round numbers'() {
    const words = { answerSoon: 'soon', answerMinutes: '{} min' };
    assert.deepEqual([0, 44, 45, 89, 100, 600].map((s) => roughly(s, words)), ['soon', 'soon', '1 min', '1 min', '2 min', '10 min']);
  },
  'the saved copy has what was said, and nothing that was not'() {
    const { chat } = setUp();
    begin(chat);
    chat.say('mine');
    chat.take(saved('id1', 1));
    chat.take(said(2, 'yours'));
    chat.say('not sent yet');
    const text = transcriptText(chat, { you: 'You' }, 'Acme Oy', 'en');
    assert.match(text, /^Acme Oy\r\n\r\n\[.*\] You: mine\r\n\[.*\] Anna: yours\r\n$/);
  },
  'a name with a dollar sign is filled in as it is'() {
    assert.equal(fill('{} is writing…', '$& $1'), '$& $1 is writing…');
  },
  'a rule greets on its pages, after its time, so often as it may'() {
    const rules = parse('page=/pricing* after=2min: Prices?\npage=/a.c: Dot\nscroll=50 cart=100 visit=2 times=2: Come: in\n\n');
    const greets = (now, known = {}) => due(rules, { path: '/', seconds: 0, scroll: 0, cart: 0, ...now }, { visits: 0, shown: {}, ...known })?.text;
    assert.equal(greets({ path: '/pricing/team', seconds: 119 }), undefined);
    assert.equal(greets({ path: '/pricing/team', seconds: 120 }), 'Prices?');
    assert.equal(greets({ path: '/pricing', seconds: 120 }, { shown: { 'Prices?': 1 } }), undefined);
    assert.equal(greets({ path: '/en/pricing', seconds: 120 }), undefined);
    assert.deepEqual([greets({ path: '/a.c' }), greets({ path: '/abc' })], ['Dot', undefined]);
    const much = { scroll: 50, cart: 100 };
    assert.equal(greets(much, { visits: 2 }), 'Come: in');
    assert.equal(greets(much, { visits: 1 }), undefined);
    assert.equal(greets({ ...much, cart: 99 }, { visits: 2 }), undefined);
    assert.equal(greets({ ...much, scroll: 49 }, { visits: 2 }), undefined);
    assert.equal(greets(much, { visits: 2, shown: { 'Come: in': 1 } }), 'Come: in');
    assert.equal(greets(much, { visits: 2, shown: { 'Come: in': 2 } }), undefined);
  },
  'ink reads on any colour with 4.5:1'() {
    const luminance = (color) => {
      const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
      const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (let n = 0; n < 52 ** 3; n++) {
      const color = `#${[n % 52, Math.floor(n / 52) % 52, Math.floor(n / 2704)].map((part) => (part * 5).toString(16).padStart(2, '0')).join('')}`;
      const lights = [luminance(color), inkOn(color) === '#000' ? 0 : 1].sort((a, b) => b - a);
      assert.ok((lights[0] + 0.05) / (lights[1] + 0.05) >= 4.5, color);
    }
  },
  'a file goes like words do, again after a reconnection, and stays where it is to be had'() {
    const { chat, log } = setUp();
    chat.take(welcome());
    const blob = { name: 'kuva.png', size: 12 };
    chat.say(blob.name, undefined, blob);
    const [message] = chat.unsent();
    assert.deepEqual([message.text, message.blob, message.sending], ['kuva.png', blob, 'sending']);
    assert.deepEqual([log.uploads, log.unsent, log.sent], [[message], [], []]);
    const ticket = { type: 'upload', cid: message.cid, ticket: 't', have: 0 };
    chat.take(ticket);
    chat.lost();
    chat.take(welcome());
    assert.deepEqual(log.uploads, [message, ticket, message]);
    chat.fail(message, 'bad_type');
    assert.ok(!canRetry(message));
    chat.fail(message, 'timeout');
    assert.ok(canRetry(message));
    chat.retry(message);
    const file = { name: 'kuva.png', type: 'image/png', size: 12, url: '/f/acme/key/kuva.png' };
    chat.take({ type: 'saved', cid: message.cid, seq: 1, at: '2026-03-02T09:14:05.120Z', file });
    assert.deepEqual([message.file, message.blob, message.sending, chat.unsent()], [file, undefined, 'saved', []]);
    chat.take({ type: 'message', seq: 2, from: 'visitor', name: null, text: 'b.txt', at: '2026-03-02T09:14:05.120Z', reply_to: null, cid: 'c', file: { ...file, name: 'b.txt' } });
    assert.equal(chat.lines.at(-1).file.name, 'b.txt');
  },
  'a tenant’s own words stand in place of ours, each where its name says'() {
    const names = { texts: ['states', 'write'], more: ['asked', 'begin'] };
    const own = ownTexts({ fi: { write: 'Kirjoita', 'states.saved': 'Meni', 'asked.name': 'Nimesi', 'states.none.such': 'x', states: 'x', 'write.x': 'x', gone: 'x' },
      '': { begin: 'Go' } }, names);
    const put = (list, language, part) => (own.put(list, language, part), list);
    assert.deepEqual(put([{ saved: 'Lähetetty', read: 'Luettu' }, 'Kirjoita viesti'], 'fi', 'texts')[1], 'Kirjoita');
    assert.deepEqual(put([{ saved: 'Lähetetty', read: 'Luettu' }, ''], 'fi', 'texts')[0].saved, 'Meni');
    assert.deepEqual(put([{ name: 'Nimi' }, 'Aloita'], 'fi', 'more'), [{ name: 'Nimesi' }, 'Aloita']);
    assert.deepEqual(put([{ name: 'Name' }, 'Start'], 'en', 'more'), [{ name: 'Name' }, 'Go'], 'a language that says nothing has what counts for all');
    assert.deepEqual([own.speaks('fi'), own.speaks('en')], [true, false]);
    const [, lists] = /lists\[\] = \{(.*?)\}/.exec(readFileSync(join(here, '..', 'tenant', 'own_texts.c'), 'utf8'));
    const objects = Object.entries(JSON.parse(readFileSync(join(here, 'texts', 'en.json'), 'utf8'))).filter(([, words]) => typeof words === 'object').map(([key]) => key);
    assert.deepEqual(objects.filter((key) => lists.includes(`"${key}"`)), objects.filter((key) => key !== 'states'), 'the server knows the lists there are');
  },
  'the build keeps its sizes and names its files by their content'() {
    const out = join(work, 'out');
    execFileSync(process.execPath, [join(here, 'build.mjs'), out]);
    const sizes = JSON.parse(readFileSync(join(out, 'sizes.json'), 'utf8'));
    assert.ok(sizes.loader <= 3 * 1024, `loader ${sizes.loader}`);
    assert.ok(sizes.open <= 15 * 1024, `open ${sizes.open}`);
    assert.ok(sizes.all <= 18 * 1024, `all ${sizes.all}`);
    const frame = readFileSync(join(out, 'frame.html'), 'utf8');
    const [, hash] = /\/a\/frame-(\w{12})\.js/.exec(frame);
    const loader = readFileSync(join(out, 'loader.js'), 'utf8');
    const names = readdirSync(join(out, 'assets')).filter((file) => /\.(js|json)$/.test(file));
    assert.equal(names.filter((name) => name.includes(hash)).length, names.length - 2, 'all but the rules and what asks buyers are of one hash');
    const [rules] = names.filter((name) => name.startsWith('rules-')).map((name) => readFileSync(join(out, 'assets', name), 'utf8'));
    for (const name of names) {
      assert.ok(name.includes(hash) || loader.includes(`/a/${name}`) || rules.includes(`/a/${name}`), name);
      const plain = readFileSync(join(out, 'assets', name));
      assert.ok(plain.equals(gunzipSync(readFileSync(join(out, 'assets', `${name}.gz`)))));
    }
    const words = (name) => JSON.parse(readFileSync(join(out, 'assets', `${name}-${hash}.json`), 'utf8'));
    const english = JSON.parse(readFileSync(join(here, 'texts', 'en.json'), 'utf8'));
    assert.deepEqual([...words('texts-en').slice(0, 2), words('seldom-en')[2]], [english.states, english.greeting, english.seldom.end]);
    assert.ok(!/<script>|style=|\son[a-z]+=/.test(frame), 'nothing inline');
  },
};

let failed = 0;
console.log(`1..${Object.keys(cases).length}`);
for (const [at, [name, run]] of Object.entries(cases).entries()) {
  try {
    await run();
    console.log(`ok ${at + 1} - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${at + 1} - ${name}\n${String(error.stack).replace(/^/gm, '# ')}`);
  }
}
rmSync(work, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
