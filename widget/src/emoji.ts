// SPDX-License-Identifier: Apache-2.0
// The few emoji that chats need: a table of groups, no data set and no search. One stop of the
// Tab key; the arrows go on from there.
import style from './emoji.part.css';
import { button, el, wear } from './dom.ts';
import type { SeldomTexts } from './texts.ts';

wear(style);

/** Their names stand in the same order in the words of each language. */
const GROUPS = ['🙂 😀 😂 😊 😍 🤔 😕 😢', '👍 👎 👏 🙏 👋 💪 👌 🤝', '❤️ 🎉 ✅ ❌ ⭐ 🔥 ☕ 🎁'];
const ROW = 8;
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ROW, ArrowDown: ROW };

let shown: HTMLElement | null = null;

/** Opens them above what is being written, or closes them. */
export function emoji(opener: HTMLButtonElement, text: HTMLTextAreaElement, texts: SeldomTexts): void {
  const close = () => {
    const was = shown;
    shown = null; // first: what is removed loses the focus, and would close once more
    was?.remove();
    opener.ariaExpanded = 'false';
    text.focus();
  };
  if (shown) return close();
  const names = texts.emojiNames.split(', ');
  const signs = GROUPS.flatMap((group) => group.split(' '));
  const buttons = signs.map((sign, at) => button(sign, () => {
    text.setRangeText(sign, text.selectionStart, text.selectionEnd, 'end');
    close();
    text.dispatchEvent(new Event('input'));
  }, { 'aria-label': names[at]!, title: names[at]!, tabindex: at ? '-1' : '0' }));
  const panel = (shown = el('div', { class: 'emojis', role: 'toolbar', 'aria-label': opener.title }, ...buttons));
  const go = (to: HTMLButtonElement | undefined) => {
    if (!to) return;
    for (const one of buttons) one.tabIndex = one === to ? 0 : -1;
    to.focus();
  };
  panel.addEventListener('keydown', (event) => {
    const towards = getComputedStyle(panel).direction === 'rtl' && !event.key.endsWith('p') && !event.key.endsWith('n') ? -1 : 1;
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'Home') go(buttons[0]);
    else if (event.key === 'End') go(buttons.at(-1));
    else if (event.key in STEPS) go(buttons[at + towards * STEPS[event.key]!]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  panel.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget !== opener && relatedTarget !== text && !panel.contains(relatedTarget as Node | null) && shown === panel) close();
  });
  text.form!.before(panel);
  opener.ariaExpanded = 'true';
  go(buttons[0]);
}
