// SPDX-License-Identifier: Apache-2.0
// What a test leaves to whoever looks for the cause of its failure: the logs of its instances and what
// its pages met, so that nobody must wait for it to fail again. tests/run.mjs says where (LASNA_TEST_KEEP),
// shows it where something failed, and ends what a test left running; without it nothing is kept.
import { appendFileSync, copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = process.env.LASNA_TEST_KEEP;
const SHOWN_LINES = 80;
const BEFORE_MS = 1000; // a test that begins finds something said just before it

/** Tells of an instance's home before anything runs there. */
export function keepHome(home) {
  if (folder) appendFileSync(join(folder, 'homes'), `${home}\n`);
}

/** The homes of which a test told in this folder, those that are still there. */
export function homesIn(place) {
  const told = join(place, 'homes');
  return existsSync(told) ? readFileSync(told, 'utf8').split('\n').filter((home) => home && existsSync(home)) : [];
}

/** The log of an instance, before its home goes. */
export function keepLog(home, place = folder) {
  const log = join(home, 'log', 'lasnad.log');
  if (place && existsSync(log)) copyFileSync(log, join(place, `${basename(home)}.log`));
}

/** A line of what happens in a browser, with its time as the logs have it. */
export function note(text) {
  if (folder) appendFileSync(join(folder, 'pages.log'), `time=${new Date().toISOString()} ${text.slice(0, 300)}\n`);
}

/** Every line in this folder's logs in the order of time; what has none belongs to the line before it. */
function entries(place) {
  const found = [];
  for (const name of readdirSync(place).filter((one) => one.endsWith('.log'))) {
    let at = '';
    for (const line of readFileSync(join(place, name), 'utf8').split('\n').filter(Boolean)) {
      at = /^time=(\S+)/.exec(line)?.[1] ?? at;
      found.push({ at, line: `${name.replace('.log', '')} ${line}` });
    }
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** What was logged while a test ran, or last of all where nobody knows when: lines. */
export function logged(place, { from, to } = {}) {
  const within = to === undefined ? () => true
    : ({ at }) => at >= new Date(from - BEFORE_MS).toISOString() && at <= new Date(to).toISOString();
  return entries(place).filter(within).slice(-SHOWN_LINES).map(({ line }) => line);
}
