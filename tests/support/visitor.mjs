// SPDX-License-Identifier: Apache-2.0
// A visitor without a browser: speaks lasna.v1 over a WebSocket, keeps every frame it got.
import WebSocket from 'ws';

import { PATIENCE_S } from './instance.mjs';

let counter = 0;

export class Visitor {
  constructor(instance, { tenant = 'acme', site, origin, name = null, lang = 'en', identity = null, headers = {} } = {}) {
    Object.assign(this, { instance, tenant, site, name, lang, identity, headers });
    this.origin = origin ?? instance.http;
    this.frames = [];
    this.waiting = new Set();
    this.token = null;
    this.conversation = null;
    this.after = 0;
  }

  /** Connects and says hello; resolves with the welcome, rejects with how it was refused. */
  async connect({ hello = true, hidden = false, url } = {}) {
    this.site ??= await this.instance.siteKey(this.tenant);
    this.closed = null;
    const mark = this.frames.length;
    this.socket = new WebSocket(url ?? `${this.instance.ws}/t/${this.tenant}/ws`, 'lasna.v1', {
      origin: this.origin,
      headers: this.headers,
      handshakeTimeout: PATIENCE_S * 1000,
    });
    this.socket.on('message', (data) => this.#take(JSON.parse(data.toString())));
    this.socket.on('close', (code) => {
      this.closed = code;
      this.#wake();
    });
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('unexpected-response', (_, response) =>
        reject(Object.assign(new Error(`refused with ${response.statusCode}`), { status: response.statusCode })),
      );
      this.socket.once('error', reject);
    });
    if (!hello) return null;
    const { token, conversation, after, name, lang, identity } = this;
    this.send({ type: 'hello', site: this.site, token, conversation, after, name, lang, identity,
                page: { url: `${this.origin}/pricing`, title: 'Pricing', referrer: '', hidden } });
    return this.next((frame) => frame.type === 'welcome', { from: mark });
  }

  #take(frame) {
    this.frames.push(frame);
    if (frame.type === 'welcome') {
      this.token = frame.token;
      this.conversation = frame.conversation;
    }
    if (frame.type === 'conversation' && frame.conversation !== this.conversation) {
      this.conversation = frame.conversation;
      this.after = 0;
    }
    if (typeof frame.seq === 'number' && (frame.type === 'message' || frame.type === 'saved'))
      this.after = Math.max(this.after, frame.seq);
    this.#wake();
  }

  #wake() {
    for (const check of [...this.waiting]) check();
  }

  send(frame) {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Says something; resolves with `saved` or the `error` of this cid. */
  async say(text, { cid = `c${++counter}`, ...more } = {}) {
    this.send({ type: 'say', cid, text, ...more });
    return this.next((frame) => frame.cid === cid && (frame.type === 'saved' || frame.type === 'error'));
  }

  /** Asks to send a file; resolves with the ticket, or the `error`. */
  async askToSend(name, size, cid = `c${++counter}`) {
    const from = this.frames.length;
    this.send({ type: 'upload', cid, name, size });
    return this.next((frame) => frame.cid === cid && (frame.type === 'upload' || frame.type === 'error'), { from });
  }

  /** Posts bytes with a ticket; resolves with the answer. */
  post(ticket, bytes, { from = 0, headers = {}, ...more } = {}) {
    return fetch(`${this.instance.http}/t/${this.tenant}/files`, { method: 'POST', body: bytes, ...more,
      headers: { origin: this.origin, 'lasna-upload': ticket, ...(from > 0 ? { 'lasna-from': String(from) } : {}), ...headers } });
  }

  /** All of it; resolves with `saved` or the `error`. */
  async sendFile(name, bytes, cid) {
    const asked = await this.askToSend(name, bytes.length, cid);
    if (asked.type === 'error') return asked;
    const from = this.frames.length;
    const answer = await this.post(asked.ticket, bytes);
    if (answer.status !== 202) return { ...(await answer.json()), type: 'refused', status: answer.status };
    return this.next((frame) => frame.cid === asked.cid && (frame.type === 'saved' || frame.type === 'error'), { from });
  }

  /** The first frame, old or new, that fits; rejects when the socket closes or time is up. */
  next(fits, { seconds = PATIENCE_S, from = 0 } = {}) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        settle(value);
      };
      const check = () => {
        const found = this.frames.slice(from).find(fits);
        if (found) end(resolve, found);
        else if (this.closed !== null)
          end(reject, Object.assign(new Error(`closed with ${this.closed}`), { code: this.closed }));
      };
      const timer = setTimeout(
        () => end(reject, new Error(`no such frame in ${seconds} s; got ${JSON.stringify(this.frames.map((f) => f.type))}`)),
        seconds * 1000,
      );
      this.waiting.add(check);
      check();
    });
  }

  hears(text, options) {
    return this.next((frame) => frame.type === 'message' && frame.text === text, options);
  }

  /** How the socket was closed. */
  async closing() {
    await this.next(() => false).catch((error) => {
      if (this.closed === null) throw error;
    });
    return this.closed;
  }

  async close() {
    if (!this.socket || this.socket.readyState === WebSocket.CLOSED) return;
    const gone = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.close();
    await gone;
  }

  /** Like a lost network: no goodbye. */
  drop() {
    this.socket.terminate();
  }
}
