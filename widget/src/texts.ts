// SPDX-License-Identifier: Apache-2.0
// Every word the chat says: a file of widget/texts/ for each language, of which a visitor
// fetches one; what the forms say, the menu and files, comes with these. `{}` is filled in.
import type en from '../texts/en.json';

declare const __LASNA_TEXTS__: Record<string, string>; // language → where its file is; by the build

export type Texts = Omit<typeof en, 'forms' | 'menu' | 'files'>;
export type FormTexts = typeof en.forms;
export type MenuTexts = typeof en.menu;
export type FileTexts = typeof en.files;

/** The language that comes nearest: what is wanted, where there is such a file. */
export const nearest = (wanted: string): string => (Object.hasOwn(__LASNA_TEXTS__, wanted) ? wanted : 'en');

async function read<T>(place: string): Promise<T> {
  const answer = await fetch(place);
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as T;
}

export const textsIn = (language: string) => read<Texts>(__LASNA_TEXTS__[language]!);
/** What a part says that few need. */
export const moreIn = <T>(part: 'forms' | 'menu' | 'files', language: string) => read<T>(__LASNA_TEXTS__[language]!.replace('texts', part));

export const fill = (text: string, word: string | number): string => text.replace('{}', () => String(word));

/** Languages that run from right to left. */
export const isRightToLeft = (language: string): boolean => ['ar', 'fa', 'he', 'ur'].includes(language);

/** "about 2 minutes", in round numbers. */
export const roughly = (seconds: number, texts: Texts): string =>
  seconds < 45 ? texts.answerSoon : fill(texts.answerMinutes, Math.round(seconds / 60) || 1);
