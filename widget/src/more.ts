// SPDX-License-Identifier: Apache-2.0
// What a visitor fills in and sends beside words: the second file of the frame, fetched with its words
// when the first of it is needed. What it shares with the first it takes from there (build.mjs).
export { complain, field, forgive } from './field.ts';
export { Files } from './files.ts';
export { after, before } from './forms.ts';
