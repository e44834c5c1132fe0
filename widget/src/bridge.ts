// SPDX-License-Identifier: Apache-2.0
// What the loader on the site's page and the chat in its frame tell each other. Each side
// checks the other's origin and window; neither ever posts to '*'.
import type { Page } from './protocol.ts';

/** What the server writes into the loader of one site. */
export interface Config {
  tenant: string;
  site: string;
  name: string;
  languages: string[];
  color: string;
}

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
  | { lasna: 'init'; config: Config; lang: string; page: Page; identity: Identity | null }
  | { lasna: 'shown'; on: boolean }
  | { lasna: 'page'; page: Page }
  | { lasna: 'event'; event: SiteEvent }
  | { lasna: 'shutdown' };

export type ToPage =
  | { lasna: 'ready' }
  | { lasna: 'close' }
  | { lasna: 'unread'; count: number }
  | { lasna: 'gone' }
  | { lasna: 'emit'; name: string; detail: unknown };
