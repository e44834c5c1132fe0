// SPDX-License-Identifier: Apache-2.0
// An agent with an ordinary XMPP client connection (@xmpp/client): answers receipts, drops
// messages it has seen by their stanza id, sends again what nobody received.
import { webcrypto } from 'node:crypto';

import { client, xml } from '@xmpp/client';

import { PATIENCE_S } from './instance.mjs';

globalThis.crypto ??= webcrypto; // Debian 12's Node 18 has none of its own, and the library asks for it

const OFFER = /(?:reply|vastaa|svara) ok( \d+)?/;
const REFUSED = /^(?:Nothing is offered|There is no offer|Too late:|Sinulle ei tarjota|Tarjousta \d+ ei ole|Myöhässä:|Inget erbjuds|Det finns inget erbjudande|För sent:)/;
let counter = 0;

/** { to, emojis } of a message that reacts to another. */
function reactionsIn(stanza) {
  const reactions = stanza.getChild('reactions', 'urn:xmpp:reactions:0');
  return reactions && { to: reactions.attrs.id, emojis: reactions.getChildren('reaction').map((one) => one.text()) };
}

export class Agent {
  constructor(instance, name, password) {
    const { host, c2s_port: port, agents_domain: domain } = instance.about.xmpp;
    this.jid = `${name}@${domain}`;
    this.messages = []; // { from, id, text, delayed, replaces, answers, address, reacts } each once
    this.stanzas = [];
    this.taken = new Set(); // the offers among them that were answered
    this.waiting = new Set();
    this.received = new Set(); // ids of ours that somebody received
    this.seen = new Set();
    this.sendReceipts = true;
    this.xmpp = client({ service: `xmpp://${host}:${port}`, domain, username: name, password, resource: 'test',
      timeout: PATIENCE_S * 1000 }); // for each step of logging in; by itself it waits 2 s, and a TLS handshake may take longer
    this.xmpp.on('error', () => {}); // reconnecting is the library's business
    this.xmpp.on('stanza', (stanza) => this.#take(stanza));
  }

  static async login(instance, name, { show } = {}) {
    const agent = new Agent(instance, name, await instance.password(name));
    agent.show = show;
    agent.xmpp.on('online', () => agent.presence(agent.show).catch(() => {})); // gone again: it comes online anew
    await agent.xmpp.start().catch(async (error) => {
      await agent.stop(); // it would try again for ever
      throw error;
    });
    return agent;
  }

  async presence(show) {
    this.show = show;
    await this.xmpp.send(show === 'gone' ? xml('presence', { type: 'unavailable' })
                                         : xml('presence', {}, show ? xml('show', {}, show) : undefined));
  }

  #take(stanza) {
    this.stanzas.push(stanza);
    if (stanza.is('message') && stanza.attrs.type !== 'error') {
      const received = stanza.getChild('received', 'urn:xmpp:receipts');
      if (received) this.received.add(received.attrs.id);
      const text = stanza.getChildText('body');
      const { id, from } = stanza.attrs;
      if (text !== null && !this.seen.has(`${from} ${id}`)) {
        this.seen.add(`${from} ${id}`);
        this.messages.push({ from: from.split('/')[0], id, text,
          delayed: stanza.getChild('delay', 'urn:xmpp:delay') !== undefined,
          replaces: stanza.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs.id,
          answers: stanza.getChild('reply', 'urn:xmpp:reply:0')?.attrs.id,
          address: stanza.getChild('x', 'jabber:x:oob')?.getChildText('url'),
          reacts: reactionsIn(stanza) });
      }
      if (this.sendReceipts && id && stanza.getChild('request', 'urn:xmpp:receipts'))
        this.xmpp.send(xml('message', { to: from, type: 'chat' },
          xml('received', { xmlns: 'urn:xmpp:receipts', id }))).catch(() => {});
    }
    for (const check of [...this.waiting]) check();
  }

