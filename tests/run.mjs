// SPDX-License-Identifier: Apache-2.0
// Runs every test program, counts their cases, and says so in the last line:
//
//     node tests/run.mjs [PATTERN] [CASE]
//
// A test program is anything that prints TAP: the C programs that CMake lists in tests.list,
// the node:test files of integration/ and browser/, the widget's own tests, and the shell
// checks. One that exits badly, overstays or says less than its plan without naming a failed case counts
// as one failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { homesIn, keepLog, logged } from './support/kept.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [pattern = '', wantedCase = ''] = process.argv.slice(2);
const logs = join(root, 'build', 'test-logs');
/** So many that work at a time; no more than the port bases of ./dev up allow. */
const CORES = Math.min(cpus().length, 12);
/** Those that mostly wait for time to pass, the longest first. One of them goes on beside those that work, all the time. */
const WAITING = ['browser/survival', 'browser/visitor', 'test_watchdog', 'test_watchdog (asan)', 'integration/keys', 'integration/apply', 'integration/files',
  'integration/webhooks', 'integration/staffing', 'integration/day', 'integration/day (ejabberd)', 'integration/mail', 'integration/bad_input',
  'integration/ejabberd'];
const DOWN_MS = 120_000, PIPES_MS = 10_000;
/** What agents do must be the same on either XMPP server. */
const ON_EJABBERD_TOO = ['integration/first_chat', 'integration/desk', 'integration/desk_bad_input', 'integration/supervision', 'integration/day', 'integration/agent_files',
  'integration/team_room', 'integration/neighbour'];

function listed(kind) {
  const file = join(root, 'build', kind, 'tests', 'tests.list');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

function files(folder, ending) {
  const path = join(root, 'tests', folder);
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((name) => name.endsWith(ending)).sort().map((name) => join(path, name));
}

/** Everything there is: { name, command, seconds, env, ofNode }. `ofNode`: a file of node:test.
 *  The seconds are many times what each takes: they end what hangs, and nothing that is only slow; one that hangs
 *  leaves the others their time all the same. */
function programs() {
  const found = [];
  for (const kind of ['dev', 'asan']) {
    for (const path of listed(kind)) {
      const name = basename(path) + (kind === 'dev' ? '' : ` (${kind})`);
      found.push({ name, command: [path, ...(wantedCase ? [wantedCase] : [])], seconds: 1800 });
    }
  }
  for (const path of files('.', '.sh')) found.push({ name: basename(path), command: ['bash', path], seconds: 600 });
  if (existsSync(join(root, 'widget', 'test.mjs')))
    found.push({ name: 'widget', command: ['node', join(root, 'widget', 'test.mjs')], seconds: 600 });
  for (const folder of ['integration', 'browser']) {
    for (const path of files(folder, '.test.mjs')) {
      const filter = wantedCase ? ['--test-name-pattern', wantedCase] : [];
      const name = `${folder}/${basename(path, '.test.mjs')}`;
      const program = { name, seconds: 600, ofNode: true, command: ['node', '--test', '--test-reporter=tap', ...filter, path] };
      found.push(program);
      if (ON_EJABBERD_TOO.includes(name)) found.push({ ...program, name: `${name} (ejabberd)`, env: { LASNA_TEST_XMPP: 'ejabberd' } });
    }
  }
  return found.filter(({ name }) => name.includes(pattern));
}

/** Counts of TAP at the top level; a node:test file's own line is not a case. `whole`: there
 *  are as many lines as were planned. */
function count(text, ownFile) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let planned = 0, lines = 0;
  for (const line of text.split('\n')) {
    planned += Number(/^1\.\.(\d+)$/.exec(line)?.[1] ?? 0);
    const found = /^(not )?ok \d+(?: (?:- )?(.*))?$/.exec(line); // cmocka writes "not ok 1 # SKIP name"
    lines += found !== null;
    if (!found || (ownFile && found[2]?.endsWith('.test.mjs'))) continue;
    if (/# SKIP/i.test(line)) counts.skipped++;
    else if (found[1]) counts.failed++;
    else counts.passed++;
  }
  return { counts, whole: planned > 0 && lines >= planned };
}

/** What ran out of time, or died, ends nothing that it had started. */
async function endWhatIsLeft(kept) {
  for (const home of homesIn(kept)) {
    keepLog(home, kept);
    const down = spawn(join(root, 'dev'), ['down', '--home', home], { stdio: 'ignore', timeout: DOWN_MS, killSignal: 'SIGKILL' });
    await new Promise((resolve) => down.on('close', resolve).on('error', resolve));
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where a log of this program, or a folder of it, lies. */
const placeOf = ({ name }, ending) => join(logs, name.replace(/[^a-z0-9]+/gi, '-') + ending);

/** How to end each program that runs. None hears the terminal, being in a group of its own. */
const ends = new Set();
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => {
    stopped = true; // what runs is ended, and what it started with it; then the last line is said
    for (const end of ends) end('SIGKILL');
  });
process.on('exit', () => ends.forEach((end) => end('SIGKILL')));

function run(program) {
  const kept = placeOf(program, '.kept');
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept);
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(program.command[0], program.command.slice(1), {
      cwd: root,
      detached: true, // a process group of its own, so that nothing outlives it
      env: { ...process.env, ...program.env, LASNA_TEST_KEEP: kept, CMOCKA_MESSAGE_OUTPUT: 'TAP',
             ASAN_OPTIONS: 'abort_on_error=1:detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '', tap = '', late = false;
    const heard = []; // [how much text there was, when]
    child.stdout.on('data', (data) => {
      text += data;
      tap += data;
      heard.push([text.length, Date.now()]);
    });
    child.stderr.on('data', (data) => (text += data));
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // gone already
      }
    };
    ends.add(end);
    const timer = setTimeout(() => {
      late = true;
      end('SIGKILL');
      setTimeout(() => (child.stdout.destroy(), child.stderr.destroy()), PIPES_MS); // whoever left the group may hold them
    }, program.seconds * 1000);
    child.on('error', (error) => (text += String(error)));
    child.on('close', async (code) => {
      clearTimeout(timer);
      end('SIGKILL');
      ends.delete(end);
      await endWhatIsLeft(kept).catch((error) => (text += `\n${error}\n`));
      const { counts, whole } = count(tap, program.ofNode);
      const short = !whole && !wantedCase;
      if ((code !== 0 || late || short) && counts.failed === 0) counts.failed = 1;
      resolve({ ...program, ...counts, short, text, heard, kept, late, seconds: (Date.now() - started) / 1000 });
    });
  });
}

