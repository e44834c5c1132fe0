// SPDX-License-Identifier: Apache-2.0
// The chat on the screen. Everything a person wrote goes in as text nodes; nothing is ever
// parsed as HTML. Each message is announced once; history, ticks and typing never are.
import type { Config } from './bridge.ts';
import { canRetry, isMessage } from './chat.ts';
import type { Chat, Entry, Message, Notice, Sending } from './chat.ts';
import { button, el, icon, linked, picture } from './dom.ts';
import { TEXT_MAX } from './protocol.ts';
import { fill, isRightToLeft, roughly } from './texts.ts';
import type { Texts } from './texts.ts';

export interface Acts {
  say(text: string): void;
  close(): void;
  draft(text: string): void;
  typing(): void;
  looked(): void;
  /** Lets files be chosen; takes those that were pasted or dropped; makes a message look like one. */
  files(what?: FileList | Message, words?: HTMLElement): void;
  /** Offers emojis to put beside a message. */
  react(message: Message, meta: HTMLElement): void;
  emoji(opener: HTMLButtonElement, text: HTMLTextAreaElement): void;
  /** Opens the menu below its button, or closes it. */
  menu(opener: HTMLButtonElement): void;
}

const ICON = {
  send: 'M4 12h15M13 6l6 6-6 6',
  file: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  menu: 'M12 5v.01M12 12v.01M12 19v.01',
};
const TICKS: Record<Exclude<Sending, 'failed'>, string> = { sending: '◷', saved: '✓', delivered: '✓✓', read: '✓✓' };
/** Why there is no connection, and none is looked for. */
export type Refused = '' | 'refused' | 'signIn' | 'forgotten';
const SAME_RUN_MS = 120000;

/** Somebody's picture, their name stands beside it; or what stands in its place. */
const photo = (src?: string | null, instead = ''): Node | string => (src ? picture(src, '', instead) : instead);

/** "/me waves": what one does. */
const doing = (text: string, who: string): string => text.replace(/^\/me /, () => `* ${who} `);

export class View {
  #items = new Map<string, { node: HTMLLIElement; look: string }>();
  #list = el('ol');
  #main = el('main', { tabindex: '0' }, this.#list);
  #title = el('h1');
  #status = el('p');
  #face = el('span', { class: 'face', 'aria-hidden': 'true' });
  #state = el('p', { id: 'state', hidden: '' });
  #say = el('div', { class: 'sr', role: 'status', 'aria-live': 'polite' });
  #alert = el('div', { class: 'sr', role: 'alert' });
  #label = el('label', { class: 'sr', for: 'text' });
  #text = el('textarea', { id: 'text', rows: '1', enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'quoting' });
  #send = el('button', { type: 'submit' }, icon(ICON.send));
  #attach = button(icon(ICON.file), () => this.acts.files());
  #emoji = button('☺', () => this.acts.emoji(this.#emoji, this.#text), { 'aria-expanded': 'false' });
  #form = el('form', { class: 'write', hidden: '' }, this.#attach, this.#emoji, this.#label, this.#text, this.#send);
  #more = button(icon(ICON.menu), () => this.acts.menu(this.#more), { 'aria-expanded': 'false' });
  #close = button(icon(ICON.close), () => this.acts.close());
  #quoting = el('div', { id: 'quoting', class: 'ask', hidden: '' }); // what the next words reply to
  #quoted: Message | null = null; // as last drawn
  #warning = el('div', { class: 'ask', hidden: '' });
  #warned: number | null = null; // of an end in so many seconds
  #card: HTMLLIElement | null = null;
  #time!: Intl.DateTimeFormat; // these are speak()'s
  #day!: Intl.DateTimeFormat;
  #weekday!: Intl.DateTimeFormat;
  #seen?: string; // the picture or letter of the face, as last drawn
  #oldest: string | null = null; // conversation, as last drawn
  #told = '';
  #name = '';
  #greeting = '';

