// SPDX-License-Identifier: Apache-2.0
// What every step of the page is made of: a heading that is read out, words, a form that says what is wrong.
import { button, el } from '../../widget/src/dom.ts';
import type { Answer } from './ask.ts';
import { fill, texts } from './texts.ts';

/** Another step in place of the one before; a screen reader goes on at its heading. */
export function show(title: string, ...inside: (Node | string)[]): void {
  const heading = el('h1', { tabindex: '-1' }, title);
  document.title = `${title} – Läsnä`;
  document.querySelector('main')!.replaceChildren(heading, ...inside);
  heading.focus();
}

export const p = (...inside: (Node | string)[]) => el('p', {}, ...inside);

/** What a refusal means to whoever reads it; `known`: what some codes mean here. */
export function meaning(answer: Answer, known: Record<string, string> = {}): string {
  if (answer.wait > 0) return fill(texts.wait, answer.wait);
  return known[answer.code] ?? { offline: texts.offline, foreign_page: texts.foreign }[answer.code] ?? texts.failed;
}

export interface Form {
  form: HTMLFormElement;
  /** Says what is wrong, beside the field it is about. */
  wrong: (text: string) => void;
}

/** A form of one field. While `send` works, nothing can be sent again. */
export function formOf(field: HTMLInputElement, inside: (Node | string)[], name: string, send: () => Promise<void>, ...beside: Node[]): Form {
  const says = el('p', { class: 'wrong', id: 'wrong', role: 'alert' });
  const busy = el('p', { class: 'busy', role: 'status' });
  const sends = el('button', {}, name);
  const wrong = (text: string) => {
    says.textContent = text;
    field.setAttribute('aria-invalid', 'true');
    field.focus();
  };
  let sending = false;
  const form = el('form', { novalidate: '' }, ...inside, says, el('div', { class: 'row' }, sends, ...beside), busy);
  field.setAttribute('aria-describedby', `${field.getAttribute('aria-describedby') ?? ''} wrong`.trim());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (sending) return;
    says.textContent = '';
    field.removeAttribute('aria-invalid');
    sending = true;
    sends.setAttribute('aria-disabled', 'true');
    busy.textContent = texts.busy;
    await send();
    sending = false;
    sends.removeAttribute('aria-disabled');
    busy.textContent = '';
  });
  return { form, wrong };
}

export const second = (name: string, act: () => void) => button(name, act, { class: 'second' });
