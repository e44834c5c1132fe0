// SPDX-License-Identifier: Apache-2.0
// One WebSocket that comes back: 0.5 s doubling to 30 s, each wait drawn at random so that a
// thousand browsers do not return as one.
import type { Incoming, Outgoing } from './protocol.ts';
import { CLOSE } from './protocol.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30000;

export interface Hears {
  hello(): Outgoing;
  frame(frame: Incoming): void;
  lost(): void;
  badToken(): void;
  /** It will not work here, whatever we do. */
  refused(): void;
}

export class Connection {
  #socket: WebSocket | null = null;
  #wait = FIRST_MS;
  #timer = 0;
  #over = false;

  constructor(readonly url: string, readonly hears: Hears) {
    addEventListener('online', () => this.#now());
    addEventListener('offline', () => this.#lost());
    addEventListener('pageshow', (event) => event.persisted && this.#now());
  }

  connect(url = this.url): void {
    if (this.#over || this.#socket) return;
    const socket = new WebSocket(url, 'lasna.v1');
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.hears.hello()));
    socket.onmessage = (event) => this.#take(String(event.data));
    socket.onclose = (event) => this.#closed(event.code);
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as Incoming;
    if (frame.type === 'welcome') this.#wait = FIRST_MS;
    if (frame.type === 'see_other') {
      this.#leave();
      this.connect(frame.url);
    } else this.hears.frame(frame);
  }

  /** Lets the socket go at once. The browser waits for the other side's goodbye before it says
   *  `close`, and on a dead network that goodbye never comes. */
  #leave(): void {
    const socket = this.#socket!;
    this.#socket = socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lost(): void {
    if (!this.#socket) return;
    this.#leave();
    this.#closed();
  }

  #closed(code = 0): void {
    this.#socket = null;
    this.hears.lost();
    if (code === CLOSE.unknownSite) {
      this.#over = true;
      this.hears.refused();
      return;
    }
    if (code === CLOSE.badToken) this.hears.badToken();
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), this.#wait * (0.5 + Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_MS);
  }

  /** There is a network again: an attempt from before it may hang for minutes. */
  #now(): void {
    clearTimeout(this.#timer);
    this.#wait = FIRST_MS;
    if (this.#socket && this.#socket.readyState !== WebSocket.OPEN) this.#leave();
    this.connect();
  }

  send(frame: Outgoing): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Says hello anew, as somebody else perhaps. */
  again(): void {
    this.#lost();
    this.#now();
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }
}
