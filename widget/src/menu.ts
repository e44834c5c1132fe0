// SPDX-License-Identifier: Apache-2.0
// The menu: what a visitor seldom wants.
import type { Config } from './bridge.ts';
import { wishes } from './away.ts';
import { isMessage } from './chat.ts';
import type { Chat } from './chat.ts';
import { button, el, wear } from './dom.ts';
import style from './menu.part.css';
import type { Outgoing, Wish } from './protocol.ts';
import type { Kept } from './store.ts';
import type { SeldomTexts } from './texts.ts';
import { saveTranscript } from './transcript.ts';
import type { View } from './view.ts';

wear(style);

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

type Choice = [words: string, act: () => void];

/** Takes away what stands there, the menu or a question: one at most. */
let leave: (() => void) | null = null;

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing || !leave) return;
  event.stopPropagation();
  leave();
}, true);

function stand(node: HTMLElement, after: () => void): void {
  leave?.();
  leave = () => {
    leave = null;
    node.remove();
    after();
  };
  node.querySelector('button')!.focus();
}

const leaving = (words: string, act?: () => void) => button(words, () => {
  leave?.();
  act?.();
});

/** Asks before something is done that cannot be undone. */
function confirm(view: View, question: string, yes: string, no: string, act: () => void): void {
  const place = el('div', { class: 'ask', role: 'group', 'aria-label': question }, el('span', {}, question), leaving(yes, act), leaving(no));
  document.getElementById('quoting')!.before(place);
  stand(place, () => view.focus());
}

function forget({ view, texts, send }: Around): void {
  confirm(view, texts.reallyForget, texts.forgetYes, texts.forgetNo, () => {
    if (!send({ type: 'forget' })) view.alert(texts.told.not_erased);
  });
}

function choices(around: Around): Choice[] {
  const { chat, view, config, language, texts, kept, keep, wish, send } = around;
  chat.asked = (code) => {
    if (code === 'mailed' || code === 'not_mailed' || code === 'not_erased') view.alert(texts.told[code]);
  };
  const answered = chat.lines.some((entry) => isMessage(entry) && entry.from === 'agent');
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

/** Opens what a visitor seldom wants below its button, or closes it. */
export function menu(opener: HTMLButtonElement, around: Around): void {
  if (opener.ariaExpanded === 'true') return leave?.();
  const panel = el('div', { class: 'choices' }, ...choices(around).map(([words, act]) => leaving(words, act)));
  const outside = ({ target }: Event) => {
    if (![panel, opener].some((one) => one.contains(target as Node))) leave?.();
  };
  addEventListener('pointerdown', outside);
  opener.parentElement!.append(panel);
  opener.ariaExpanded = 'true';
  stand(panel, () => {
    removeEventListener('pointerdown', outside);
    opener.ariaExpanded = 'false';
    opener.focus();
  });
}
