// SPDX-License-Identifier: Apache-2.0
// The visitor's own copy of the chat, as a text file.
import { isMessage } from './chat.ts';
import type { Chat } from './chat.ts';
import { el } from './dom.ts';
import type { Texts } from './texts.ts';

export function transcriptText(chat: Pick<Chat, 'lines'>, texts: Texts, name: string, language: string): string {
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' });
  const lines = chat.lines.filter(isMessage).filter(({ at }) => at).map((message) =>
    `[${time.format(new Date(message.at!))}] ${message.from === 'visitor' ? texts.you : message.name || name}: ${message.text || texts.states.withdrawn}`);
  return [name, '', ...lines, ''].join('\r\n');
}

export function saveTranscript(chat: Chat, texts: Texts, name: string, language: string): void {
  const url = URL.createObjectURL(new Blob([transcriptText(chat, texts, name, language)], { type: 'text/plain;charset=utf-8' }));
  const link = el('a', { href: url, download: `${name} ${new Date().toISOString().slice(0, 10)}.txt` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
