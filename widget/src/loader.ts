// SPDX-License-Identifier: Apache-2.0
// The part that stands on the site's own page: a button, and the API `lasna(verb, …)`.
// Until the chat is opened nothing is stored, nothing is connected and nothing is fetched.
import type { Config, Identity, SiteEvent, ToFrame, ToPage } from './bridge.ts';
import { inkOn } from './color.ts';
import style from './loader.part.css';
import type { Page } from './protocol.ts';

declare const __LASNA_CONFIG__: Config; // the server puts this site's in
declare const __LASNA_RULES__: string; // where rules.ts is; by the build
type Api = ((verb: string, ...args: unknown[]) => void) & { q?: IArguments[] | unknown[][]; up?: true };
declare global {
  interface Window {
    lasna?: Api | undefined;
  }
}

const EVENTS_MAX = 20;

(() => {
  const config: Config = __LASNA_CONFIG__;
  const early = window.lasna;
  if (early?.up) return; // a second snippet on the page
  const script = document.currentScript as HTMLScriptElement | null;
  const service = new URL(script?.src ?? location.href).origin;
  const host = document.createElement('lasna-chat');
  const root = host.attachShadow({ mode: 'open' });
  const FLAG = 'lasna'; // this tab's: set only once the visitor has opened the chat
  const events: SiteEvent[] = []; // the page's last: for a chat that comes later, and for rules.ts
  let frame: HTMLIFrameElement | null = null;
  let ready = false;
  let open = false;
  let over = false;
  let unread = 0;
  let plain = false; // no news in the title
  let title = ''; // the page's own, while ours stands there
  let told = location.href;
  let identity: Identity | null = null;
  let lang = pickLanguage();
  const undo: (() => void)[] = [];
  const listeners: [name: string, listener: unknown, heard: EventListener][] = [];

  const make = <K extends keyof HTMLElementTagNameMap>(name: K, into: Node) =>
    into.appendChild(document.createElement(name));
  const listen = (target: EventTarget, name: string, act: EventListener) => {
    target.addEventListener(name, act);
    undo.push(() => target.removeEventListener(name, act));
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const ink = inkOn(config.color);
  host.style.cssText = `--brand:${config.color};--ink:${ink}`;
  const own = config.button === false;
  host.className = `${config.side} ${own && 'own'}`; // the style knows left and own
  const panel = make('div', root);
  panel.role = 'dialog';
  panel.hidden = true;
  const button = make('button', root);
  button.hidden = own;
  const icon = button.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
  icon.setAttribute('viewBox', '0 0 24 24');
  const line = icon.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
  const badge = make('b', button);
  badge.hidden = true;

  function pickLanguage(wanted?: string): string {
    const asked = [wanted, document.documentElement.lang, ...navigator.languages];
    const known = asked.map((tag) => `${tag}`.slice(0, 2).toLowerCase());
    return known.find((tag) => tag in config.labels) ?? Object.keys(config.labels)[0]!;
  }

  const page = (): Page => ({ url: location.href, title: title || document.title, referrer: document.referrer });

  function post(message: ToFrame): void {
    if (ready) frame?.contentWindow?.postMessage(message, service);
  }

  const init = () => post({ lasna: 'init', config, ink, lang, page: page(), identity });

  function emit(name: string, detail?: unknown): void {
    document.dispatchEvent(new CustomEvent(`lasna:${name}`, { detail, bubbles: true }));
  }

  /** How the chat was left in this tab; `value`: how it is left now, null for never opened. */
  function remember(value?: string | null): string | null {
    let was: string | null = null;
    try {
      was = sessionStorage.getItem(FLAG);
      if (value === null) sessionStorage.removeItem(FLAG);
      else if (value && (open || was)) sessionStorage.setItem(FLAG, value);
    } catch {
      // storage is blocked: the chat then does not reopen by itself
    }
    return was;
  }

  function label(): void {
    host.lang = lang;
    const [toOpen, toClose, waits] = config.labels[lang]!;
    button.ariaLabel = open ? toClose : unread ? `${toOpen} (${waits.replace('{}', badge.textContent!)})` : toOpen;
    button.ariaExpanded = String(open);
    panel.ariaLabel = `${toOpen}: ${config.name}`;
    line.setAttribute('d', open ? 'M6 9l6 6 6-6' : 'M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z');
  }

  /** Makes the frame on first use: this is when the chat first fetches and connects. */
  function load(): void {
    if (frame) return;
    frame = make('iframe', panel);
    frame.title = config.name;
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups ' +
      'allow-popups-to-escape-sandbox allow-downloads');
    frame.src = `${service}/w/${config.tenant}/frame?site=${config.site}#${location.origin}`;
  }

  function show(on: boolean): void {
    if (on === open || over) return;
    open = on;
    if (on) load();
    panel.hidden = !on;
    host.classList.toggle('open', on);
    remember(on ? 'open' : 'closed');
    label();
    post({ lasna: 'shown', on });
    if (on) frame?.focus();
    else button.focus();
    emit(on ? 'open' : 'close');
  }

  /** What waits is told by the page's title, too, while nobody looks at the page. */
  function entitle(): void {
    if (unread && !plain && document.hidden) {
      title ||= document.title;
      document.title = `(${unread}) ${title}`;
    } else if (title) {
      document.title = title;
      title = '';
    }
  }

  function count(now: number): void {
    unread = now;
    badge.hidden = !now;
    badge.textContent = now > 99 ? '99+' : String(now);
    label();
    entitle();
    emit('unread', { count: now });
  }

  /** Leaves the page as if we had never been there. */
  function vanish(): void {
    unread = 0;
    entitle();
    undo.forEach((act) => act());
    remember(null);
    host.remove();
    delete window.lasna;
  }

  function hear({ origin, source, data }: MessageEvent<ToPage>): void {
    if (origin !== service || !frame || source !== frame.contentWindow) return;
    switch (data.lasna) {
      case 'ready': {
        const untold = ready ? [] : events; // a frame that is loaded anew knows them
        ready = true;
        if (over) return post({ lasna: 'shutdown' });
        init();
        post({ lasna: 'shown', on: open });
        for (const event of untold) post({ lasna: 'event', event });
        break;
      }
      case 'close':
        show(false);
        break;
      case 'unread':
        plain = data.plain;
        count(data.count);
        break;
      case 'emit':
        emit(data.name, data.detail);
        break;
      case 'forgotten':
        remember(null);
        emit(data.lasna);
        break;
      case 'gone':
        vanish();
    }
  }

  /** The page has become another without being loaded. Its title often changes a moment later. */
  function moved(): void {
    if (told === location.href) return;
    told = location.href;
    setTimeout(() => over || post({ lasna: 'page', page: page() }), 200);
  }

  function watchMoves(): void {
    if ('navigation' in window) return listen(window.navigation, 'currententrychange', moved);
    listen(window, 'popstate', moved);
    for (const name of ['pushState', 'replaceState'] as const) {
      const was = history[name];
      const ours: typeof was = function (this: History, ...args) {
        was.apply(this, args);
        moved();
      };
      history[name] = ours;
      undo.push(() => history[name] === ours && (history[name] = was));
    }
  }

  const verbs: Record<string, ((...args: never[]) => void) | null> = {
    __proto__: null, // no verbs but these
    open: () => show(true),
    close: () => show(false),
    show: () => void (host.hidden = false),
    hide: () => void (host.hidden = true),
    /** The site's signed token, or what the visitor is called; null: nobody any more. */
    identify(who: string | Identity | null) {
      identity = typeof who === 'string' ? { token: who } : who;
      init();
    },
    page: () => post({ lasna: 'page', page: page() }),
    event(name: string, more?: object) {
      const event = { ...more, name } as SiteEvent;
      post({ lasna: 'event', event });
      if (events.push(event) > EVENTS_MAX) events.shift();
    },
    locale(tag: string) {
      lang = pickLanguage(tag);
      label();
      init();
    },
    on(name: string, listener: (detail: unknown) => void) {
      const heard = (event: Event) => listener((event as CustomEvent).detail);
      listeners.push([`lasna:${name}`, listener, heard]);
      listen(document, `lasna:${name}`, heard);
    },
    off(name: string, which?: unknown) {
      for (const [key, listener, heard] of listeners)
        if (key === `lasna:${name}` && (!which || which === listener)) document.removeEventListener(key, heard);
    },
    /** Forgets the visitor on this device. Only the frame can: it is loaded for that if need be. */
    shutdown() {
      over = host.hidden = true;
      load();
      panel.hidden = false;
      post({ lasna: 'shutdown' });
    },
  };

  const api: Api = (verb, ...args) => {
    const act = verbs[verb];
    if (act) act(...(args as never[]));
    else emit('error', { code: 'no_such_verb', text: `no verb ${verb}` });
  };
  api.up = true;
  window.lasna = api;
  button.addEventListener('click', () => show(!open));
  listen(window, 'message', hear as EventListener);
  listen(document, 'visibilitychange', entitle);
  watchMoves();
  label();

  function start(): void {
    document.body.append(host);
    for (const args of early?.q ?? []) api(...(args as [string]));
    const was = remember();
    if (was === 'open') show(true);
    else if (was) load(); // opened before: stay reachable, so that an answer is noticed
    emit('ready');
    if (config.proactive || config.buyers)
      (import(service + __LASNA_RULES__) as Promise<typeof import('./rules.ts')>).then(({ watch }) =>
        watch(config, service, root, events, undo), () => {});
  }
  if (document.body) start();
  else listen(document, 'DOMContentLoaded', start);
})();
