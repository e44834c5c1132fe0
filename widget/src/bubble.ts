// SPDX-License-Identifier: Apache-2.0
// A word from us on the site's own page, beside the button, that can be closed: a greeting, a
// question to a buyer. For the parts that stand beside the loader, each of which holds this.

const STYLE = `p{all:unset;position:absolute;bottom:76px;right:0;width:max-content;max-width:min(300px,calc(100vw - 40px));box-sizing:border-box;
padding:14px 52px 14px 16px;border-radius:16px;background:#fff;color:#1c2128;font:16px/1.45 system-ui,sans-serif;box-shadow:0 4px 24px #0005}
:host(.left) p{right:auto;left:0}
:host(.open) p{display:none}
:host([dir=rtl]) p,p[dir=rtl]{padding:14px 16px 14px 52px}
p a{color:inherit}
p button{all:unset;display:inline;width:auto;height:auto;background:none;color:inherit;box-shadow:none;border-radius:4px}
p :last-child{position:absolute;top:4px;right:4px;width:44px;height:44px;text-align:center;font-size:22px}
p[dir=rtl] :last-child{right:auto;left:4px}
p :focus-visible{outline:3px solid var(--brand)}
@media (prefers-color-scheme:dark){p{background:#262c34;color:#e6edf3}}
@media (forced-colors:active){p{border:1px solid}p button{border:0}}`;

const CLOSE: Record<string, string> = { en: 'Close', fi: 'Sulje', sv: 'Stäng', ar: 'إغلاق' };

export const langOf = (root: ShadowRoot): string => (root.host as HTMLElement).lang;

export function button(words: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = words;
  made.addEventListener('click', act);
  return made;
}

export function styled(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets.push(sheet);
}

/** Says it, in place of what was said before; `closed`: the visitor wants no more of it. */
export function bubble(root: ShadowRoot, says: HTMLElement, closed?: () => void): HTMLElement {
  const made = document.createElement('p');
  const close = button('×', () => {
    made.remove();
    closed?.();
    root.querySelector<HTMLElement>('button')?.focus();
  });
  close.setAttribute('aria-label', CLOSE[langOf(root)] ?? CLOSE['en']!);
  made.setAttribute('role', 'status'); // announced once, and takes no focus
  made.dir = ['ar', 'fa', 'he', 'ur'].includes(langOf(root)) ? 'rtl' : 'ltr';
  root.querySelector('p')?.remove();
  root.append(made);
  made.append(says, close);
  return made;
}
