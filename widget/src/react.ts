// SPDX-License-Identifier: Apache-2.0
// Emojis beside messages: the fourth file of the frame, fetched with its words when somebody puts one
// there, or the visitor wants to. What stands beside a message changes in place, so that nothing takes
// the focus away.
import type { Chat, Message } from './chat.ts';
import { button, el, wear } from './dom.ts';
import type { Reaction } from './protocol.ts';
import style from './react.part.css';
import type { ReactTexts } from './texts.ts';
import type { View } from './view.ts';

wear(style);

/** Their names stand in the same order in the words of each language. */
const SIGNS = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏'];
const MOST = 5; // of one sender, on one message
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

export class Reactions {
  #panel: HTMLElement | null = null;
  #asked: Chat['asked']; // whoever else wants to know what was refused
  #refused = (code: string) => (code === 'no_reaction' ? this.view.alert(this.texts.reactNot) : this.#asked?.(code));

  constructor(readonly chat: Chat, readonly view: View, readonly texts: ReactTexts) {}

  /** Somebody has put these there, in place of what they had. */
  take(frame: Reaction, isNews: boolean): void {
    const { by, name, emojis } = frame;
    const message = this.chat.numbered(frame.seq);
    if (!message) return;
    const sets = (message.sets ??= new Map());
    const known = `${sets.get(by)?.emojis ?? ''}`;
    sets.set(by, frame);
    this.#show(message, [...sets.values()]);
    if (by && isNews && emojis.length && known !== `${emojis}`)
      this.view.announce({ ...message, changed: '', name: name ?? '', text: `${emojis.join(' ')} – ${message.text}` });
  }

  #show(message: Message, sets: Reaction[]): void {
    const { view } = this;
    message.marks ??= el('div', { class: 'marks' });
    message.marks.replaceChildren(...sets.filter(({ emojis }) => emojis.length).map(({ name, emojis }) => {
      const words = [name, emojis.join(' ')].filter(Boolean).join(': '); // in no language: another may be chosen
      return el('span', { role: 'img', 'aria-label': words, title: words }, emojis.join(' '));
    }));
    view.nodeOf(message)?.append(message.marks);
  }

  /** Offers some below the message, or closes them; `meta` holds the button that opens them. */
  pick(message: Message, meta: HTMLElement): void {
    const { texts } = this;
    const open = this.#panel?.previousSibling === meta;
    this.#panel?.remove();
    this.#panel = null;
    if (open) return;
    const names = texts.signNames.split(', ');
    const own = message.sets?.get(null)?.emojis ?? [];
    const close = () => {
      this.#panel = null;
      panel.remove();
      meta.querySelector<HTMLElement>('button:last-child')?.focus();
    };
    const buttons = SIGNS.map((sign, at) => button(sign, () => {
      this.#send(message, own.includes(sign) ? own.filter((one) => one !== sign) : [...own, sign].slice(-MOST));
      close();
    }, { 'aria-label': names[at]!, title: names[at]!, 'aria-pressed': String(own.includes(sign)), tabindex: at ? '-1' : '0' }));
    const panel = (this.#panel = el('div', { class: 'signs', role: 'toolbar', 'aria-label': texts.reactWith }, ...buttons));
    panel.addEventListener('keydown', (event) => {
      const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
      const step = (STEPS[event.key] ?? 0) * (getComputedStyle(panel).direction === 'rtl' ? -1 : 1);
      const to = buttons[(at + step + SIGNS.length) % SIGNS.length]!;
      if (event.key === 'Escape') close();
      else if (!step) return;
      else {
        buttons[at]!.tabIndex = -1;
        to.tabIndex = 0;
        to.focus();
      }
      event.preventDefault();
      event.stopPropagation();
    });
    meta.after(panel);
    buttons[0]!.focus();
  }

  /** It is shown when the server has it. */
  #send(message: Message, emojis: string[]): void {
    const { chat, view, texts } = this;
    if (chat.asked !== this.#refused) [this.#asked, chat.asked] = [chat.asked, this.#refused];
    if (!chat.does.send({ type: 'react', seq: message.seq!, emojis })) view.alert(texts.reactNot);
  }
}
