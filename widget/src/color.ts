// SPDX-License-Identifier: Apache-2.0

/** Black or white, one that reads on the colour `#rrggbb` at 4.5:1. The luminance of WCAG 2 but for its
 *  curve: where a plain power leads elsewhere than that, either of the two reads. */
export function inkOn(color: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? '#000' : '#fff';
}
