// SPDX-License-Identifier: Apache-2.0
// The part that stands on the site's own page: a button, and the API `lasna(verb, …)`.
// Until the chat is opened nothing is stored, nothing is connected and nothing is fetched.
import type { Config, Identity, SiteEvent, ToFrame, ToPage } from './bridge.ts';
import { inkOn } from './color.ts';
import type { Page } from './protocol.ts';

declare const __LASNA_CONFIG__: Config; // the server puts this site's in
type Api = ((verb: string, ...args: unknown[]) => void) & { q?: IArguments[] | unknown[][]; up?: true };
declare global {
  interface Window {
    lasna?: Api | undefined;
  }
}

const LABELS: Record<string, [open: string, close: string, unread: string]> = {
  en: ['Chat with us', 'Close the chat', 'unread'],
  fi: ['Keskustele kanssamme', 'Sulje keskustelu', 'lukematta'],
  sv: ['Chatta med oss', 'Stäng chatten', 'olästa'],
};

const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;inset-block-end:20px;inset-inline-end:20px}
button{all:unset;box-sizing:border-box;width:60px;height:60px;border-radius:50%;cursor:pointer;position:relative;
background:var(--brand);color:var(--ink);display:grid;place-items:center;box-shadow:0 4px 16px #0005}
button:focus-visible{outline:3px solid var(--brand);outline-offset:3px}
svg{width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:22px;box-sizing:border-box;padding:0 6px;
border-radius:11px;background:#b3261e;color:#fff;font:700 13px/22px system-ui,sans-serif;text-align:center}
[hidden]{display:none!important}
div{position:fixed;inset-block-end:96px;inset-inline-end:20px;width:min(384px,calc(100vw - 40px));
height:min(640px,calc(100dvh - 120px));border-radius:16px;overflow:hidden;box-shadow:0 8px 40px #0006}
iframe{border:0;width:100%;height:100%;display:block;background:Canvas}
@media (max-width:480px),(max-height:480px){div{inset:0;width:100%;height:100dvh;border-radius:0}
:host(.open) button{display:none}}
@media (forced-colors:active){button{border:2px solid}}`;

(() => {
  const config: Config = __LASNA_CONFIG__;
  const early = window.lasna;
  if (early?.up) return; // a second snippet on the page
  const script = document.currentScript as HTMLScriptElement | null;
  const service = new URL(script?.src ?? location.href).origin;
  const host = document.createElement('lasna-chat');
  const root = host.attachShadow({ mode: 'open' });
  const FLAG = 'lasna'; // this tab's: set only once the visitor has opened the chat
  let frame: HTMLIFrameElement | null = null;
  let ready = false;
  let open = false;
  let identity: Identity | null = null;
  let lang = pickLanguage();
  const listeners: [string, EventListener][] = [];

  const make = <K extends keyof HTMLElementTagNameMap>(name: K, into: Node) =>
    into.appendChild(document.createElement(name));
  const draw = (svg: SVGElement, d: string) => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    svg.replaceChildren(path);
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  host.style.setProperty('--brand', config.color);
  host.style.setProperty('--ink', inkOn(config.color));
  const panel = make('div', root);
  panel.setAttribute('role', 'dialog');
  panel.hidden = true;
  const button = make('button', root);
  button.type = 'button';
  const icon = button.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  const badge = make('b', button);
  badge.hidden = true;

  function pickLanguage(wanted?: string): string {
    const asked = [wanted, document.documentElement.lang, ...navigator.languages];
    const known = asked.map((tag) => (tag ?? '').slice(0, 2).toLowerCase());
    return known.find((tag) => config.languages.includes(tag)) ?? config.languages[0] ?? 'en';
  }

  function page(): Page {
    return { url: location.href, title: document.title, referrer: document.referrer };
  }

  function post(message: ToFrame): void {
    if (ready) frame?.contentWindow?.postMessage(message, service);
  }

  function emit(name: string, detail: unknown = null): void {
    document.dispatchEvent(new CustomEvent(`lasna:${name}`, { detail, bubbles: true }));
  }

  function remember(value: string | null): void {
    try {
      if (value === null) sessionStorage.removeItem(FLAG);
      else sessionStorage.setItem(FLAG, value);
    } catch {
      // storage is blocked: the chat then does not reopen by itself
    }
  }

  function label(): void {
    const [toOpen, toClose, unread] = LABELS[lang] ?? LABELS['en']!;
    button.setAttribute('aria-label',
      open ? toClose : badge.hidden ? toOpen : `${toOpen} (${badge.textContent} ${unread})`);
    button.setAttribute('aria-expanded', String(open));
    panel.setAttribute('aria-label', `${toOpen}: ${config.name}`);
    draw(icon, open ? 'M6 9l6 6 6-6' : 'M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z');
  }

  /** Makes the frame on first use: this is when the chat first fetches and connects. */
  function load(): void {
    if (frame) return;
    frame = make('iframe', panel);
    frame.title = config.name;
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups ' +
      'allow-popups-to-escape-sandbox allow-downloads');
    frame.src = `${service}/w/${config.tenant}/frame?site=${config.site}#${encodeURIComponent(location.origin)}`;
  }

  function show(on: boolean, focus = true): void {
    if (on === open) return;
    open = on;
    if (on) load();
    panel.hidden = !on;
    host.classList.toggle('open', on);
    remember(on ? 'open' : 'closed');
    label();
    post({ lasna: 'shown', on });
    if (on) frame?.focus();
    else if (focus) button.focus();
    emit(on ? 'open' : 'close');
  }

  function shutdown(): void {
    removeEventListener('message', hear);
    listeners.forEach(([name, listener]) => document.removeEventListener(name, listener));
    remember(null);
    host.remove();
    delete window.lasna;
  }

  function hear(event: MessageEvent<ToPage>): void {
    if (event.origin !== service || !frame || event.source !== frame.contentWindow) return;
    const message = event.data;
    switch (message.lasna) {
      case 'ready':
        ready = true;
        post({ lasna: 'init', config, lang, page: page(), identity });
        post({ lasna: 'shown', on: open });
        break;
      case 'close':
        show(false);
        break;
      case 'unread':
        badge.hidden = message.count === 0;
        badge.textContent = message.count > 99 ? '99+' : String(message.count);
        label();
        emit('unread', { count: message.count });
        break;
      case 'emit':
        emit(message.name, message.detail);
        break;
      case 'gone':
        shutdown();
    }
  }

  const verbs: Record<string, (...args: never[]) => void> = {
    open: () => show(true),
    close: () => show(false),
    show: () => void (host.hidden = false),
    hide: () => void (host.hidden = true),
    identify(who: string | Identity) {
      identity = typeof who === 'string' ? { token: who } : who;
      post({ lasna: 'init', config, lang, page: page(), identity });
    },
    page: () => post({ lasna: 'page', page: page() }),
    event: (name: string, more?: object) => post({ lasna: 'event', event: { ...more, name } as SiteEvent }),
    locale(tag: string) {
      lang = pickLanguage(tag);
      label();
      post({ lasna: 'init', config, lang, page: page(), identity });
    },
    on(name: string, listener: (detail: unknown) => void) {
      const heard = (event: Event) => listener((event as CustomEvent).detail);
      listeners.push([`lasna:${name}`, heard]);
      document.addEventListener(`lasna:${name}`, heard);
    },
    off(name: string) {
      for (const [key, listener] of listeners) if (key === `lasna:${name}`) document.removeEventListener(key, listener);
    },
    /** Forgets the visitor on this device and leaves the page as if we had never been there. */
    shutdown: () => (ready ? post({ lasna: 'shutdown' }) : shutdown()),
  };

  const api: Api = (verb, ...args) => {
    const act = Object.prototype.hasOwnProperty.call(verbs, verb) ? verbs[verb] : undefined;
    if (act) act(...(args as never[]));
    else emit('error', { code: 'no_such_verb', text: `lasna('${verb}'): there is no such verb` });
  };
  api.up = true;
  window.lasna = api;
  button.addEventListener('click', () => show(!open));
  addEventListener('message', hear);
  label();

  function start(): void {
    document.body.append(host);
    for (const args of early?.q ?? []) api(...(Array.from(args) as [string]));
    let was: string | null = null;
    try {
      was = sessionStorage.getItem(FLAG);
    } catch {
      // storage is blocked: begin closed
    }
    if (was === 'open') show(true);
    else if (was) load(); // opened before: stay reachable, so that an answer is noticed
    emit('ready');
  }
  if (document.body) start();
  else document.addEventListener('DOMContentLoaded', start);
})();