/** What is needed to find out why it failed: each failed case whole, with what was logged while it ran; the end of
 *  all where none is named, and of a C program, to which a sanitizer may have said more. */
function tellWhy({ text, heard, kept, late, ofNode }) {
  const cases = [...text.matchAll(/^ *not ok .*\n(?:(?! *(?:not )?ok \d| *# Subtest| *\d+\.\.\d).*\n)*/gm)];
  const told = cases.flatMap(({ 0: lines, index }) => {
    const to = heard.find(([length]) => length > index)?.[1];
    const ms = Number(/duration_ms: ([\d.]+)/.exec(lines)?.[1] ?? 0);
    return [...lines.split('\n').slice(0, 80), ...logged(kept, { from: to - ms, to })];
  });
  if (told.length === 0 || late || !ofNode) told.push(...text.split('\n').slice(-80), ...logged(kept));
  console.log(told.map((line) => `     ${line}`).join('\n'));
}

mkdirSync(logs, { recursive: true });
const all = programs();
const waiting = WAITING.flatMap((name) => all.filter((one) => one.name === name)), working = all.filter(({ name }) => !WAITING.includes(name));
const total = { passed: 0, failed: 0, skipped: 0 };

async function worker(next) {
  for (let program; !stopped && (program = next()) !== undefined;) {
    const result = await run(program);
    for (const key of Object.keys(total)) total[key] += result[key];
    writeFileSync(placeOf(result, '.log'), result.text);
    console.log(`${result.failed ? 'FAIL' : 'ok  '} ${result.name}: ${result.passed} passed` +
      `${result.failed ? `, ${result.failed} failed` : ''}${result.skipped ? `, ${result.skipped} skipped` : ''}` +
      `${result.late ? ', out of time' : ''}${result.short ? ', less than planned' : ''} (${result.seconds.toFixed(1)} s)`);
    if (result.failed) tellWhy(result);
    else rmSync(result.kept, { recursive: true, force: true });
  }
}

// From both ends: browsers, which stand last, want more than a core, and what needs none leaves them the rest.
await Promise.all([worker(() => waiting.shift() ?? working.shift()),
  ...Array.from({ length: CORES }, (_, n) => worker(() => (n % 2 === 0 ? working.shift() : working.pop()) ?? waiting.shift()))]);
if (stopped) console.log('stopped: not all of them ran to their end');
if (total.skipped) console.log(`${total.skipped} skipped: each log in build/test-logs says why`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(stopped || total.failed > 0 || total.passed === 0 ? 1 : 0);
