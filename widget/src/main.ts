// SPDX-License-Identifier: Apache-2.0
// The chat in its frame: joins the picture (chat.ts), the screen (view.ts), the connection and
// the store, and talks with the loader on the page around it.
import type { Config, Identity, ToFrame, ToPage } from './bridge.ts';
import { Chat } from './chat.ts';
import { inkOn } from './color.ts';
import { Connection } from './connection.ts';
import type { Page } from './protocol.ts';
import { Store } from './store.ts';
import { languages, textsIn } from './texts.ts';
import { View } from './view.ts';

const TYPING_MS = 5000;

/** Who embeds us. Our frame-ancestors list decides who may; a lie here only cuts the liar off. */
const embedder = decodeURIComponent(location.hash.slice(1));
const tenant = location.pathname.split('/')[2] ?? '';
const site = new URLSearchParams(location.search).get('site') ?? '';

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

const store = new Store(`lasna:${tenant}:${site}`, storage());
let page: Page = { url: '', title: '', referrer: '' };
let identity: Identity | null = null;
let language = 'en';
let shown = false;
let unread = 0;
let begun = false;
let refused = false;
let typingTimer = 0;

function tell(message: ToPage): void {
  if (embedder) parent.postMessage(message, embedder);
}

function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const isWatched = () => shown && document.visibilityState === 'visible';

const chat = new Chat({
  send: (frame) => connection.send(frame),
  keepUnsent: (unsent) => store.keep({ unsent }),
  keepToken: (token) => token !== store.kept.token && store.keep({ token }),
  heard(message) {
    view.announce(message);
    if (isWatched()) return;
    unread++;
    tell({ lasna: 'unread', count: unread });
  },
  emit: (name, detail) => tell({ lasna: 'emit', name, detail }),
  changed() {
    view.draw(refused);
    if (isWatched()) looked();
  },
  later: (ms, act) => void setTimeout(act, ms),
  newId,
}, store.kept.unsent);

function looked(): void {
  if (!isWatched()) return;
  chat.seen();
  if (unread === 0) return;
  unread = 0;
  tell({ lasna: 'unread', count: 0 });
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
    chat.say(text);
  },
  retry: (message) => chat.retry(message),
  discard: (message) => chat.discard(message),
  end: () => chat.end(),
  close: () => tell({ lasna: 'close' }),
  draft: (draft) => store.keep({ draft }),
  typing() {
    if (!typingTimer && chat.live) connection.send({ type: 'typing', on: true });
    clearTimeout(typingTimer);
    typingTimer = setTimeout(stopTyping, TYPING_MS);
  },
  looked,
}, textsIn(language));

const connection = new Connection(`${location.origin.replace('http', 'ws')}/t/${tenant}/ws`, {
  hello: () => ({
    type: 'hello', site, token: store.kept.token, conversation: chat.conversation, after: chat.lastSeq,
    lang: language, page, identity: identity?.token ?? null, name: identity?.name ?? null,
    email: identity?.email ?? null,
  }),
  frame: (frame) => chat.take(frame),
  lost: () => chat.lost(),
  badToken: () => store.keep({ token: null }),
  refused() {
    refused = true;
    view.draw(refused);
  },
});

function init(config: Config, wanted: string): void {
  language = languages.includes(wanted) ? wanted : 'en';
  if (/^#[0-9a-f]{6}$/i.test(config.color)) view.paint(config.color, inkOn(config.color));
  view.speak(language, textsIn(language), config.name);
  if (begun) return;
  begun = true;
  view.restore(store.kept.draft);
  connection.connect();
}

addEventListener('message', (event: MessageEvent<ToFrame>) => {
  if (event.source !== parent || event.origin !== embedder) return;
  const message = event.data;
  switch (message.lasna) {
    case 'init':
      page = message.page;
      identity = message.identity;
      init(message.config, message.lang);
      break;
    case 'shown':
      shown = message.on;
      if (shown) view.focus();
      looked();
      break;
    case 'page':
      page = message.page;
      if (chat.live) connection.send({ type: 'page', url: page.url, title: page.title });
      break;
    case 'event':
      connection.send({ type: 'event', ...message.event });
      break;
    case 'shutdown':
      connection.stop();
      store.forget();
      tell({ lasna: 'gone' });
  }
});
tell({ lasna: 'ready' });
