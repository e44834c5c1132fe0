// SPDX-License-Identifier: Apache-2.0
// What the visitor is asked: before the first words (name, e-mail, consent) and after the last
// (the survey). Plain forms: labels to be seen, errors tied to their fields.
import { button, el, linked } from './dom.ts';
import { complain, field, forgive, newId } from './field.ts';
import type { Survey } from './protocol.ts';
import type { MoreTexts } from './texts.ts';

export interface Answers {
  name: string;
  email: string;
}

const ASKED = {
  name: { type: 'text', autocomplete: 'name', maxlength: '60' },
  email: { type: 'email', autocomplete: 'email', maxlength: '120' },
};

/** The form before the chat. `asked`: 'name email'; `consent`: '' where none is wanted. */
export function before(asked: string, consent: string, known: Answers, texts: MoreTexts,
                       done: (answers: Answers) => void): HTMLFormElement {
  const answers = { ...known };
  const inputs = (['name', 'email'] as const).filter((key) => asked.split(' ').includes(key)).map((key) => {
    const input = el('input', { ...ASKED[key], required: '', value: known[key] });
    return [key, input] as const;
  });
  const agree = el('input', { type: 'checkbox', required: '' });
  const form = el('form', { class: 'card', novalidate: '' },
    ...inputs.map(([key, input]) => field(texts.asked[key], input)));
  if (consent) {
    agree.id = newId();
    form.append(el('div', { class: 'field tick-box' }, agree, el('label', { for: agree.id }, ...linked(consent))));
  }
  form.append(el('button', { type: 'submit', class: 'main' }, texts.begin));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    forgive(form);
    for (const [key, input] of inputs) {
      answers[key] = input.value.trim();
      if (!answers[key] || !input.checkValidity()) return complain(input, texts.asked[`${key}Wrong`]);
    }
    if (consent && !agree.checked) return complain(agree, texts.consentWrong);
    done(answers);
  });
  return form;
}

const SCALES = { csat: [1, 5], effort: [1, 7], nps: [0, 10] } as const;

function scale(key: keyof typeof SCALES, texts: MoreTexts): HTMLElement {
  const [from, to] = SCALES[key];
  const name = newId();
  const choices = Array.from({ length: to - from + 1 }, (_, at) => {
    const input = el('input', { type: 'radio', name, value: String(from + at) });
    return el('label', {}, input, el('span', {}, String(from + at)));
  });
  return el('fieldset', { 'data-key': key }, el('legend', {}, texts.asked[key]),
    el('div', { class: 'scale' }, ...choices),
    el('p', { class: 'ends', 'aria-hidden': 'true' }, el('span', {}, texts.asked[`${key}Low`]), el('span', {}, texts.asked[`${key}High`])));
}

/** The survey after the chat. `asked`: 'csat effort nps comment source'. Nothing has to be answered. */
export function after(asked: string, texts: MoreTexts, done: (survey: Survey | null) => void): HTMLFormElement {
  const words = asked.split(' ');
  const comment = el('textarea', { rows: '2', maxlength: '2000' });
  const source = el('input', { type: 'text', maxlength: '200' });
  const form = el('form', { class: 'card' }, el('h2', {}, texts.survey));
  for (const key of ['csat', 'effort', 'nps'] as const) if (words.includes(key)) form.append(scale(key, texts));
  if (words.includes('comment')) form.append(field(texts.comment, comment));
  if (words.includes('source')) form.append(field(texts.source, source));
  form.append(el('div', { class: 'row' }, el('button', { type: 'submit', class: 'main' }, texts.sendAnswers), button(texts.skip, () => done(null))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const survey: Survey = {};
    for (const set of form.querySelectorAll('fieldset')) {
      const chosen = set.querySelector<HTMLInputElement>('input:checked');
      if (chosen) survey[set.dataset['key'] as 'csat'] = Number(chosen.value);
    }
    if (comment.value.trim()) survey.comment = comment.value.trim();
    if (source.value.trim()) survey.source = source.value.trim();
    done(Object.keys(survey).length > 0 ? survey : null);
  });
  return form;
}
