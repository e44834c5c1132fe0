// SPDX-License-Identifier: Apache-2.0
// Files and pictures: chosen, pasted or dropped, sent with a progress bar, gone on with where a line
// broke, and shown.
//
//     upload frame ─▶ ticket and how much is there ─▶ POST of the rest ─▶ saved, like words
import type { Chat, Message } from './chat.ts';
import { button, el, picture, wear } from './dom.ts';
import style from './files.part.css';
import type { Ticket } from './protocol.ts';
import { fill } from './texts.ts';
import type { MoreTexts } from './texts.ts';
import type { View } from './view.ts';

wear(style);

const PLACE = `/t/${location.pathname.split('/')[2]}/files`;
const AGAIN_MS = 2000;
const TRIES = 5; // without a byte more

/** What stands for an upload on the screen and on the line. */
interface Going {
  bar: HTMLProgressElement;
  line: XMLHttpRequest | null;
  tries: number;
}

const kilo = (bytes: number) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export class Files {
  #going = new Map<Message, Going>();
  #pick = el('input', { type: 'file', multiple: '' });

  constructor(readonly chat: Chat, readonly view: View, readonly texts: MoreTexts) {
    this.#pick.addEventListener('change', () => {
      this.take(this.#pick.files!);
      this.#pick.value = ''; // the same again is a choice, too
    });
  }

  take(what?: FileList | Message, words?: HTMLElement): void {
    if (!what) return this.#pick.click();
    if ('text' in what) return this.#show(what, words!);
    for (const file of what) this.chat.say(file.name, undefined, file);
    this.view.focus();
  }

  // --- sending ---

  #of(message: Message): Going {
    const going = this.#going.get(message) ?? { line: null, tries: 0,
      bar: el('progress', { max: String(message.blob!.size || 1), value: '0', 'aria-label': message.text }) };
    this.#going.set(message, going);
    return going;
  }

  /** Asks for a ticket, or uses it. */
  upload(what: Message | Ticket): void {
    const { chat } = this;
    const message = 'ticket' in what ? chat.unsent().find(({ cid }) => cid === what.cid) : what;
    const blob = message?.blob;
    const most = chat.settings.files?.max_bytes ?? Infinity;
    if (!message || !blob) return;
    if ('ticket' in what) this.#post(message, blob, what);
    else if (blob.size === 0) chat.fail(message, 'empty');
    else if (blob.size > most) chat.fail(message, 'too_large');
    else if (chat.live) chat.does.send({ type: 'upload', cid: message.cid!, name: blob.name, size: blob.size });
  }

  #post(message: Message, blob: File, { ticket, have }: Ticket): void {
    const going = this.#of(message);
    going.line?.abort();
    going.bar.value = have;
    if (have === blob.size) return; // it is there, and on its way to be said
    const line = (going.line = new XMLHttpRequest());
    line.open('POST', PLACE);
    line.setRequestHeader('Lasna-Upload', ticket);
    line.setRequestHeader('Lasna-From', String(have));
    line.upload.onprogress = ({ loaded }) => {
      going.bar.value = have + loaded;
      going.tries = 0;
    };
    line.onload = () => this.#answered(message, line);
    line.onerror = () => this.#again(message);
    line.send(blob.slice(have));
  }

  #answered(message: Message, { status, responseText }: XMLHttpRequest): void {
    if (status === 202 || !message.blob) return;
    const code = /"code":"(\w+)"/.exec(responseText)?.[1] ?? 'timeout';
    if (code === 'upload_gone' || status === 408) this.#again(message);
    else this.chat.fail(message, code);
  }

  /** The line broke. When the connection comes back, the chat asks for what is not sent by itself. */
  #again(message: Message): void {
    const going = this.#of(message);
    if (++going.tries > TRIES) {
      going.tries = 0; // asked for once more, it has as many again
      return this.chat.fail(message, 'timeout');
    }
    this.chat.does.later(AGAIN_MS, () => message.blob && message.sending === 'sending' && this.upload(message));
  }

  #cancel(message: Message): void {
    this.#going.get(message)?.line?.abort();
    this.#going.delete(message);
    this.chat.discard(message);
    this.view.focus();
  }

  // --- showing ---

  #reason({ code }: Message): string {
    const { texts, chat } = this;
    const most = ((chat.settings.files?.max_bytes ?? 0) / 2 ** 20).toFixed();
    return fill(texts.why[code as keyof typeof texts.why] ?? '', most);
  }

  #show(message: Message, words: HTMLElement): void {
    const { file, blob, text, sending } = message;
    words.className = 'file';
    if (file) return this.#showFile(words, file.url, file.name, file.type, file.size);
    if (!blob) return;
    const reason = this.#reason(message);
    words.replaceChildren(el('bdi', {}, text), sending === 'failed' ? reason && el('strong', {}, reason) : this.#of(message).bar,
      button(sending === 'failed' ? this.texts.remove : this.texts.cancel, () => this.#cancel(message)));
    if (reason) this.view.alert(`${text}: ${reason}`, true);
  }

  /** Pictures of this service are shown; whatever lies elsewhere, or is there no more, is only named. */
  #showFile(words: HTMLElement, url: string, name: string, type: string | null, size: number | null): void {
    const link = el('a', { href: url, target: '_blank', rel: 'noopener noreferrer' });
    const called = size ? `${name} · ${kilo(size)}` : name;
    link.append(url.startsWith('/f/') && type?.startsWith('image/') ? picture(url, name, called) : called);
    words.replaceChildren(link);
  }
}
