// SPDX-License-Identifier: Apache-2.0
// What every form is made of: labels to be seen, errors tied to their fields.
import { el, wear } from './dom.ts';
import style from './forms.part.css';

wear(style);

let ids = 0;
export const newId = (): string => `f${++ids}`;

export function field(label: string, input: HTMLInputElement | HTMLTextAreaElement): HTMLElement {
  input.id = newId();
  return el('div', { class: 'field' }, el('label', { for: input.id }, label), input);
}

/** Ties the error to its field, and goes there. */
export function complain(input: HTMLInputElement, words: string): void {
  const id = `${input.id}-error`;
  document.getElementById(id)?.remove();
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', id);
  input.closest('.field')!.append(el('p', { id, class: 'error' }, words));
  input.focus();
}

/** As if nothing had been wrong. */
export function forgive(form: HTMLFormElement): void {
  for (const input of form.querySelectorAll('input')) {
    input.removeAttribute('aria-invalid');
    document.getElementById(`${input.id}-error`)?.remove();
  }
}
