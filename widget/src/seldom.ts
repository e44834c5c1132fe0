// SPDX-License-Identifier: Apache-2.0
// What few chats need: the third file of the frame, fetched with its words when the first of it is
// needed. What it shares with the others it takes from there (build.mjs).
export { ask, away } from './away.ts';
export { emoji } from './emoji.ts';
export { menu } from './menu.ts';
export { chime } from './sound.ts';
