// SPDX-License-Identifier: Apache-2.0
// texts — puts the words back to codes that stand without them.
//
//     node tests/presence/texts.mjs FILE.codes.jsonl SHARED_DATA
//
// prints the conversations in the form of a reference (presence/reference.h). The words are those of
// the data sets beside the project, whose licences do not let them into it.
// Exit status: 0 done, 1 a conversation is not as it was coded, 2 the data sets are not there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [codes, shared] = process.argv.slice(2);
const sources = { star: 'star.jsonl.xz', stripe: 'stripe_sessions.jsonl.xz' };
const lines = (text) => text.split('\n').filter((line) => line !== '');

function wordsOf(source, ids) {
  const path = join(shared, sources[source]);

  if (!existsSync(path)) {
    console.error(`texts: there is no ${path}`);
    process.exit(2);
  }
  const text = execFileSync('xz', ['-dc', path], { encoding: 'utf8', maxBuffer: 1 << 28 });

  return new Map(
    lines(text)
      .map((line) => JSON.parse(line))
      .filter(({ id }) => ids.has(id))
      .map(({ id, turns }) => [id, turns]),
  );
}

const coded = lines(readFileSync(codes, 'utf8')).map((line) => JSON.parse(line));

for (const source of new Set(coded.map((conversation) => conversation.source))) {
  const own = coded.filter((conversation) => conversation.source === source);
  const words = wordsOf(source, new Set(own.map(({ id }) => id)));

  for (const { id, lang, turns } of own) {
    if (words.get(id)?.length !== turns.length) {
      console.error(`texts: ${id} has other messages than those that were coded`);
      process.exit(1);
    }
    const whole = turns.map((turn, i) => ({ role: words.get(id)[i].role, text: words.get(id)[i].text, ...turn }));

    console.log(JSON.stringify({ id, lang, turns: whole }));
  }
}