  constructor(readonly chat: Chat, readonly acts: Acts, public texts: Texts) {
    document.body.append(
      el('header', {}, this.#face, el('div', {}, this.#title, this.#status), this.#more, this.#close),
      this.#main, el('footer', {}, this.#state, this.#warning, this.#quoting, this.#form), this.#say, this.#alert);
    this.#form.addEventListener('submit', (event) => (event.preventDefault(), this.#submit()));
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('input', () => {
      this.#told = '';
      this.#grow();
      acts.draft(this.#text.value);
      if (this.#text.value) acts.typing();
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing) chat.answering ? chat.answer(null) : acts.close();
    });
    for (const when of ['paste', 'drop', 'dragover']) addEventListener(when, (event) => {
      const { files, types } = (event as DragEvent).dataTransfer ?? (event as ClipboardEvent).clipboardData!;
      if (!types.includes('Files') || !this.#attach.offsetParent) return; // hidden: none are taken now
      event.preventDefault();
      if (files[0]) acts.files(files);
    });
    for (const when of ['focus', 'pointerdown']) addEventListener(when, () => acts.looked());
  }

  speak(language: string, texts: Texts, { name, emoji }: Config, greeting: string): void {
    this.texts = texts;
    this.#name = name;
    this.#greeting = greeting;
    this.#time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
    this.#day = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' });
    this.#weekday = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'numeric', hour: 'numeric', minute: '2-digit' });
    document.documentElement.lang = language;
    document.documentElement.dir = isRightToLeft(language) ? 'rtl' : 'ltr';
    this.#main.ariaLabel = texts.messages;
    for (const [node, words] of [[this.#send, texts.send], [this.#more, texts.menu], [this.#close, texts.close],
                                 [this.#attach, texts.file], [this.#emoji, texts.emoji]] as const)
      node.title = node.ariaLabel = words;
    this.#label.textContent = this.#text.placeholder = texts.write;
    this.#emoji.hidden = emoji === false;
    this.#items.clear();
    this.draw();
  }

  paint(color: string, ink: string, theme = ''): void {
    const { style } = document.documentElement;
    style.setProperty('--brand', color);
    style.setProperty('--ink', ink);
    style.colorScheme = theme; // 'auto' is none, and leaves it to the style
  }

  focus(): void {
    if (this.#form.hidden) return this.focusCard();
    this.#text.focus();
    this.#toEnd();
  }

  focusCard(): void {
    this.#card?.querySelector<HTMLElement>('input, button')?.focus();
    this.#toEnd();
  }

  restore(draft: string): void {
    this.#text.value = draft;
    this.#grow();
  }

  /** Once, to those who listen. */
  announce(message: Message): void {
    const words = [this.#changed(message), doing(message.text, message.name)].filter(Boolean).join(' ');
    this.#say.textContent = `${message.name || this.#name}: ${words}`;
  }

  /** A form at the end of the messages. `alone`: nothing else can be written meanwhile. */
  card(form: HTMLElement | null, alone = false): void {
    this.#card = form && el('li', { class: 'form' }, form);
    this.#form.hidden = alone;
    this.#toEnd();
  }

  #submit(): void {
    const text = this.#text.value;
    if (!text.trim()) return;
    if ([...text].length > TEXT_MAX) return this.alert(this.texts.states.too_long);
    this.restore('');
    this.acts.draft('');
    this.acts.say(text);
    this.#toEnd();
  }

  #grow(): void {
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }

  #toEnd(): void {
    this.#main.scrollTop = 0; // counted from the end
  }

  /** Said at once, and shown until the visitor does something else; or where it stands already. */
  alert(words: string, stands = false): void {
    this.#alert.textContent = words;
    if (!stands) this.#show((this.#told = words));
  }

  /** Said once, with the hour, not a countdown: that would be announced again and again. */
  #warn(): void {
    const { chat, texts } = this;
    if (chat.endsIn === this.#warned) return;
    const focused = this.#warning.contains(document.activeElement);
    this.#warned = chat.endsIn;
    this.#warning.hidden = !chat.endsIn;
    if (chat.endsIn) {
      const words = fill(texts.idle, this.#time.format(Date.now() + chat.endsIn * 1000));
      this.#warning.replaceChildren(el('span', {}, words), button(texts.stay, () => chat.stay()));
      this.#alert.textContent = words;
    } else if (focused) this.focus();
  }

  /** Above the words that reply to it, until they are sent or shall reply to nothing. */
  #quote(): void {
    const { chat, texts } = this;
    const { answering } = chat;
    if (answering === this.#quoted) {
      if (answering) this.#quoting.firstChild!.replaceWith(this.#quotation(answering)); // it may say something else now
      return;
    }
    this.#quoted = answering;
    this.#quoting.hidden = !answering;
    this.#quoting.replaceChildren(...(answering ? [this.#quotation(answering),
      button(icon(ICON.close), () => chat.answer(null), { title: texts.answerNot })] : []));
    if (document.hasFocus()) this.focus(); // not away from the page around us
  }

  #quotation({ text }: Message): HTMLElement {
    return el('span', { class: 'quote', dir: 'auto' }, el('bdi', { class: 'sr' }, `${this.texts.replyTo}: `), text);
  }

  // --- drawing ---

  draw(refused: Refused = ''): void {
    const { chat, texts } = this;
    const { agent } = chat;
    const name = agent?.name || this.#name;
    const { avatar } = agent ?? chat.settings;
    const letter = ([...name][0] ?? '').toUpperCase();
    const face = avatar || letter;
    this.#title.textContent = name;
    if (face !== this.#seen) this.#face.replaceChildren(photo(avatar, letter));
    this.#seen = face;
    this.#face.className = `face ${chat.live ? (agent ? 'online' : chat.availability) : ''}`;
    this.#status.textContent = refused ? '' : !chat.live ? texts.connecting : agent ? this.#name : texts.states[chat.availability];
    this.#attach.hidden = !chat.settings.files;
    this.#send.disabled = refused !== '' && refused !== 'forgotten';
    const away = chat.live && chat.availability === 'offline' && !agent;
    this.#show(refused ? texts.states[refused]
      : chat.typing ? fill(texts.typing, name)
      : chat.queue ? this.#place(chat.queue)
      : this.#told || (away ? this.#leave() : ''));
    this.#warn();
    this.#quote();
    this.#drawList();
  }

  /** Nobody is there; when somebody will be, as the visitor's own clock has it. */
  #leave(): string {
    const opens = this.chat.settings.open?.[0]?.[0];
    return this.texts.leave + (opens ? ` ${fill(this.texts.opens, this.#weekday.format(new Date(opens)))}` : '');
  }

  #place(queue: number): string {
    const { answer_s: usual } = this.chat.settings;
    return fill(this.texts.queue, queue) + (usual == null ? '' : ` · ${roughly(usual, this.texts)}`);
  }

  #show(words: string): void {
    this.#state.textContent = words;
    this.#state.hidden = !words;
  }

  #drawList(): void {
    const above = this.#oldest !== null && this.chat.oldest !== null && this.#oldest !== this.chat.oldest;
    this.#oldest = this.chat.oldest;
    const { lines } = this.chat;
    const nodes = [this.#hello(), ...lines.map((entry, at) => this.#item(entry, lines[at - 1]))];
    if (this.#card) nodes.push(this.#card);
    const now = new Set(nodes);
    for (const [key, { node }] of this.#items) if (!now.has(node)) this.#items.delete(key);
    for (const node of [...this.#list.children]) if (!now.has(node as HTMLLIElement)) node.remove();
    nodes.forEach((node, at) => {
      if (this.#list.children[at] !== node) this.#list.insertBefore(node, this.#list.children[at] ?? null);
    });
    if (above) {
      this.#list.children[1]!.scrollIntoView();
      this.#main.focus({ preventScroll: true });
    }
  }

  /** The greeting, and who is there. */
  #hello(): HTMLLIElement {
    const { chat, texts } = this;
    const { team = [], answer_s: usual } = chat.settings;
    const greeting = this.#greeting || texts.greeting;
    const open = chat.live && !chat.conversation && chat.availability === 'online';
    const about = [open && team.length > 0 && fill(texts.team, team.map(({ name }) => name).join(', ')),
                   open && usual != null && roughly(usual, texts)].filter(Boolean).join('. ');
    return this.#keep('greeting', greeting + about, () =>
      el('li', {}, el('p', { dir: 'auto' }, greeting), about && el('div', { class: 'who' }, ...[...new Set(team.map(({ avatar }) => avatar))].map((src) => photo(src)), about)));
  }

  #note(notice: Notice): string {
    const { texts } = this;
    if (notice.notice === 'ended' || notice.notice === 'thanks') return texts.states[notice.notice];
    if (notice.notice === 'began') return this.#day.format(new Date(notice.at));
    return fill(texts.states[notice.notice], notice.name);
  }

  /** The same node as long as it looks the same. */
  #keep(key: string, look: string, make: () => HTMLLIElement): HTMLLIElement {
    const old = this.#items.get(key);
    if (old?.look === look) return old.node;
    const node = make();
    if (old?.node.isConnected) old.node.replaceWith(node);
    this.#items.set(key, { node, look });
    return node;
  }

  nodeOf(message: Message): HTMLElement | undefined {
    return this.#items.get(message.key)?.node;
  }

  #item(entry: Entry, last: Entry | undefined): HTMLLIElement {
    if (!isMessage(entry)) {
      const words = this.#note(entry);
      return this.#keep(entry.key, words, () => el('li', { class: 'note' }, words));
    }
    const goesOn = last !== undefined && isMessage(last) && last.from === entry.from && last.name === entry.name &&
      Date.parse(entry.at ?? '') - Date.parse(last.at ?? '') < SAME_RUN_MS;
    return this.#keep(entry.key, `${entry.sending} ${entry.at} ${entry.code} ${goesOn} ${entry.changed}${this.chat.canAnswer(entry)}${entry.text}${this.chat.answered(entry)?.text}`, () =>
      entry.from === 'visitor' ? this.#mine(entry) : this.#theirs(entry, goesOn));
  }

  #when(message: Message): string {
    if (!message.at) return '';
    const at = new Date(message.at);
    return (at.toDateString() === new Date().toDateString() ? this.#time : this.#day).format(at);
  }

  #words(message: Message): HTMLElement {
    const answered = this.chat.answered(message);
    const words = el('p', { dir: 'auto' }, ...linked(doing(message.text, message.name)));
    if (message.file || message.blob) this.acts.files(message, words);
    if (answered?.text) words.prepend(this.#quotation(answered));
    return words;
  }

  #changed({ changed }: Message): string {
    return changed && this.texts.states[changed];
  }

