// SPDX-License-Identifier: Apache-2.0
// The chat as the visitor sees it, without a browser: frames and the visitor's own acts come
// in, the picture changes, and what should happen next is told through `Does`. No DOM, no
// socket, no storage, so that the tests can run it anywhere.
import type { Availability, ConversationState, FileInfo, From, Incoming, Outgoing, Person, Reaction, Request, Said, Settings, Ticket } from './protocol.ts';
import type { Unsent } from './store.ts';

/** The life of an own message; others' are always 'saved'. */
export type Sending = 'sending' | 'saved' | 'delivered' | 'read' | 'failed';

export interface Message {
  key: string; // constant through its life
  seq: number | null; // null: not saved yet
  cid: string | null;
  from: From;
  name: string;
  avatar?: string | null | undefined; // of whoever says it
  text: string;
  at: string | null;
  sending: Sending;
  code: string | null; // why it failed
  replyTo: number | null; // seq
  reply?: Unsent['reply']; // what an own one that is unsent replies to, and where that stands
  request?: Request | undefined; // asked for beside an answer
  changed: '' | 'edited' | 'withdrawn'; // by who wrote it; withdrawn: there is no text any more
  marks?: HTMLElement; // emojis beside it: react.ts alone makes them …
  sets?: Map<Reaction['by'], Reaction>; // … of these: by who put them there
  file?: FileInfo | null | undefined; // where it can be had
  blob?: File | undefined; // what the visitor sends, as long as it is on its way
}

export type Notice =
  | { key: string; notice: 'joined' | 'left'; name: string }
  | { key: string; notice: 'ended'; reason: string }
  | { key: string; notice: 'began'; at: string }
  | { key: string; notice: 'thanks' };

export type Entry = Message | Notice;
export const isMessage = (entry: Entry): entry is Message => 'from' in entry;

export interface Does {
  send(frame: Outgoing): boolean; // false: there is no connection
  addUnsent(one: Unsent): void;
  dropUnsent(cid: string): void;
  keepToken(token: string): void;
  /** A file goes, or goes on with the ticket that came. */
  upload(what: Message | Ticket): void;
  /** Who says so when the server will not have us: see its code. */
  refused(code: string): void;
  /** A message that came in live: to be announced, counted, perhaps sounded. */
  heard(message: Message): void;
  /** The chat will close by itself unless the visitor does something. */
  warned(): void;
  /** An emoji is put beside one of them, or taken back; what is replayed comes before the state. */
  react(frame: Reaction, isNews: boolean): void;
  /** One that is here says something else now: to be announced. */
  revised(message: Message): void;
  emit(name: string, detail: unknown): void;
  changed(): void;
  /** Calls back after some milliseconds. */
  later(ms: number, act: () => void): void;
  newId(): string;
}

/** So long without `saved` and we say "not sent". It goes on its own when the connection is back. */
export const UNSAVED_MS = 10000;
/** The same for words said while there is no connection: making one takes its time on a slow line. */
export const UNSENT_MS = 20000;

/** Errors after which sending the same once more can help. */
const worthAnotherTry = /^(not_saved|unavailable|too_fast|timeout)$/;
export const canRetry = (message: Message): boolean =>
  message.sending === 'failed' && worthAnotherTry.test(message.code ?? '');

const rank: Record<Sending, number> = { failed: 0, sending: 0, saved: 1, delivered: 2, read: 3 };

export class Chat {
  lines: Entry[] = [];
  live = false; // between welcome and the end of the connection
  availability: Availability = 'online';
  agent: Person | null = null;
  conversation: string | null = null;
  state: ConversationState | null = null;
  typing = false;
  queue: number | null = null;
  endsIn: number | null = null; // seconds from when we heard it: nobody has written for long
  settings: Settings = {};
  lastSeq = 0;
  oldest: string | null = null; // the first conversation of those that are here
  hasEarlier = false; // there are others before it
  answering: Message | null = null; // what the next words reply to
  /** What came of something the visitor asked for in the menu: set by that part. */
  asked?: (code: string) => void;
  #earlier: Said[] = []; // on its way in
  #begin = 0; // lines before this belong to earlier conversations
  #welcomed = 0; // up to this seq it is history, not news
  #readUpTo = 0;
  #notices = 0;

  constructor(readonly does: Does, unsent: Unsent[]) {
    this.#takeUp(unsent);
  }

