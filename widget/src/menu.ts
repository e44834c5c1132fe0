// SPDX-License-Identifier: Apache-2.0
// The menu: what a visitor seldom wants.
import type { Config } from './bridge.ts';
import { isMessage } from './chat.ts';
import type { Chat } from './chat.ts';
import { button, el } from './dom.ts';
import { wishes } from './protocol.ts';
import type { Outgoing, Wish } from './protocol.ts';
import type { Kept } from './store.ts';
import type { SeldomTexts } from './texts.ts';
import { saveTranscript } from './transcript.ts';
import type { View } from './view.ts';

export interface Around {
  chat: Chat;
  view: View;
  config: Config;
  language: string;
  texts: SeldomTexts;
  kept: Readonly<Kept>;
  keep(change: Partial<Kept>): void;
  wish(kind: Wish | 'mail'): void;
  send(frame: Outgoing): boolean;
}

export type Choice = [words: string, act: () => void];

/** Asks before something is done that cannot be undone. */
function confirm(view: View, question: string, yes: string, no: string, act: () => void): void {
  const { question: place } = view;
  const answer = (words: string, what: () => void) => button(words, () => {
    place.hidden = true;
    what();
    view.focus();
  });
  place.ariaLabel = question;
  place.replaceChildren(el('span', {}, question), answer(yes, act), answer(no, () => {}));
  place.hidden = false;
  place.querySelector('button')!.focus();
}

function forget({ view, texts, send }: Around): void {
  confirm(view, texts.reallyForget, texts.forgetYes, texts.forgetNo, () => {
    if (!send({ type: 'forget' })) view.alert(texts.told.not_erased);
  });
}

export function choices(around: Around): Choice[] {
  const { chat, view, config, language, texts, kept, keep, wish, send } = around;
  chat.asked = (code) => {
    if (code === 'mailed' || code === 'not_mailed' || code === 'not_erased') view.alert(texts.told[code]);
  };
  const answered = chat.entries.some((entry) => isMessage(entry) && entry.from === 'agent');
  const found: (Choice | false)[] = [
    chat.conversation !== null && chat.state !== 'ended' &&
      [texts.end, () => confirm(view, texts.reallyEnd, texts.yes, texts.no, () => chat.end())],
    ...wishes(config.request).map((kind): Choice => [texts.wishes[kind], () => wish(kind)]),
    chat.hasEarlier && [texts.earlier, () => void send({ type: 'earlier', before: chat.oldest })],
    chat.lastSeq > 0 && [texts.download, () => saveTranscript(chat, view.texts, config.name, language)],
    answered && !!chat.settings.mail && [texts.mail, () => wish('mail')],
    [kept.quiet ? texts.soundOn : texts.soundOff, () => keep({ quiet: !kept.quiet })],
    [kept.plain ? texts.titleOn : texts.titleOff, () => keep({ plain: !kept.plain })],
    chat.oldest !== null && config.forget !== false && [texts.forget, () => forget(around)],
  ];
  return found.filter((one) => one !== false);
}
