// SPDX-License-Identifier: Apache-2.0
// A word from us on the site's own page, beside the button, that can be closed: a greeting, a
// question to a buyer. For the parts that stand beside the loader, each of which holds this.
import type { Config, Labels } from './bridge.ts';
import style from './bubble.part.css';

export const langOf = (root: ShadowRoot): string => (root.host as HTMLElement).lang;

/** What is said there, in the language that is spoken now. */
export const labelsOf = (config: Config, root: ShadowRoot): Labels => config.labels[langOf(root)]!;

export function button(words: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = words;
  made.addEventListener('click', act);
  return made;
}

export function styled(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets.push(sheet);
}

/** Says it, in place of what was said before; `closed`: the visitor wants no more of it. */
export function bubble(config: Config, root: ShadowRoot, says: HTMLElement, closed?: () => void): HTMLElement {
  const made = document.createElement('p');
  const close = button('×', () => {
    made.remove();
    closed?.();
    root.querySelector<HTMLElement>('button')?.focus();
  });
  close.setAttribute('aria-label', labelsOf(config, root)[3]!);
  made.setAttribute('role', 'status'); // announced once, and takes no focus
  made.dir = ['ar', 'fa', 'he', 'ur'].includes(langOf(root)) ? 'rtl' : 'ltr';
  root.querySelector('p')?.remove();
  root.append(made);
  made.append(says, close);
  return made;
}
