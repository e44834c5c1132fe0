// SPDX-License-Identifier: Apache-2.0
// Making nodes. Whatever a person wrote goes in as text; nothing is ever parsed as HTML.

/** A style for all of the frame. */
export function wear(style: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets.push(sheet);
}

export type Props = Record<string, string>;

export function el<K extends keyof HTMLElementTagNameMap>(name: K, props: Props = {}, ...inside: (Node | string)[]) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

export function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** A picture; what stands in its place when it cannot be had. */
export function picture(src: string, alt: string, instead: Node | string): HTMLImageElement {
  const made = el('img', { src, alt });
  made.addEventListener('error', () => made.replaceWith(instead));
  return made;
}

export function button(inside: Node | string, act: () => void, props: Props = {}): HTMLButtonElement {
  const made = el('button', { type: 'button', ...props }, inside);
  made.addEventListener('click', act);
  return made;
}

/** Text with its web addresses as links; only http and https, never anything that runs. */
export function linked(text: string): (Node | string)[] {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/).map((part, odd) =>
    odd % 2 ? el('a', { href: part, target: '_blank', rel: 'noopener noreferrer nofollow' }, part) : part);
}