  /** Sends text to a contact; resolves with the stanza's id. */
  async say(to, text, { id = `a${process.pid}-${++counter}` } = {}) {
    await this.xmpp.send(xml('message', { to, type: 'chat', id }, xml('body', {}, text),
      xml('request', { xmlns: 'urn:xmpp:receipts' })));
    return id;
  }

  /** Uploads as clients do (XEP-0363) and says the address, in the body and beside it (XEP-0066). */
  async sendFile(to, name, bytes, type) {
    const request = xml('request', { xmlns: 'urn:xmpp:http:upload:0', filename: name, size: String(bytes.length), 'content-type': type });
    const asked = xml('iq', { type: 'get', to: `upload.${this.jid.split('@')[1]}` }, request);
    const slot = (await this.xmpp.iqCaller.request(asked)).getChild('slot');
    const put = slot.getChild('put');
    const headers = Object.fromEntries(put.getChildren('header').map((header) => [header.attrs.name, header.text()]));
    const { status } = await fetch(put.attrs.url, { method: 'PUT', body: bytes, headers: { ...headers, 'content-type': type } });
    if (status !== 201) throw new Error(`the upload was answered ${status}`);
    const { url } = slot.getChild('get').attrs;
    await this.xmpp.send(xml('message', { to, type: 'chat', id: `a${process.pid}-${++counter}` }, xml('body', {}, url),
      xml('x', { xmlns: 'jabber:x:oob' }, xml('url', {}, url)), xml('request', { xmlns: 'urn:xmpp:receipts' })));
    return url;
  }

