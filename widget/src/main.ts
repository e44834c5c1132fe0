// SPDX-License-Identifier: Apache-2.0
// The chat in its frame: joins the picture (chat.ts), the screen (view.ts), the connection and
// the store, and talks with the loader on the page around it.
import { wording } from './bridge.ts';
import type { Config, Identity, SiteEvent, ToFrame, ToPage } from './bridge.ts';
import { Chat, isMessage } from './chat.ts';
import { Connection } from './connection.ts';
import { wear } from './dom.ts';
import style from './frame.part.css';
import type { Files } from './files.ts';
import type { OwnTexts } from './own.ts';
import { shelfOf, subjectOf } from './identity.ts';
import type { Reactions } from './react.ts';
import type { Page, Request, Survey, Wish } from './protocol.ts';
import { Store } from './store.ts';
import { beside, nearest, textsIn } from './texts.ts';
import type { MoreTexts, ReactTexts, SeldomTexts, Texts } from './texts.ts';
import { View } from './view.ts';
import type { Refused } from './view.ts';

/** What more.ts and seldom.ts use, too, and take from here (build.mjs). */
export { isMessage } from './chat.ts';
export { button, el, linked, picture, wear } from './dom.ts';
export { fill } from './texts.ts';

wear(style);

/** What not every chat needs, with its words. */
async function load<Parts, Words>(name: string): Promise<Parts & { texts: Words }> {
  const [parts, texts] = await Promise.all([import(beside(name, 'js')) as Promise<Parts>, words<Words>(language, name)]);
  return { ...parts, texts };
}

/** What one of our files says, with the tenant's own words where it has any. */
async function words<Words>(language: string, part: string): Promise<Words> {
  if (config.texts) own ??= await ((await import(beside('own', 'js'))) as typeof import('./own.ts')).fetchOwn();
  const texts = await textsIn<Words>(language, part);
  own?.put(texts, language, part);
  return texts;
}
const more = () => load<typeof import('./more.ts'), MoreTexts>('more');
const seldom = () => load<typeof import('./seldom.ts'), SeldomTexts>('seldom');
/** Emojis beside messages, once there are some; one at a time, so that the last counts. */
const reactions = () => (reacting ??= load<typeof import('./react.ts'), ReactTexts>('react').then(({ Reactions, texts }) => new Reactions(chat, view, texts)));
let reacting: Promise<Reactions> | undefined;

const TYPING_MS = 5000;
const SETTLE_MS = 10000;
const AGAIN_MS = 2000;
const PING_MS = 40000; // so often we ask for a sign of life while somebody looks on

/** Who embeds us. Our frame-ancestors list decides who may; a lie here only cuts the liar off. */
const embedder = decodeURIComponent(location.hash.slice(1));
const tenant = location.pathname.split('/')[2] ?? '';
const site = new URLSearchParams(location.search).get('site') ?? '';

/** What a browser may refuse a frame of another origin; then we do without. */
function unlessBlocked<T>(get: () => T): T | null {
  try {
    return get();
  } catch {
    return null;
  }
}

const shelf = `lasna:${tenant}:${site}`;
const shelfFor = (subject: string) => new Store(shelf + shelfOf(subject), unlessBlocked(() => localStorage));

let config!: Config; // init() brings it, and nothing is done before
let page!: Page;
let identity: Identity | null = null;
let subject = ''; // whom the site says it is, as far as we can tell; '': a guest
let store = shelfFor('');
let language = 'en';
let wanted = ''; // language
let own: OwnTexts | undefined;
let shown = false;
let unread = 0;
let begun = false;
let refused: Refused = '';
let typingTimer = 0;
let settled = () => {};
const waiting: SiteEvent[] = []; // the site's events from before there was a connection

function tell(message: ToPage): void {
  if (embedder) parent.postMessage(message, embedder);
}

function newId(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join('-'); // randomUUID() is not there on plain http
}

const isWatched = () => shown && !document.hidden;

/** Tabs of one visitor: what is read in one is read in all. */
const tabs = unlessBlocked(() => new BroadcastChannel(shelf));
tabs?.addEventListener('message', () => count(0));

function count(now: number): void {
  if (unread === now) return;
  unread = now;
  tell({ lasna: 'unread', count: now, plain: store.kept.plain });
}

const chat = new Chat({
  send: (frame) => connection.send(frame),
  addUnsent: (one) => store.addUnsent(one),
  dropUnsent: (cid) => store.dropUnsent(cid),
  keepToken(token) {
    // The identity opens what it opened; a token beside it would only lie about.
    if (!identity?.token && token !== store.kept.token) store.keep({ token });
    settled();
    for (const event of waiting.splice(0)) connection.send({ type: 'event', ...event });
  },
  upload: (what) => filesPart!.upload(what), // which has begun it
  refused(code) {
    if (code === 'forgotten') forgotten();
    chat.asked?.(code);
    if (code !== 'bad_identity' && code !== 'identity_required') return;
    refused = 'signIn';
    connection.stop(); // the site's page may say anew who it is
  },
  heard(message) {
    view.announce(message);
    call();
  },
  warned: () => call(),
  revised: (message) => view.announce(message),
  react: (frame, isNews) => void reactions().then((part) => part.take(frame, isNews), () => (reacting = undefined)),
  emit(name, detail) {
    if (name === 'conversation-started' && store.kept.agreed)
      connection.send({ type: 'event', name: 'consent', id: store.kept.agreed });
    tell({ lasna: 'emit', name, detail });
  },
  changed() {
    drawCard();
    view.draw(refused);
    looked();
  },
  later: (ms, act) => void setTimeout(act, ms),
  newId,
}, []); // sitDown() knows what is unsent