  #takeUp(unsent: Unsent[]): void {
    for (const { cid, text, request, reply } of unsent) this.lines.push({ ...this.#own(cid, text, request), reply, replyTo: reply?.[0] ?? null });
  }

  /** Somebody else sits down: nothing of the one before stays. */
  reset(unsent: Unsent[]): void {
    this.lines = [];
    this.live = this.typing = false;
    this.agent = this.conversation = this.state = this.queue = this.endsIn = this.answering = null;
    this.oldest = null;
    this.hasEarlier = false;
    this.settings = {};
    this.lastSeq = this.#begin = this.#welcomed = this.#readUpTo = 0;
    this.#takeUp(unsent);
    this.does.changed();
  }

  #own(cid: string, text: string, request?: Request): Message {
    return { key: cid, seq: null, cid, from: 'visitor', name: '', text, at: null, sending: 'sending', code: null,
             replyTo: null, changed: '', request };
  }

  #current(): Message[] {
    return this.lines.slice(this.#begin).filter(isMessage);
  }

  /** That of the current conversation: each counts anew. */
  numbered(seq: number): Message | undefined {
    return this.#current().find((one) => one.seq === seq);
  }

  unsent(): Message[] {
    return this.lines.filter(isMessage).filter((message) => message.seq === null);
  }

  /** The message a reply speaks of, if it is here: the nearest above it, since each conversation counts anew. */
  answered(message: Message): Message | undefined {
    if (message.replyTo === null) return;
    return this.lines.slice(0, this.lines.indexOf(message)).filter(isMessage).reverse().find(({ seq }) => seq === message.replyTo);
  }

  /** A conversation that is over takes no replies: the next words begin another. */
  canAnswer(message: Message): boolean {
    return message.from !== 'visitor' && message.text !== '' && this.state !== 'ended' && this.#current().includes(message);
  }

  // --- the visitor acts ---

  /** The next words reply to this; null: to nothing. */
  answer(message: Message | null): void {
    this.answering = message;
    this.does.changed();
  }

  /** A file is said like words are, by its name, once its bytes are there; but no reload brings it back. */
  say(text: string, request?: Request, blob?: File): Message {
    const message = this.#own(this.does.newId(), text, request);
    message.blob = blob;
    if (!request && !blob && this.answering) {
      message.replyTo = this.answering.seq;
      message.reply = [message.replyTo!, this.conversation!];
      this.answering = null;
    }
    this.lines.push(message);
    if (!blob) this.does.addUnsent({ cid: message.cid!, text, request, reply: message.reply });
    this.retry(message);
    return message;
  }

  retry(message: Message): void {
    this.#send(message);
    this.does.changed();
  }

  discard(message: Message): void {
    this.lines = this.lines.filter((entry) => entry !== message);
    this.does.dropUnsent(message.cid!);
    this.does.changed();
  }

