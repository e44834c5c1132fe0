// SPDX-License-Identifier: Apache-2.0
// The words of the page, in the first of the reader's languages that we speak.
import type english from '../texts/en.json';

type Texts = typeof english;
declare const __LASNA_TEXTS__: Record<string, Texts>;

export const language = navigator.languages.map((tag) => tag.split('-')[0]!.toLowerCase())
  .find((tag) => Object.hasOwn(__LASNA_TEXTS__, tag)) ?? 'en';
export const texts: Texts = __LASNA_TEXTS__[language]!;

export const fill = (text: string, word: string | number): string => text.replace('{}', () => String(word));
