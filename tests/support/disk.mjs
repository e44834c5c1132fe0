// SPDX-License-Identifier: Apache-2.0
// What lies on the disk below a folder while an instance runs there: files come and go between two looks.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

function contentOf(path) {
  try {
    return statSync(path).isFile() ? readFileSync(path) : null;
  } catch (error) {
    if (error.code === 'ENOENT') return null; // gone since it was listed
    throw error;
  }
}

/** Calls `look` with the name and the bytes of each file. */
export function eachFile(folder, look) {
  for (const name of readdirSync(folder, { recursive: true })) {
    const bytes = contentOf(join(folder, name));
    if (bytes) look(name, bytes);
  }
}

/** The names of those that hold this word. */
export function filesWith(folder, word) {
  const holding = [];
  eachFile(folder, (name, bytes) => bytes.includes(word) && holding.push(name));
  return holding;
}