  #send(message: Message): void {
    const { cid, text, request, replyTo } = message;
    message.sending = 'sending';
    message.code = null;
    if (message.blob) return this.does.upload(message);
    if (this.live) this.does.send({ type: 'say', cid: cid!, text, reply_to: replyTo, ...(request && { request }) });
    this.does.later(this.live ? UNSAVED_MS : UNSENT_MS, () => {
      if (message.seq === null && message.sending === 'sending') this.fail(message, 'timeout');
    });
  }

  fail(message: Message, code: string): void {
    message.sending = 'failed';
    message.code = code;
    this.does.changed();
  }

  end(): void {
    if (this.conversation && this.state !== 'ended') this.does.send({ type: 'end' });
  }

  /** Warned that it closes: no, it shall not. */
  stay(): void {
    this.does.send({ type: 'stay' });
  }

  /** The visitor has seen everything that is there; one word for all of a history that is being told. */
  seen(): void {
    if (!this.live || this.lastSeq < this.#welcomed) return;
    const last = this.#current().reduce((seq, { from, seq: own }) =>
      (from !== 'visitor' && own! > seq ? own! : seq), 0);
    if (last > this.#readUpTo && this.does.send({ type: 'read', seq: last })) this.#readUpTo = last;
  }

  // --- the connection ---

  lost(): void {
    this.live = false;
    this.typing = false;
    this.endsIn = null;
    this.does.changed();
  }

  /** Frames come in here. */
  take(frame: Incoming): void {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame);
        break;
      case 'conversation':
        this.#converse(frame.conversation, frame.state);
        break;
      case 'saved':
        this.#saved(frame.cid, frame.seq, frame.at, frame.file);
        break;
      case 'upload':
        return this.does.upload(frame);
      case 'message':
        this.#message(frame);
        if (frame.seq < this.#welcomed && frame.seq % 64) return; // a long history is drawn in a few steps
        break;
      case 'earlier':
        this.#earlier.push(frame);
        return;
      case 'mailed':
        return this.asked?.(frame.type);
      case 'earlier_end':
        this.hasEarlier = frame.more;
        if (frame.conversation) this.#above(frame.conversation, frame.opened_at);
        break;
      case 'receipt':
        this.#receipt(frame.seq, frame.state);
        break;
      case 'edited':
      case 'withdrawn':
        this.#revised(frame.seq, frame.type, frame.type === 'edited' ? frame : { text: '' });
        break;
      case 'reaction':
        return this.does.react(frame, this.state !== null);
      case 'typing':
        this.typing = frame.on;
        break;
      case 'queue':
        this.queue = frame.position;
        break;
      case 'agent':
        this.#agent(frame.state, { name: frame.name, avatar: frame.avatar });
        break;
      case 'availability':
        this.availability = frame.availability;
        this.settings = { ...this.settings, open: frame.open };
        this.does.emit('availability', { availability: frame.availability });
        break;
      case 'idle':
        this.endsIn = frame.ends_in_s;
        if (this.endsIn) this.does.warned();
        break;
      case 'ended':
        this.#ended(frame.reason);
        break;
      case 'error':
        this.#error(frame);
        break;
    }
    this.does.changed();
  }

  #welcome(frame: Incoming & { type: 'welcome' }): void {
    this.live = true;
    this.does.keepToken(frame.token);
    this.availability = frame.availability;
    this.does.emit('availability', { availability: frame.availability });
    this.agent = frame.agent;
    this.settings = frame.settings;
    this.#welcomed = frame.last_seq;
    this.#earlier = [];
    if (this.oldest === null || this.oldest === frame.conversation) this.hasEarlier = !!frame.settings.earlier;
    if (frame.conversation) this.#turnTo(frame.conversation);
    for (const message of this.unsent()) {
      if (message.reply?.[1] !== this.conversation) message.replyTo = null; // before a reload it was another
      if (message.sending === 'sending' || canRetry(message)) this.#send(message);
    }
  }

  /** Another conversation than the one shown: what is above stays to be read. */
  #turnTo(conversation: string): void {
    if (conversation === this.conversation) return;
    if (this.conversation) {
      const open = this.unsent();
      this.answering = null;
      for (const message of open) message.replyTo = null; // seq counts within a conversation
      this.lines = [...this.lines.filter((entry) => !isMessage(entry) || entry.seq !== null), ...open];
      this.#begin = this.lines.length - open.length;
    }
    this.conversation = conversation;
    this.oldest ??= conversation;
    this.state = null;
    this.lastSeq = 0;
    this.#readUpTo = 0;
  }

  #converse(conversation: string, state: ConversationState): void {
    const starts = conversation !== this.conversation;
    if (starts) this.#welcomed = 0;
    this.#turnTo(conversation);
    this.state = state;
    if (state !== 'queued') this.queue = null;
    if (starts) this.does.emit('conversation-started', { conversation });
  }

  #saved(cid: string, seq: number, at: string, file?: FileInfo | null): void {
    const message = this.lines.filter(isMessage).find((one) => one.cid === cid);
    if (!message) return;
    message.seq = seq;
    message.at = at;
    message.code = null;
    message.file = file;
    message.blob = undefined;
    if (rank[message.sending] < rank.saved) message.sending = 'saved';
    this.lastSeq = Math.max(this.lastSeq, seq);
    this.#place(message);
    this.does.dropUnsent(cid);
  }

  #made(conversation: string | null, { seq, cid, from, text, at, name, avatar, reply_to: replyTo, file, edited, withdrawn }: Said): Message {
    return { key: `${conversation}/${seq}`, seq, cid, from, name: name ?? '', avatar, text, at, sending: 'saved', code: null, replyTo,
             file, changed: withdrawn ? 'withdrawn' : edited ? 'edited' : '' };
  }

  /** An earlier conversation, to be read only, goes above all that is here; once, though asked for twice. */
  #above(conversation: string, at: string): void {
    const told = this.#earlier.splice(0);
    if (conversation === this.oldest) return;
    const began = (when: string): Notice => ({ key: `notice ${++this.#notices}`, notice: 'began', at: when });
    const first = this.lines[0];
    const above = [began(at), ...told.map((said) => this.#made(conversation, said)),
                   ...(first && isMessage(first) && first.at ? [began(first.at)] : [])];
    this.oldest = conversation;
    this.#begin += above.length;
    this.lines.unshift(...above);
  }

  #message(frame: Said): void {
    if (frame.cid && this.lines.some((entry) => isMessage(entry) && entry.cid === frame.cid)) {
      this.#saved(frame.cid, frame.seq, frame.at, frame.file);
      return;
    }
    if (this.#current().some(({ seq }) => seq === frame.seq)) return; // told twice, shown once
    const { seq, from } = frame;
    const message = this.#made(this.conversation, frame);
    this.lines.push(message);
    this.lastSeq = Math.max(this.lastSeq, seq);
    this.#place(message);
    if (from !== 'visitor') this.typing = false;
    if (seq > this.#welcomed) {
      if (from !== 'visitor') this.does.heard(message);
      this.does.emit('message', { seq, from, name: frame.name });
    }
  }

  /** Puts a message where its seq belongs, unless it stands there already; notices stay put. */
  #place(message: Message): void {
    const seqAt = (entry: Entry) => (isMessage(entry) ? (entry.seq ?? Infinity) : null);
    const is = this.lines.indexOf(message);
    const wrong = this.lines.some((entry, at) => {
      const seq = at < this.#begin || entry === message ? null : seqAt(entry);
      return seq !== null && (at < is ? seq > message.seq! : seq < message.seq!);
    });
    if (!wrong) return;
    this.lines.splice(is, 1);
    const next = this.lines.findIndex((entry, at) => at >= this.#begin && (seqAt(entry) ?? 0) > message.seq!);
    this.lines.splice(next < 0 ? this.lines.length : next, 0, message);
  }

  /** What we know already is told again after a reconnection. */
  #revised(seq: number, changed: 'edited' | 'withdrawn', { text, file }: { text: string; file?: FileInfo | null }): void {
    const message = this.numbered(seq);
    if (!message || (message.text === text && message.changed)) return;
    Object.assign(message, { text, changed, file });
    if (!text && this.answering === message) this.answering = null;
    this.does.revised(message);
  }

  /** One receipt counts for all the visitor's words up to it. */
  #receipt(seq: number, state: 'delivered' | 'read'): void {
    for (const message of this.#current())
      if (message.from === 'visitor' && message.seq !== null && message.seq <= seq &&
          (message.seq === seq || state === 'read') && rank[message.sending] < rank[state])
        message.sending = state;
  }

  /** Whoever came first is shown: a supervisor may join them for a while, and leave again. */
  #agent(state: 'joined' | 'left', person: Person): void {
    if (state === 'joined') this.agent ??= person;
    else if (this.agent?.name === person.name) this.agent = null;
    this.typing = false;
    if (state === 'joined') this.queue = null;
    this.notice({ notice: state, name: person.name });
  }

  #ended(reason: string): void {
    this.state = 'ended';
    this.agent = this.queue = this.endsIn = this.answering = null;
    this.typing = false;
    const last = this.lines[this.lines.length - 1];
    if (last && !isMessage(last) && last.notice === 'ended') return; // told again after a reconnection
    this.notice({ notice: 'ended', reason });
    this.does.emit('conversation-ended', { reason });
  }

  notice(notice: { notice: 'joined' | 'left'; name: string } | { notice: 'ended'; reason: string } | { notice: 'thanks' }): void {
    this.lines.push({ key: `notice ${++this.#notices}`, ...notice });
  }

  #error(frame: Incoming & { type: 'error' }): void {
    const message = this.unsent().find((one) => one.cid !== null && one.cid === frame.cid);
    if (message && frame.code === 'too_fast' && frame.retry_after_ms !== null)
      this.does.later(frame.retry_after_ms, () => message.seq === null && this.retry(message));
    else if (message) this.fail(message, frame.code);
    if (!frame.cid) this.does.refused(frame.code);
    this.does.emit('error', { code: frame.code, text: frame.text });
  }
}
