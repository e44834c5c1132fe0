// SPDX-License-Identifier: Apache-2.0
// The tenant's own words in place of ours: fetched only where it has any. They come by name, while
// ours are lists, so the names are in here; what we do not know of is passed over.
declare const __LASNA_NAMES__: Record<string, string[]>; // of each list, in its order; by the build

/** By language ('' for every other) and name: `{ fi: { write: '…', 'states.offline': '…' } }`. */
export type Said = Record<string, Record<string, string>>;

export interface OwnTexts {
  /** Whether they are said in this very language, though we may not know it. */
  speaks(language: string): boolean;
  /** Puts them over what one of our lists says. */
  put(list: unknown, language: string, part: string): void;
}

export const ownTexts = (said: Said, names = __LASNA_NAMES__): OwnTexts => ({
  speaks: (language) => language in said,
  put(list, language, part) {
    const ours = list as (string | Record<string, string>)[];
    for (const [name, words] of Object.entries(said[language] ?? said[''] ?? {})) {
      const [key = '', inside] = name.split('.');
      const at = names[part]!.indexOf(key), was = ours[at];
      if (typeof was === 'object' && inside) was[inside] = words;
      else if (typeof was === 'string' && !inside) ours[at] = words;
    }
  },
});

export async function fetchOwn(): Promise<OwnTexts> {
  const answer = await fetch(`texts${location.search}`); // beside the frame, of the same site
  return ownTexts(answer.ok ? ((await answer.json()) as Said) : {});
}
