// SPDX-License-Identifier: Apache-2.0
// One WebSocket that comes back: 0.5 s doubling to 30 s, each wait drawn at random so that a
// thousand browsers do not return as one.
//
// A browser does not notice when the other side has silently gone: what it sends then vanishes
// for minutes. So whatever must be answered is waited for, and when nothing at all comes in that
// time the line counts as dead. A slow line answers late, but something always comes.
import type { Incoming, Outgoing } from './protocol.ts';
import { CLOSE } from './protocol.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30000;
/** A sign of life takes two crossings of the network: 3 s each is the slowest we bear. */
export const DEAD_MS = 8000;
/** From nothing to the welcome: name, TCP, TLS, handshake and hello cross it five times each way. */
export const WELCOME_MS = 30000;

/** What carries frames: a WebSocket, or what looks like one. */
export interface Line {
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Hears {
  /** The other way, for where no WebSocket can pass; fetched once it is needed. */
  detour(): Promise<() => Line>;
  hello(): Outgoing;
  frame(frame: Incoming): void;
  lost(): void;
  badToken(): void;
  /** It will not work here, whatever we do. */
  refused(): void;
}

export class Connection {
  #socket: Line | null = null;
  #detour: (() => Line) | null = null;
  #round = false; // by the detour, this time
  #welcomed = false;
  #wait = FIRST_MS;
  #timer = 0;
  #watch = 0;
  #over = false;

  constructor(readonly url: string, readonly hears: Hears) {
    addEventListener('online', () => this.#now());
    addEventListener('offline', () => this.#lost(true));
    addEventListener('pageshow', (event) => event.persisted && this.#now());
  }

  connect(url = this.url): void {
    if (this.#over || this.#socket) return;
    const socket: Line = this.#round && this.#detour ? this.#detour() : (new WebSocket(url, 'lasna.v1') as Line);
    this.#socket = socket;
    this.#welcomed = false;
    socket.onopen = () => socket.send(JSON.stringify(this.hears.hello()));
    socket.onmessage = (event) => this.#take(String(event.data));
    socket.onclose = (event) => this.#closed(event.code);
    this.#expect(WELCOME_MS);
  }

  /** Unless something comes within that time, the line is dead. */
  #expect(ms: number): void {
    this.#watch ||= setTimeout(() => this.again(true), ms);
  }

  #relax(): void {
    clearTimeout(this.#watch);
    this.#watch = 0;
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as Incoming;
    this.#relax();
    if (frame.type === 'welcome') {
      this.#wait = FIRST_MS;
      this.#welcomed = true;
    }
    if (frame.type === 'see_other') {
      this.#leave();
      this.connect(frame.url);
    } else this.hears.frame(frame);
  }

  /** Lets the socket go at once. The browser waits for the other side's goodbye before it says
   *  `close`, and on a dead network that goodbye never comes. One that does not hang and is still
   *  on its way comes first: broken off, it would be an error in the site's console. */
  #leave(hangs?: boolean): void {
    const socket = this.#socket!;
    this.#socket = socket.onmessage = socket.onclose = null;
    socket.onopen = () => socket.close();
    this.#relax();
    if (hangs || socket.readyState) socket.close();
  }

  #lost(hangs?: boolean): void {
    if (!this.#socket) return;
    this.#leave(hangs);
    this.#closed();
  }

  #closed(code = 0): void {
    this.#socket = null;
    this.#relax();
    this.hears.lost();
    if (!this.#welcomed && code < CLOSE.policies) this.#turn();
    if (code === CLOSE.unknownSite) {
      this.stop();
      this.hears.refused();
      return;
    }
    if (code === CLOSE.badToken) this.hears.badToken();
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), this.#wait * (0.5 + Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_MS);
  }

  /** It never came to a welcome: next time the other way, if we have it by then. */
  #turn(): void {
    this.#round = !this.#round && this.#detour !== null;
    if (!this.#detour) this.hears.detour().then((detour) => (this.#detour = detour), () => {});
  }

  /** There is a network again: an attempt from before it may hang for minutes. */
  #now(): void {
    clearTimeout(this.#timer);
    this.#wait = FIRST_MS;
    if (this.#socket && this.#socket.readyState !== WebSocket.OPEN) this.#leave(true);
    this.connect();
  }

  send(frame: Outgoing): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    if (frame.type === 'say' || frame.type === 'ping') this.#expect(DEAD_MS);
    return true;
  }

  /** Says hello anew, as somebody else perhaps. */
  again(hangs?: boolean): void {
    this.#over = false;
    this.#lost(hangs);
    this.#now();
  }

  /** Until `again()`, if ever. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    if (this.#socket) this.#leave();
  }
}
