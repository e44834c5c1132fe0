// SPDX-License-Identifier: Apache-2.0
// Searching a million messages of one tenant: STAR repeated with new ids. Tells how long the import and
// the index took, how large the index is, and what a search takes at the API, common words and
// rare ones, phrases and beginnings.
//
//   ./dev bench search [MESSAGES]
import { execFileSync, spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';

import { Instance, root } from '../tests/support/instance.mjs';
import { readLines, sharedData } from '../tests/support/shared_data.mjs';

const wanted = Number(process.argv[2] ?? 1000000), ROUNDS = 20;
const queries = ['the', 'you', 'doctor', 'thank you', 'appointment', 'weather', 'wedding', 'ride', 'mortgage', 'epithalamium',
  'xylophone', '"thank you"', '"my name is"', 'appoint*', 'th*', 'doctor appointment', 'alexis', '"good morning" doctor'];

const set = sharedData('star.jsonl.xz');
if (set === null) throw new Error('star.jsonl.xz is not there (set LASNA_SHARED_DATA)');
const instance = await Instance.start({ empty: true });
const now = () => Number(process.hrtime.bigint()) / 1e6;
const say = (text) => process.stderr.write(`\r\x1b[K${text}`);

/** Every chat again and again under new ids, until there are so many messages. */
function* lines() {
  const chats = readLines(set).filter(({ turns }) => turns.length > 0);
  for (let copy = 0, messages = 0; messages < wanted; copy++) {
    for (const chat of chats) {
      if ((messages += chat.turns.length) > wanted) return;
      yield `${JSON.stringify({ ...chat, id: `${chat.id}-${copy}` })}\n`;
    }
  }
}

function importAll() {
  return new Promise((resolve, reject) => {
    const ctl = spawn(join(root, 'build', process.env.LASNA_BUILD ?? 'dev', 'lasnactl', 'lasnactl'),
      ['--home', instance.home, '--json', 'transcript', 'import', 'acme', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    ctl.stdout.on('data', (data) => { out += data; });
    ctl.on('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`import: exit ${code}`))));
    const source = lines();
    const feed = () => {
      for (let step = source.next(); !step.done; step = source.next()) if (!ctl.stdin.write(step.value)) return ctl.stdin.once('drain', feed);
      return ctl.stdin.end();
    };
    feed();
  });
}

function search(query) {
  return new Promise((resolve, reject) => {
    const start = now();
    request({ socketPath: instance.about.control, path: `/api/v1/tenants/acme/transcripts/search?q=${encodeURIComponent(query)}`, headers: { host: 'lasna' } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ ms: now() - start, status: answer.statusCode }));
    }).on('error', reject).end();
  });
}

/** The index follows behind the import; a search answers once it has caught up. */
async function catchUp() {
  for (;;) {
    const { status } = await search('epithalamium');
    if (status === 200) return;
  }
}

try {
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  say('importing …');
  let start = now();
  const { messages } = await importAll();
  const importS = (now() - start) / 1000;
  say('indexing …');
  start = now();
  await catchUp();
  const indexS = (now() - start) / 1000;
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    say(`searching, round ${round + 1} of ${ROUNDS}`);
    for (const query of queries) times.push((await search(query)).ms);
  }
  const bytes = Number(execFileSync('sqlite3', [join(instance.home, 'data', 'tenants', 'acme', 'transcripts.db'),
    "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search%'"], { encoding: 'utf8' }));
  times.sort((a, b) => a - b);
  const at = (p) => times[Math.floor(times.length * p)].toFixed(1);
  say('');
  console.log(`search: ${messages} messages imported in ${importS.toFixed(1)} s, indexed in ${indexS.toFixed(1)} s more, index ${(bytes / 1048576).toFixed(0)} MiB; ` +
    `${times.length} searches: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
} finally {
  await instance.stop();
}
