// SPDX-License-Identifier: Apache-2.0
// lasna.v1 as the widget speaks it: docs/protocol.md tells the whole.

export type Availability = 'online' | 'busy' | 'offline';
export type ConversationState = 'queued' | 'active' | 'ended';
export type From = 'agent' | 'visitor' | 'bot' | 'system';

export interface Page {
  url: string;
  title: string;
  referrer: string;
}

export interface Person {
  name: string;
  avatar: string | null;
}

/** What the welcome tells beside: who is there, and how soon they usually answer. */
export interface Settings {
  name?: string;
  avatar?: string | null; // the site's own picture
  team?: Person[];
  answer_s?: number | null;
  open?: OpenTime[] | null; // it is closed now, and open then
  earlier?: boolean; // there are conversations before the one that follows
  mail?: true; // an answered conversation can be had by mail
  files?: { max_bytes: number } | null; // null: none are taken
}

export type OpenTime = [from: string, to: string];

/** What a visitor asks for beside an answer. */
export interface Request {
  kind: 'callback' | 'meeting';
  to: string; // the number, or the address
  time: string;
}

export type Wish = Request['kind'];

export interface Survey {
  csat?: number;
  effort?: number;
  nps?: number;
  comment?: string;
  source?: string;
}

/** What a message carries. Of a visitor's the name is the text; of an agent's the url is, and what lies there is unknown. */
export interface FileInfo {
  name: string;
  type: string | null;
  size: number | null;
  url: string; // on this service: /f/…; an agent's: at the XMPP server
}

export interface Said {
  seq: number;
  from: From;
  name: string | null;
  avatar?: string | null;
  text: string;
  at: string;
  reply_to: number | null;
  cid: string | null;
  edited?: true;
  withdrawn?: true;
  file?: FileInfo | null;
}

/** All that its sender has put beside that message; in place of what they had. */
export interface Reaction {
  seq: number;
  from: From;
  by: string | null; // null: the visitor; a name may be of several
  name: string | null;
  emojis: string[];
}

/** The bytes after the first `have` may come. */
export type Ticket = { type: 'upload'; cid: string; ticket: string; have: number };

export type Incoming =
  | { type: 'welcome'; token: string; visitor: string; conversation: string | null; availability: Availability;
      agent: Person | null; last_seq: number; settings: Settings }
  | { type: 'conversation'; conversation: string; state: ConversationState }
  | { type: 'saved'; cid: string; seq: number; at: string; file?: FileInfo | null }
  | Ticket
  | ({ type: 'message' } & Said)
  | ({ type: 'earlier' } & Said)
  | { type: 'mailed' }
  | { type: 'earlier_end'; conversation: string | null; opened_at: string; more: boolean }
  | { type: 'edited'; seq: number; text: string; at: string; file: FileInfo | null }
  | { type: 'withdrawn'; seq: number; at: string }
  | ({ type: 'reaction' } & Reaction)
  | { type: 'receipt'; seq: number; state: 'delivered' | 'read' }
  | { type: 'typing'; on: boolean }
  | { type: 'queue'; position: number; waited_s: number }
  | ({ type: 'agent'; state: 'joined' | 'left' } & Person)
  | { type: 'availability'; availability: Availability; open: OpenTime[] | null }
  | { type: 'idle'; ends_in_s: number | null }
  | { type: 'ended'; reason: string }
  | { type: 'error'; code: string; text: string; cid: string | null; retry_after_ms: number | null }
  | { type: 'pong' }
  | { type: 'see_other'; url: string };

export type Outgoing =
  | { type: 'hello'; site: string; token: string | null; conversation: string | null; after: number; lang: string;
      page: Page & { hidden: boolean }; identity: string | null; name: string | null; email: string | null }
  | { type: 'say'; cid: string; text: string; reply_to: number | null; request?: Request }
  | { type: 'typing'; on: boolean }
  | { type: 'read'; seq: number }
  | { type: 'page'; url: string; title: string; hidden: boolean }
  | { type: 'event'; name: string; value?: number; currency?: string; id?: string }
  | ({ type: 'survey' } & Survey)
  | { type: 'ping' }
  | { type: 'upload'; cid: string; name: string; size: number }
  | { type: 'react'; seq: number; emojis: string[] }
  | { type: 'stay' }
  | { type: 'earlier'; before: string | null }
  | { type: 'forget' }
  | { type: 'mail_transcript'; email: string }
  | { type: 'end' };

/** How the server closes. */
export const CLOSE = { policies: 4000, unknownSite: 4002, badToken: 4003 } as const;

export const TEXT_MAX = 4000; // Unicode code points