/** What has to do with files, once somebody has. */
const files = async () => {
  const { Files, texts } = await more();
  return (filesPart ??= new Files(chat, view, texts));
};
let filesPart: Files | undefined;

/** Here is something new, should nobody be looking. */
function call(): void {
  if (isWatched()) return;
  if (!store.kept.quiet) seldom().then(({ chime }) => chime(), () => {});
  count(unread + 1);
}

function looked(): void {
  if (!isWatched()) return;
  chat.seen();
  if (unread === 0) return;
  count(0);
  tabs?.postMessage('read');
}

function stopTyping(): void {
  if (!typingTimer) return;
  clearTimeout(typingTimer);
  typingTimer = 0;
  if (chat.live) connection.send({ type: 'typing', on: false });
}

const view = new View(chat, {
  say(text) {
    stopTyping();
    say(text);
  },
  close: () => tell({ lasna: 'close' }),
  draft: (draft) => store.keep({ draft }),
  typing() {
    if (!typingTimer && chat.live) connection.send({ type: 'typing', on: true });
    clearTimeout(typingTimer);
    typingTimer = setTimeout(stopTyping, TYPING_MS);
  },
  looked,
  files: (what, words) => void files().then((part) => part.take(what, words), () => {}),
  react: (message, meta) => void reactions().then((part) => part.pick(message, meta), () => (reacting = undefined)),
  emoji: (opener, text) => void seldom().then(({ emoji, texts }) => emoji(opener, text, texts), () => {}),
  menu: (opener) => void seldom().then(({ menu, texts }) => menu(opener, {
    chat, view, config, language, texts, wish, kept: store.kept, keep: (change) => store.keep(change),
    send: (frame) => connection.send(frame),
  }), () => {}),
}, {} as Texts); // until init() has them

/** As the visitor wished: nothing is left, nothing is connected, until they begin anew. */
function forgotten(): void {
  connection.stop();
  store.forget();
  refused = 'forgotten';
  count(0);
  chat.reset([]);
  view.restore('');
  view.alert(view.texts.states.forgotten);
  tell({ lasna: 'forgotten' });
}

function say(text: string, request?: Request): void {
  chat.say(text, request);
  beginAnew();
}

function beginAnew(): void {
  if (refused !== 'forgotten') return;
  refused = '';
  connection.again();
}

// --- what is asked before and after ---

let card = '?'; // which form stands there; at first nothing can be written: nobody knows whose words it were
let wished: Wish | 'mail' | '' = ''; // the visitor is about to ask for it

function consentVersion(): string {
  const words = wording(config.consent, language);
  return words && (config.consent_version || words.slice(0, 64));
}

/** The questions that have no answer yet. */
function questions(): string {
  const asked = (chat.availability === 'offline' ? config.ask_away : config.ask) ?? '';
  return asked.split(' ').filter((key) => (key === 'name' || key === 'email') && !store.kept[key] && !identity?.[key])
    .join(' ');
}

function drawCard(): void {
  const idle = chat.conversation === null || chat.state === 'ended';
  const version = consentVersion();
  const asked = begun && chat.live && idle && !identity?.token ? questions() : '';
  const agree = begun && idle && version !== store.kept.agreed ? wording(config.consent, language) : '';
  const served = chat.lines.some((entry) => isMessage(entry) && (entry.from === 'agent' || entry.from === 'bot'));
  const survey = chat.state === 'ended' && served && chat.conversation !== store.kept.surveyed ? config.survey : '';
  const { open } = chat.settings;
  const away = chat.live && idle && chat.availability === 'offline' && !!(open || config.request);
  const form = wished && !asked && !agree ? `wish ${wished} ${language}` : survey ? `after ${chat.conversation} ${language}` : asked || agree ? `before ${asked} ${agree} ${language}`
    : away ? `away ${open} ${language}` : '';
  if (form === card) return;
  card = form;
  if (!form) return view.card(null);
  if (/^(wish|away)/.test(form)) return drawAway(form);
  more().then(({ after, before, texts }) => {
    if (card !== form) return; // something else is wanted by now
    if (survey) view.card(after(survey, texts, surveyed));
    else view.card(before(asked, agree, store.kept, texts, begin), true);
    view.draw(refused);
    if (!survey && document.hasFocus()) view.focusCard(); // not away from the page around us
  }, () => (card = ''));
}