  #theirs(message: Message, goesOn: boolean): HTMLLIElement {
    const meta = el('div', { class: 'meta' }, this.#changed(message));
    if (this.chat.canAnswer(message))
      meta.append(button(this.texts.answer, () => this.chat.answer(message)),
        this.#emoji.hidden ? '' : button(this.texts.reaction, () => this.acts.react(message, meta)));
    return el('li', { class: message.from },
      el('span', { class: goesOn ? 'sr' : 'who' }, photo(message.avatar), el('bdi', {}, message.name || this.#name), ` · ${this.#when(message)}`),
      message.text && this.#words(message), meta, (message.text && message.marks) || '');
  }

  #mine(message: Message): HTMLLIElement {
    const { texts } = this;
    const { sending } = message;
    const meta = el('div', { class: 'meta' });
    if (sending === 'failed') {
      const reason = message.code === 'too_long' || message.code === 'bad_text' ? texts.states[message.code] : '';
      meta.append(reason ? `${texts.notSent}: ${reason}` : texts.notSent, ' ',
        canRetry(message) || !message.blob
          ? button(canRetry(message) ? texts.tryAgain : texts.edit, () => this.#again(message)) : '');
      this.#alert.textContent = meta.textContent;
    } else {
      meta.append(this.#when(message), ' ',
        el('span', { class: `tick ${sending}`, role: 'img', 'aria-label': texts.states[sending], title: texts.states[sending] },
          TICKS[sending]));
    }
    return el('li', { class: `mine ${sending}` }, el('span', { class: 'sr' }, `${texts.you}: `), this.#words(message), meta, message.marks ?? '');
  }

  #again(message: Message): void {
    if (canRetry(message)) return this.chat.retry(message);
    this.chat.discard(message);
    this.restore(message.text);
    this.focus();
  }
}
