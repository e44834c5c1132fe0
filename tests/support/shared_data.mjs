// SPDX-License-Identifier: Apache-2.0
// Real chats for tests. They are no part of the project: where they are absent a test says so
// and is skipped.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './instance.mjs';

const folder = process.env.LASNA_SHARED_DATA ?? join(root, '..', 'shared', 'data');

/** The path of a data set, or null. */
export function sharedData(name) {
  const path = join(folder, name);
  return existsSync(path) ? path : null;
}

/** The lines of a compressed JSONL file. */
export function readLines(path) {
  const text = execFileSync('xz', ['-dc', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
