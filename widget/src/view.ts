// SPDX-License-Identifier: Apache-2.0
// The chat on the screen. Everything a person wrote goes in as text nodes; nothing is ever
// parsed as HTML. Each message is announced once; history, ticks and typing never are.
import { canRetry, isMessage } from './chat.ts';
import type { Chat, Entry, Message, Sending } from './chat.ts';
import { TEXT_MAX } from './protocol.ts';
import { fill } from './texts.ts';
import type { Texts } from './texts.ts';

export interface Acts {
  say(text: string): void;
  retry(message: Message): void;
  discard(message: Message): void;
  end(): void;
  close(): void;
  draft(text: string): void;
  typing(): void;
  looked(): void;
}

const ICON = {
  send: 'M4 12h15M13 6l6 6-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  end: 'M14 4h5v16h-5M3 12h11M10 8l4 4-4 4',
};
const TICKS: Record<Sending, string> = { sending: '◷', saved: '✓', delivered: '✓✓', read: '✓✓', failed: '!' };

type Props = Record<string, string>;

function el<K extends keyof HTMLElementTagNameMap>(name: K, props: Props = {}, ...inside: (Node | string)[]) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** Text with its web addresses as links; only http and https, never anything that runs. */
export function linked(text: string): (Node | string)[] {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/).map((part, odd) =>
    odd % 2 ? el('a', { href: part, target: '_blank', rel: 'noopener noreferrer nofollow' }, part) : part);
}

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
  #text = el('textarea', { id: 'text', rows: '1', enterkeyhint: 'send', autocomplete: 'off' });
  #send = el('button', { type: 'submit' }, icon(ICON.send));
  #end = el('button', { type: 'button' }, icon(ICON.end));
  #close = el('button', { type: 'button' }, icon(ICON.close));
  #ask = el('div', { class: 'ask', role: 'group', hidden: '' });
  #time = new Intl.DateTimeFormat();
  #name = '';

  constructor(readonly chat: Chat, readonly acts: Acts, public texts: Texts) {
    const form = el('form', {}, this.#label, this.#text, this.#send);
    document.body.append(
      el('header', {}, this.#face, el('div', {}, this.#title, this.#status), this.#end, this.#close),
      this.#main, el('footer', {}, this.#state, this.#ask, form), this.#say, this.#alert);
    form.addEventListener('submit', (event) => (event.preventDefault(), this.#submit()));
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('input', () => {
      this.#grow();
      acts.draft(this.#text.value);
      if (this.#text.value) acts.typing();
    });
    this.#end.addEventListener('click', () => this.#confirm());
    this.#close.addEventListener('click', () => acts.close());
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing) return;
      if (this.#ask.hidden) acts.close();
      else this.#answer(false);
    });
    for (const when of ['focus', 'pointerdown', 'visibilitychange']) addEventListener(when, () => acts.looked());
  }

  speak(language: string, texts: Texts, name: string): void {
    this.texts = texts;
    this.#name = name;
    this.#time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
    document.documentElement.lang = language;
    document.title = name;
    for (const [node, words] of [[this.#main, texts.messages], [this.#send, texts.send], [this.#end, texts.end],
                                 [this.#close, texts.close], [this.#ask, texts.reallyEnd]] as const)
      node.setAttribute('aria-label', words);
    this.#end.title = texts.end;
    this.#close.title = texts.close;
    this.#label.textContent = this.#text.placeholder = texts.write;
    this.#items.clear();
    this.draw();
  }

  paint(color: string, ink: string): void {
    document.documentElement.style.setProperty('--brand', color);
    document.documentElement.style.setProperty('--ink', ink);
  }

  focus(): void {
    this.#text.focus();
    this.#toEnd();
  }

  restore(draft: string): void {
    this.#text.value = draft;
    this.#grow();
  }

  /** Once, to those who listen. */
  announce(message: Message): void {
    this.#say.textContent = `${message.name || this.#name}: ${message.text}`;
  }

  #submit(): void {
    const text = this.#text.value;
    if (!text.trim()) return;
    if ([...text].length > TEXT_MAX) {
      this.#alert.textContent = this.texts.too_long;
      this.#show(this.texts.too_long);
      return;
    }
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
    this.#main.scrollTop = this.#main.scrollHeight;
  }

  // --- end the chat? ---

  #confirm(): void {
    const yes = el('button', { type: 'button' }, this.texts.yes);
    const no = el('button', { type: 'button' }, this.texts.no);
    yes.addEventListener('click', () => this.#answer(true));
    no.addEventListener('click', () => this.#answer(false));
    this.#ask.replaceChildren(el('span', {}, this.texts.reallyEnd), yes, no);
    this.#ask.hidden = false;
    yes.focus();
  }

  #answer(yes: boolean): void {
    this.#ask.hidden = true;
    if (yes) this.acts.end();
    this.focus();
  }

  // --- drawing ---

  draw(refused = false): void {
    const { chat, texts } = this;
    const { agent } = chat;
    this.#title.textContent = agent?.name || this.#name;
    this.#face.textContent = ([...(agent?.name || this.#name)][0] ?? '').toUpperCase();
    this.#status.textContent = !chat.live ? texts.connecting : agent ? this.#name : texts[chat.availability];
    this.#end.hidden = chat.conversation === null || chat.state === 'ended';
    this.#send.disabled = refused;
    const away = chat.live && chat.availability === 'offline' && !agent;
    this.#show(refused ? texts.refused
      : chat.typing ? fill(texts.typing, agent?.name || this.#name)
      : chat.queue ? fill(texts.queue, chat.queue)
      : away ? texts.leave : '');
    this.#drawList();
  }

  #show(words: string): void {
    this.#state.textContent = words;
    this.#state.hidden = !words;
  }

  #drawList(): void {
    const atEnd = this.#main.scrollHeight - this.#main.scrollTop - this.#main.clientHeight < 80;
    const nodes = this.chat.entries.map((entry) => this.#item(entry));
    nodes.unshift(this.#note(this.texts.greeting, 'greeting'));
    const now = new Set(nodes);
    for (const [key, { node }] of this.#items) if (!now.has(node)) this.#items.delete(key);
    for (const node of [...this.#list.children]) if (!now.has(node as HTMLLIElement)) node.remove();
    nodes.forEach((node, at) => {
      if (this.#list.children[at] !== node) this.#list.insertBefore(node, this.#list.children[at] ?? null);
    });
    if (atEnd) this.#toEnd();
  }

  #note(words: string, kind: string): HTMLLIElement {
    return this.#keep(kind, words, () =>
      kind === 'greeting' ? el('li', {}, el('p', {}, words)) : el('li', { class: 'note' }, words));
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

  #item(entry: Entry): HTMLLIElement {
    const { texts } = this;
    if (!isMessage(entry))
      return this.#note(entry.notice === 'ended' ? texts.ended : fill(texts[entry.notice], entry.name), entry.key);
    return this.#keep(entry.key, `${entry.sending} ${entry.at} ${entry.code}`, () =>
      entry.from === 'visitor' ? this.#mine(entry) : this.#theirs(entry));
  }

  #when(message: Message): string {
    return message.at ? this.#time.format(new Date(message.at)) : '';
  }

  #theirs(message: Message): HTMLLIElement {
    return el('li', { class: message.from },
      el('span', { class: 'who' }, `${message.name || this.#name} · ${this.#when(message)}`),
      el('p', { dir: 'auto' }, ...linked(message.text)));
  }

  #mine(message: Message): HTMLLIElement {
    const { texts } = this;
    const { sending } = message;
    const meta = el('div', { class: 'meta' });
    if (sending === 'failed') {
      const reason = message.code === 'too_long' || message.code === 'bad_text' ? texts[message.code] : '';
      meta.append(reason ? `${texts.notSent}: ${reason}` : texts.notSent, ' ');
      const again = el('button', { type: 'button' }, canRetry(message) ? texts.tryAgain : texts.edit);
      again.addEventListener('click', () => {
        if (canRetry(message)) return this.acts.retry(message);
        this.acts.discard(message);
        this.restore(message.text);
        this.focus();
      });
      meta.append(again);
      this.#alert.textContent = meta.textContent;
    } else {
      meta.append(this.#when(message), ' ',
        el('span', { class: `tick ${sending}`, role: 'img', 'aria-label': texts[sending], title: texts[sending] },
          TICKS[sending]));
    }
    return el('li', { class: `mine ${sending}` }, el('span', { class: 'sr' }, `${texts.you}: `),
      el('p', { dir: 'auto' }, ...linked(message.text)), meta);
  }
}
