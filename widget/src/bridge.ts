// SPDX-License-Identifier: Apache-2.0
// What the loader on the site's page and the chat in its frame tell each other. Each side
// checks the other's origin and window; neither ever posts to '*'.
import type { Page } from './protocol.ts';

/** Words of the tenant, by language; '' stands for every other. */
export type Wording = Record<string, string>;

/** What stands on the page; the last two where the site greets or asks buyers (tenant/page_texts.c). */
export type Labels = [openChat: string, closeChat: string, unread: string, closeGreeting?: string, bought?: string];

/** What the server writes into the loader of one site. What is absent is as the widget has it. */
export interface Config {
  tenant: string;
  site: string;
  name: string;
  labels: Record<string, Labels>; // in each language of the site, its first first
  color: string;
  side?: 'right' | 'left';
  theme?: 'auto' | 'light' | 'dark';
  button?: boolean; // false: the site has a launcher of its own
  greeting?: Wording;
  texts?: true; // it has words of its own in place of ours: see own.ts
  ask?: string; // before the first words: 'name email', in this order; '' asks nothing
  ask_away?: string; // the same while nobody is there
  proactive?: Wording; // rules that greet who has not opened it: see rules.ts
  buyers?: boolean; // whoever has bought is asked how it was: see ask.ts
  request?: string; // what can be asked for instead of an answer: 'callback meeting'
  consent?: Wording; // to be agreed to before the first words; '' needs no consent
  consent_version?: string;
  emoji?: boolean; // false: none are offered to be picked
  forget?: boolean; // false: visitors cannot have all of it erased by themselves
  earlier?: boolean; // false: nor read their earlier conversations
  survey?: string; // after the end: 'csat effort nps comment source', in this order
}

export const wording = (words: Wording | undefined, language: string): string =>
  words?.[language] ?? words?.[''] ?? '';

export interface Identity {
  token?: string;
  name?: string;
  email?: string;
}

export interface SiteEvent {
  name: string;
  value?: number;
  currency?: string;
  id?: string;
}

export type ToFrame =
  | { lasna: 'init'; config: Config; ink: string; lang: string; page: Page; identity: Identity | null } // ink: reads on the colour
  | { lasna: 'shown'; on: boolean }
  | { lasna: 'page'; page: Page }
  | { lasna: 'event'; event: SiteEvent }
  | { lasna: 'shutdown' };

export type ToPage =
  | { lasna: 'ready' }
  | { lasna: 'close' }
  | { lasna: 'unread'; count: number; plain: boolean } // plain: the visitor wants none of it in the title
  | { lasna: 'forgotten' }
  | { lasna: 'gone' }
  | { lasna: 'emit'; name: string; detail: unknown };