  /** Corrects what was sent with this id (XEP-0308); resolves with the new stanza's id. */
  async correct(to, about, text, { id = `a${process.pid}-${++counter}` } = {}) {
    await this.xmpp.send(xml('message', { to, type: 'chat', id }, xml('body', {}, text),
      xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: about }), xml('request', { xmlns: 'urn:xmpp:receipts' })));
    return id;
  }

  /** Answers the message with this id (XEP-0461), quoting it as Dino and Gajim do. */
  async reply(to, about, quoted, text) {
    const id = `a${process.pid}-${++counter}`;
    const quote = `> ${quoted}\n`;
    await this.xmpp.send(xml('message', { to, type: 'chat', id }, xml('body', {}, quote + text),
      xml('reply', { xmlns: 'urn:xmpp:reply:0', to, id: about }),
      xml('fallback', { xmlns: 'urn:xmpp:fallback:0', for: 'urn:xmpp:reply:0' },
        xml('body', { start: '0', end: String([...quote].length) })), xml('request', { xmlns: 'urn:xmpp:receipts' })));
    return id;
  }

  /** Withdraws what was sent with this id (XEP-0424), with the words clients put beside it. */
  async withdraw(to, about, form = 'urn:xmpp:message-retract:1') {
    const id = `a${process.pid}-${++counter}`;
    const retract = form.endsWith(':1') ? xml('retract', { xmlns: form, id: about })
      : xml('apply-to', { xmlns: 'urn:xmpp:fasten:0', id: about }, xml('retract', { xmlns: form }));
    await this.xmpp.send(xml('message', { to, type: 'chat', id }, retract,
      xml('fallback', { xmlns: 'urn:xmpp:fallback:0', for: form }),
      xml('body', {}, 'This person attempted to retract a previous message'), xml('request', { xmlns: 'urn:xmpp:receipts' })));
    return id;
  }

  /** Puts these emojis beside the message with this id (XEP-0444), in place of those before. */
  async react(to, about, ...emojis) {
    const id = `a${process.pid}-${++counter}`;
    await this.xmpp.send(xml('message', { to, type: 'chat', id },
      xml('reactions', { xmlns: 'urn:xmpp:reactions:0', id: about }, ...emojis.map((emoji) => xml('reaction', {}, emoji))),
      xml('request', { xmlns: 'urn:xmpp:receipts' })));
    return id;
  }

  /** Shows the contact that we are writing. */
  composing(to) {
    return this.xmpp.send(xml('message', { to, type: 'chat' },
      xml('composing', { xmlns: 'http://jabber.org/protocol/chatstates' })));
  }

  /** Says late that the message with this id was received. */
  receive(to, id) {
    return this.xmpp.send(xml('message', { to, type: 'chat' }, xml('received', { xmlns: 'urn:xmpp:receipts', id })));
  }

  /** Marks this text of the contact as displayed. */
  displayed(to, text) {
    const { id } = this.messages.find((message) => message.from === to && message.text === text);
    return this.xmpp.send(xml('message', { to, type: 'chat' },
      xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id })));
  }

  /** Whether somebody marked what we sent with this id as displayed. */
  wasDisplayed(id) {
    return this.stanzas.some((stanza) => stanza.getChild('displayed', 'urn:xmpp:chat-markers:0')?.attrs.id === id);
  }

  /** The same, again and again with the same id until it is received: as careful clients do.
   *  Gives up after some seconds, or when `stop` says so. */
  async sayReceived(to, text, { seconds = PATIENCE_S, stop = () => false } = {}) {
    const deadline = Date.now() + seconds * 1000;
    const id = `a${process.pid}-${++counter}`;
    for (;;) {
      await this.say(to, text, { id }).catch(() => {});
      await this.until(() => this.received.has(id) || stop(), { seconds: 2 }).catch(() => {});
      if (this.received.has(id)) return id;
      if (stop() || Date.now() > deadline) throw new Error('nobody received it');
    }
  }

  /** Asks for something; resolves with the answer's stanza, an error too. */
  async asks(to, payload, type = 'get') {
    const id = `q${process.pid}-${++counter}`;
    await this.xmpp.send(xml('iq', { type, to, id }, payload));
    return this.until(() => this.stanzas.find((stanza) => stanza.is('iq') && stanza.attrs.id === id && ['result', 'error'].includes(stanza.attrs.type)));
  }

  /** Waits until `condition` holds; it is looked at whenever a stanza comes. */
  until(condition, { seconds = PATIENCE_S } = {}) {
    return new Promise((resolve, reject) => {
      const check = () => {
        const answer = condition();
        if (!answer) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`nothing of that kind in ${seconds} s; heard ${this.messages.map((m) => m.text).join(' | ')}`));
      }, seconds * 1000);
      this.waiting.add(check);
      check();
    });
  }

  hears(text, options) {
    return this.until(() => this.messages.find((m) => (text instanceof RegExp ? text.test(m.text) : m.text === text)), options);
  }

  desk(tenant) {
    return `desk@${tenant}.chat.localhost`;
  }

  /** Takes the newest offer of this tenant's desk whose line fits and that was not taken before; resolves with
   *  the visitor's contact. Where several are taken at once, `name` tells which context line is ours. An offer
   *  that was over when it was taken is refused, or comes again as another. */
  async accept(tenant, fits, name = '') {
    const desk = this.desk(tenant);
    const isOffer = (said) => said.from === desk && !said.replaces && !this.taken.has(said) && OFFER.test(said.text) && (fits?.test(said.text) ?? true);
    const isAgain = (said) => (fits !== undefined && isOffer(said)) || (said.from === desk && REFUSED.test(said.text));
    const isContext = ({ from, text }) => from.startsWith('v') && from.endsWith(`@${tenant}.chat.localhost`) && text.startsWith(`[lasna] ${name}`);
    for (;;) {
      const offer = await this.until(() => this.messages.findLast(isOffer));
      const before = this.messages.length;
      this.taken.add(offer);
      await this.say(desk, `ok${OFFER.exec(offer.text)[1] ?? ''}`);
      const since = () => this.messages.slice(before);
      const came = await this.until(() => since().find(isContext) ?? since().find(isAgain), { seconds: 2 * PATIENCE_S });
      if (isContext(came)) return came.from;
    }
  }

  async stop() {
    await this.xmpp.stop().catch(() => {});
  }
}
