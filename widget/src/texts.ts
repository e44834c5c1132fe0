// SPDX-License-Identifier: Apache-2.0
// Every word the chat says: a file of widget/texts/ for each language, of which a visitor fetches
// one; what stands under `more`, `react` and `seldom` comes with the file of that name, what stands under
// `page` with the loader (tenant/page_texts.h). `{}` is filled in.
//
// What is served are lists without names: the build writes `texts[3]` where `texts.greeting` stands
// here. So words are always named, and always of something called `texts`.
import type en from '../texts/en.json';

declare const __LASNA_LANGUAGES__: string; // 'ar en fi …'; by the build

export type Texts = Omit<typeof en, 'page' | 'more' | 'react' | 'seldom'>;
export type MoreTexts = typeof en.more;
export type ReactTexts = typeof en.react;
export type SeldomTexts = typeof en.seldom;

/** The language that comes nearest: what is wanted, where there is such a file. */
export const nearest = (wanted: string): string => (__LASNA_LANGUAGES__.split(' ').includes(wanted) ? wanted : 'en');

/** Where a file lies that came with this one: all of a build bear the same hash. */
export const beside = (name: string, ending: string): string => import.meta.url.replace(/frame(.*)js$/, `${name}$1${ending}`);

export async function textsIn<T>(language: string, part: string): Promise<T> {
  const answer = await fetch(beside(`${part}-${nearest(language)}`, 'json'));
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as T;
}

export const fill = (text: string, word: string | number): string => text.replace('{}', () => String(word));

/** Languages that run from right to left. */
export const isRightToLeft = (language: string): boolean => ['ar', 'fa', 'he', 'ur'].includes(language);

/** "about 2 minutes", in round numbers. */
export const roughly = (seconds: number, texts: Texts): string =>
  seconds < 45 ? texts.answerSoon : fill(texts.answerMinutes, Math.round(seconds / 60) || 1);
