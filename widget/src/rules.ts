// SPDX-License-Identifier: Apache-2.0
// The tenant's rules that greet a visitor who has not opened the chat: where, when, how often; and,
// where the tenant asks buyers, an ear for purchases. It stands on the site's page beside the loader,
// which fetches it only where there is one or the other.
//
// Nothing is kept before the visitor has done something. Until then a rule knows this page alone:
// it greets once a page. Closing a greeting is kept for the tab (no more of them); opening the
// chat, on the device, so that from then on visits and greetings are counted over visits.
import { wording } from './bridge.ts';
import { bubble as say, button, langOf, styled } from './bubble.ts';
import type { Config, SiteEvent } from './bridge.ts';

declare const __LASNA_ASK__: string; // where ask.ts is; by the build

export interface Rule {
  text: string;
  page: string; // '/pricing*'; '' for every page
  after: number; // seconds on the page
  scroll: number; // per cent of it
  visit: number;
  cart: number;
  times: number;
}

/** What is known of the visitor. */
export interface Known {
  visits: number;
  shown: Record<string, number>;
}

export interface Now {
  path: string;
  seconds: number;
  scroll: number;
  cart: number;
}

const SECONDS: Record<string, number> = { s: 1, min: 60 };

/** 'page=/pricing* after=30s: Questions about prices?', a line each; the server has checked them. */
export function parse(lines: string): Rule[] {
  return lines.split('\n').filter((line) => line.includes(': ')).map((line) => {
    const at = line.indexOf(': ');
    const found: Record<string, string> = Object.fromEntries(line.slice(0, at).split(' ').filter(Boolean).map((one) => one.split('=')));
    const [, number = '0', unit = 's'] = /^(\d+)(s|min)?$/.exec(found['after'] ?? '') ?? [];
    return {
      text: line.slice(at + 2), page: found['page'] ?? '', after: Number(number) * SECONDS[unit]!, scroll: Number(found['scroll'] ?? 0),
      visit: Number(found['visit'] ?? 0), cart: Number(found['cart'] ?? 0), times: Number(found['times'] ?? 1),
    };
  });
}

/** '*' stands for anything. */
const fits = (pattern: string, path: string): boolean => pattern === '' ||
  new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(path);

export const due = (rules: Rule[], now: Now, known: Known): Rule | undefined => rules.find((rule) =>
  fits(rule.page, now.path) && now.seconds >= rule.after && now.scroll >= rule.scroll && now.cart >= rule.cart &&
  known.visits >= rule.visit && (known.shown[rule.text] ?? 0) < rule.times);

function unlessBlocked<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null; // storage is blocked: then nothing is known
  }
}

/** `events`: the page's last, and those to come; `undo`: what to do when it leaves the page. */
export function watch(config: Config, service: string, root: ShadowRoot, events: SiteEvent[], undo: (() => void)[]): void {
  if (!root.host.isConnected) return; // gone already
  const lang = () => langOf(root);
  const idle = () => !root.querySelector('iframe');
  const key = `lasna:${config.tenant}`;
  const kept = (): Known | null => unlessBlocked(() => JSON.parse(localStorage.getItem(key)!) as Known | null);
  const keep = (known: Known) => unlessBlocked(() => localStorage.setItem(key, JSON.stringify(known)));
  const closed = () => unlessBlocked(() => sessionStorage.getItem(key)) !== null;
  const known: Known = kept() ?? { visits: 0, shown: {} };
  let bubble: HTMLElement | null = null;
  let path = '', since = 0, asking = false;
  styled(root);

  // The first page of a visit, as far as the tab can tell; counted only for those who opened the chat before.
  if (kept() && !unlessBlocked(() => sessionStorage.getItem(`${key}:visit`))) {
    known.visits++;
    keep(known);
    unlessBlocked(() => sessionStorage.setItem(`${key}:visit`, '1'));
  }

  function hide(): void {
    bubble?.remove();
    bubble = null;
  }

  function show(rule: Rule): void {
    bubble = say(config, root, button(rule.text, () => window.lasna?.('open')), () => {
      unlessBlocked(() => sessionStorage.setItem(key, 'closed'));
      bubble = null;
    });
    known.shown[rule.text] = (known.shown[rule.text] ?? 0) + 1;
    if (kept()) keep(known);
  }

  /** Only where somebody is there to answer: asked when a rule would greet, not before. */
  async function greet(rule: Rule): Promise<void> {
    asking = true;
    const { default: availability } = (await import(`${service}/w/${config.tenant}/now.js?${Date.now()}`).catch(() => ({}))) as { default?: string };
    if (availability === 'online' && idle() && !closed()) show(rule);
    else known.shown[rule.text] = Infinity; // not on this page any more
  }

  const cart = () => events.reduce((value, event) => (event.name === 'cart' ? Number(event.value) || 0 : value), 0);

  const timer = setInterval(() => {
    if (!idle()) return hide();
    if (path !== location.pathname) {
      path = location.pathname;
      since = Date.now();
      asking = false;
      hide();
    }
    if (asking || bubble || closed() || document.hidden) return;
    const { scrollHeight, clientHeight } = document.documentElement;
    const rule = due(parse(wording(config.proactive, lang())), {
      path, seconds: (Date.now() - since) / 1000, scroll: (100 * (scrollY + clientHeight)) / scrollHeight, cart: cart() }, known);
    if (rule) void greet(rule);
  }, 500);

  const api = window.lasna!;
  const asks = (name: unknown, more?: unknown) => {
    if (config.buyers && name === 'purchase')
      (import(service + __LASNA_ASK__) as Promise<typeof import('./ask.ts')>).then(({ ask }) => ask(config, service, root, { ...(more as SiteEvent) }), () => {});
  };
  for (const event of events) asks(event.name, event);
  window.lasna = Object.assign((verb: string, ...args: unknown[]) => {
    api(verb, ...args);
    if (verb === 'event') asks(...(args as [unknown]));
  }, api);

  const acted = () => {
    hide();
    keep({ ...known, visits: Math.max(known.visits, 1), shown: {} });
    unlessBlocked(() => sessionStorage.setItem(`${key}:visit`, '1'));
  };
  const forget = () => {
    unlessBlocked(() => localStorage.removeItem(key));
    for (const one of [key, `${key}:visit`]) unlessBlocked(() => sessionStorage.removeItem(one));
  };
  document.addEventListener('lasna:open', acted);
  document.addEventListener('lasna:forgotten', forget);
  undo.push(() => {
    clearInterval(timer);
    forget();
    document.removeEventListener('lasna:open', acted);
    document.removeEventListener('lasna:forgotten', forget);
    window.lasna &&= api;
  });
}
