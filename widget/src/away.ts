// SPDX-License-Identifier: Apache-2.0
// When nobody is there: the hours, and what a visitor can ask for instead, to be called back or
// to meet; and where to mail a copy of the chat.
import style from './away.part.css';
import type { Chat } from './chat.ts';
import { button, el, wear } from './dom.ts';
import { complain, field, forgive } from './field.ts';
import type { OpenTime, Request } from './protocol.ts';
import type { Wish } from './protocol.ts';
import { fill } from './texts.ts';
import type { SeldomTexts } from './texts.ts';

wear(style);

const WEEK_MS = 6 * 86400000;
const ADDRESS = { type: 'email', autocomplete: 'email', maxlength: '120', required: '' };

/** Those of the setting `widget.request` that we know. */
export const wishes = (asked: string | undefined): Wish[] =>
  (asked ?? '').split(' ').filter((one): one is Wish => one === 'callback' || one === 'meeting');

const row = (words: string, texts: SeldomTexts, done: (nothing: null) => void): HTMLElement =>
  el('div', { class: 'row' }, el('button', { type: 'submit', class: 'main' }, words), button(texts.back, () => done(null)));

/** The times of a day in one line, in the visitor's own zone; a week of them. */
function hours(open: OpenTime[], language: string): HTMLElement {
  const day = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'numeric' });
  const time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
  const days = new Map<string, string[]>();
  for (const [from, to] of open.map(([one, other]) => [Date.parse(one), Date.parse(other)] as const)) {
    if (from > Date.parse(open[0]![0]) + WEEK_MS) break;
    const name = day.format(from);
    days.set(name, [...(days.get(name) ?? []), time.formatRange(from, to)]);
  }
  return el('dl', {}, ...[...days].flatMap(([name, times]) => [el('dt', {}, name), el('dd', {}, times.join(', '))]));
}

export function away(open: OpenTime[], asked: string | undefined, language: string, texts: SeldomTexts,
                     wish: (kind: Wish) => void): HTMLElement {
  const card = el('div', { class: 'card' });
  if (open.length > 0) card.append(el('h2', {}, texts.hours), hours(open, language));
  for (const kind of wishes(asked)) card.append(button(texts.wishes[kind], () => wish(kind)));
  return card;
}

/** Asks to which address the chat shall go. */
function askWhere(email: string, texts: SeldomTexts, done: (nothing: null) => void, chat: Chat): HTMLFormElement {
  const to = el('input', { ...ADDRESS, value: email });
  const form = el('form', { class: 'card', novalidate: '' }, el('h2', {}, texts.mail), field(texts.address, to), row(texts.mailSend, texts, done));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    forgive(form);
    if (!to.value || !to.checkValidity()) return complain(to, texts.addressWrong);
    done(null);
    if (!chat.does.send({ type: 'mail_transcript', email: to.value })) chat.asked!('not_mailed');
  });
  return form;
}

/** Asks how and when; the answer in words, as the visitor would write it, and as data. */
export function ask(kind: Wish | 'mail', email: string, texts: SeldomTexts,
                    done: (wish: { text: string; request: Request } | null) => void, chat: Chat): HTMLFormElement {
  if (kind === 'mail') return askWhere(email, texts, done, chat);
  const calls = kind === 'callback';
  const to = el('input', calls ? { type: 'tel', autocomplete: 'tel', maxlength: '40', required: '' }
                               : { ...ADDRESS, value: email });
  const when = el('input', { type: 'text', maxlength: '120', ...(calls ? {} : { required: '' }) });
  const about = el('textarea', { rows: '2', maxlength: '1000' });
  const form = el('form', { class: 'card', novalidate: '' }, el('h2', {}, texts.wishes[kind]),
    field(calls ? texts.phone : texts.address, to), field(texts.when, when), field(texts.about, about),
    row(texts.request, texts, done));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    forgive(form);
    const [reach, time, what] = [to, when, about].map(({ value }) => value.trim()) as [string, string, string];
    if (calls ? reach.replace(/\D/g, '').length < 5 : !reach || !to.checkValidity())
      return complain(to, calls ? texts.phoneWrong : texts.addressWrong);
    if (!calls && !time) return complain(when, texts.whenWrong);
    const says = fill(texts.wishes[`${kind}Says`], reach);
    done({ text: [says, time && `${texts.when} ${time}`, what].filter(Boolean).join('\n'), request: { kind, to: reach, time } });
  });
  return form;
}
