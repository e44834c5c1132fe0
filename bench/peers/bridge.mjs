// SPDX-License-Identifier: Apache-2.0
// The peer: what one would write in Node with ws, @xmpp/component and better-sqlite3. It keeps
// the same promises about a message (a tick only after a commit with synchronous=FULL, one
// database a tenant, repeats known by their cid) and nothing else that lasnad does: no queue, no
// routing, no outbox, no isolation between tenants or between the internet and the secrets.
//
//     node bridge.mjs FOLDER XMPP_PORT AGENT,AGENT,… each|batch TENANT…
//
// each: a transaction a message, as one writes it first. batch: what arrives in one turn of the
// loop is committed together, as one writes it after having measured.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { component, xml } from '@xmpp/component';
import Database from 'better-sqlite3';
import { WebSocketServer } from 'ws';

const [folder, xmppPort, list, commits, ...names] = process.argv.slice(2);
const agents = list.split(',');
let next = 0; // each new visitor gets the next agent
const SCHEMA = `
  CREATE TABLE visitors (id TEXT PRIMARY KEY, token BLOB NOT NULL UNIQUE, created_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE conversations (row INTEGER PRIMARY KEY, visitor TEXT NOT NULL UNIQUE, last_seq INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE messages (
    conversation INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL,
    cid TEXT NOT NULL, text TEXT NOT NULL, at_ms INTEGER NOT NULL, delivery INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, seq)) WITHOUT ROWID;
  CREATE UNIQUE INDEX messages_by_cid ON messages (conversation, sender, cid);`;

/** A tenant's database; jobs of one turn of the loop become one transaction. */
class Store {
  constructor(name) {
    this.db = new Database(join(folder, `${name}.db`));
    this.db.pragma('journal_mode = WAL');
    this.db.pragma('synchronous = FULL');
    this.db.exec(SCHEMA);
    const prepare = (sql) => this.db.prepare(sql);
    this.addVisitor = prepare('INSERT INTO visitors VALUES (?, ?, ?)');
    this.addConversation = prepare('INSERT INTO conversations (visitor) VALUES (?)');
    this.nextSeq = prepare('UPDATE conversations SET last_seq = last_seq + 1 WHERE row = ? RETURNING last_seq').pluck();
    this.known = prepare('SELECT seq, at_ms FROM messages WHERE conversation = ? AND sender = ? AND cid = ?');
    this.addMessage = prepare('INSERT INTO messages (conversation, seq, id, sender, cid, text, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.setDelivered = prepare('UPDATE messages SET delivery = 1 WHERE id = ? RETURNING seq').pluck();
    this.jobs = [];
    this.commit = this.db.transaction((jobs) => jobs.map(({ work }) => work()));
  }

  /** `done` gets what `work` returned, once it is on disk. */
  submit(work, done) {
    if (commits === 'each') return done(...this.commit([{ work }]));
    if (this.jobs.push({ work, done }) > 1) return;
    setImmediate(() => {
      const jobs = this.jobs;
      this.jobs = [];
      this.commit(jobs).forEach((result, i) => jobs[i].done(result));
    });
  }

  message(visitor, sender, cid, text) {
    visitor.conversation ??= this.addConversation.run(visitor.id).lastInsertRowid;
    const known = this.known.get(visitor.conversation, sender, cid);
    if (known) return { seq: known.seq, at: known.at_ms, repeated: true };
    const seq = this.nextSeq.get(visitor.conversation);
    const id = randomBytes(16).toString('hex'), at = Date.now();
    this.addMessage.run(visitor.conversation, seq, id, sender, cid, text, at);
    return { seq, at, id, repeated: false };
  }
}

class Tenant {
  constructor(name) {
    this.name = name;
    this.domain = `${name}.chat.localhost`;
    this.store = new Store(name);
    this.visitors = new Map();
    this.xmpp = component({ service: `xmpp://127.0.0.1:${xmppPort}`, domain: this.domain, password: 'secret' });
    this.xmpp.on('error', (error) => console.error(`${name}: ${error.message}`));
    this.xmpp.on('stanza', (stanza) => stanza.is('message') && this.hear(stanza));
  }

  hello(socket) {
    const visitor = { id: `v${randomBytes(16).toString('hex')}`, agent: agents[next++ % agents.length],
      tell: (frame) => socket.send(JSON.stringify(frame)) };
    const token = randomBytes(32).toString('base64url');
    this.store.submit(
      () => this.store.addVisitor.run(visitor.id, createHash('sha256').update(token).digest(), Date.now()),
      () => {
        this.visitors.set(visitor.id, visitor);
        visitor.tell({ type: 'welcome', token, visitor: visitor.id, conversation: null, availability: 'online',
          agent: null, last_seq: 0, settings: {} });
      });
    return visitor;
  }

  say(visitor, { cid, text }) {
    this.store.submit(() => this.store.message(visitor, visitor.id, cid, text), ({ seq, at, id, repeated }) => {
      visitor.tell({ type: 'saved', cid, seq, at: new Date(at).toISOString() });
      if (repeated) return;
      this.xmpp.send(xml('message', { type: 'chat', from: `${visitor.id}@${this.domain}`, to: visitor.agent, id },
        xml('body', {}, text), xml('origin-id', { xmlns: 'urn:xmpp:sid:0', id }),
        xml('request', { xmlns: 'urn:xmpp:receipts' })));
    });
  }

  hear(stanza) {
    const visitor = this.visitors.get(stanza.attrs.to.split('@')[0]);
    const { from, id } = stanza.attrs;
    if (!visitor || !from.startsWith(`${visitor.agent}/`)) return;
    const received = stanza.getChild('received', 'urn:xmpp:receipts');
    const text = stanza.getChildText('body');
    if (received)
      this.store.submit(() => this.store.setDelivered.get(received.attrs.id),
        (seq) => seq && visitor.tell({ type: 'receipt', seq, state: 'delivered' }));
    if (!text) return;
    this.store.submit(() => this.store.message(visitor, visitor.agent, id, text), ({ seq, at, repeated }) => {
      if (!repeated)
        visitor.tell({ type: 'message', seq, from: 'agent', name: 'Anna', text, at: new Date(at).toISOString(),
          reply_to: null, cid: null });
      if (stanza.getChild('request', 'urn:xmpp:receipts'))
        this.xmpp.send(xml('message', { type: 'chat', from: `${visitor.id}@${this.domain}`, to: from },
          xml('received', { xmlns: 'urn:xmpp:receipts', id })));
    });
  }
}

const tenants = new Map(names.map((name) => [name, new Tenant(name)]));
await Promise.all([...tenants.values()].map(({ xmpp }) => xmpp.start()));

const server = createServer((request, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ noServer: true, maxPayload: 65536, perMessageDeflate: false,
  handleProtocols: (offered) => (offered.has('lasna.v1') ? 'lasna.v1' : false) });
server.on('upgrade', (request, socket, head) => {
  const tenant = tenants.get(/^\/t\/([a-z0-9]+)\/ws$/.exec(request.url)?.[1]);
  if (!tenant) return socket.destroy();
  sockets.handleUpgrade(request, socket, head, (ws) => {
    let visitor = null;
    ws.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.type === 'hello' && !visitor) visitor = tenant.hello(ws);
      else if (frame.type === 'say' && visitor) tenant.say(visitor, frame);
    });
    ws.on('close', () => visitor && tenant.visitors.delete(visitor.id));
  });
});
server.listen(0, '127.0.0.1', 4096, () => console.log(JSON.stringify({ port: server.address().port })));
process.on('SIGTERM', () => process.exit(0));