function drawAway(form: string): void {
  seldom().then(({ ask, away, texts }) => {
    if (card !== form) return;
    view.card(wished ? ask(wished, store.kept.email, texts, wish, chat) : away(chat.settings.open ?? [], config.request, language, texts, wish));
    view.draw(refused);
    if (wished) view.focusCard();
  }, () => (card = ''));
}

/** What to ask for; or how it was asked; or rather not. */
function wish(what: Wish | 'mail' | { text: string; request: Request } | null): void {
  wished = typeof what === 'string' ? what : '';
  if (what && typeof what !== 'string') say(what.text, what.request);
  chat.does.changed();
  if (!wished) view.focus();
}

function begin(answers: { name: string; email: string }): void {
  const known = answers.name !== store.kept.name || answers.email !== store.kept.email;
  store.keep({ ...answers, agreed: consentVersion() });
  if (known) connection.again(); // the hello tells the name
  beginAnew();
  chat.does.changed();
  view.focus();
}

function surveyed(survey: Survey | null): void {
  if (survey && !connection.send({ type: 'survey', ...survey })) return;
  store.keep({ surveyed: chat.conversation ?? '' });
  if (survey) chat.notice({ notice: 'thanks' });
  chat.does.changed();
  view.focus();
}

// --- the connection ---

const connection = new Connection(`${location.origin.replace('http', 'ws')}/t/${tenant}/ws`, {
  hello: () => ({
    type: 'hello', site, token: identity?.token ? null : store.refresh().token || null, conversation: chat.conversation,
    after: chat.lastSeq, lang: language, page: { ...page, hidden: document.hidden }, identity: identity?.token ?? null,
    name: identity?.name || store.kept.name || null, email: identity?.email || store.kept.email || null,
  }),
  detour: async () => {
    const { Poll } = (await import(beside('poll', 'js'))) as typeof import('./poll.ts');
    return () => new Poll(`/t/${tenant}/poll`);
  },
  frame: (frame) => chat.take(frame),
  lost() {
    settled();
    chat.lost();
  },
  badToken: () => refused || store.keep({ token: '' }),
  refused() {
    refused = 'refused';
    view.draw(refused);
  },
});

/** Whether the line still holds. */
function ask(): void {
  if (isWatched()) connection.send({ type: 'ping' });
}
/** Where the visitor is, and whether they can see it. */
function tellPage(): void {
  if (chat.live) connection.send({ type: 'page', ...page, hidden: document.hidden });
  ask();
  looked();
}
document.addEventListener('visibilitychange', tellPage);
setInterval(ask, PING_MS);

/** Two tabs that open at once must not become two visitors: the first to come gets the token,
 *  and only then the other says hello, with it. */
function connect(): void {
  if (store.kept.token || identity?.token || !navigator.locks) return connection.connect();
  navigator.locks.request(shelf, () => new Promise<void>((resolve) => {
    settled = resolve;
    setTimeout(resolve, SETTLE_MS);
    connection.connect();
  })).catch(() => connection.connect()); // locks are refused where storage is
}

/** The site says who it is. Another person finds nothing of the one before. */
function become(who: Identity | null): void {
  const before = subject;
  const changed = JSON.stringify(who) !== JSON.stringify(identity);
  identity = who;
  subject = subjectOf(who?.token);
  if (!begun || !changed) return;
  refused = '';
  if (subject !== before) {
    connection.stop();
    count(0);
    sitDown();
  }
  connection.again();
}

/** What this visitor has left unsent and half written is theirs again. */
function sitDown(): void {
  store = shelfFor(subject);
  chat.reset(store.kept.unsent);
  view.restore(store.kept.draft);
}

async function init(tongue: string, ink: string): Promise<void> {
  wanted = tongue;
  view.paint(config.color, ink, config.theme);
  const texts = await words<Texts>(tongue, 'texts').catch(() => null);
  if (wanted !== tongue) return; // another is by now
  if (!texts) return void setTimeout(() => wanted === tongue && init(tongue, ink), AGAIN_MS); // the network will be back
  language = own?.speaks(tongue) ? tongue : nearest(tongue);
  view.speak(language, texts, config, wording(config.greeting, language));
  reacting = undefined; // it is to have other words, too
  if (!begun) start();
  chat.does.changed();
}

function start(): void {
  begun = true;
  sitDown();
  if (shown) view.focus();
  connect();
}

addEventListener('message', (event: MessageEvent<ToFrame | null>) => {
  if (event.source !== parent || event.origin !== embedder) return;
  const message = event.data; // from the page, if not from our part of it
  switch (message?.lasna) {
    case 'init':
      page = message.page;
      config = message.config;
      become(message.identity);
      void init(message.lang, message.ink);
      break;
    case 'shown':
      shown = message.on;
      if (shown) view.focus();
      ask();
      looked();
      break;
    case 'page':
      page = message.page;
      tellPage();
      break;
    case 'event':
      if (!connection.send({ type: 'event', ...message.event })) waiting.push(message.event);
      break;
    case 'shutdown':
      connection.stop();
      store.forget();
      shelfFor('').forget();
      tell({ lasna: 'gone' });
  }
});
tell({ lasna: 'ready' });
