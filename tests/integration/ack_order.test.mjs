// SPDX-License-Identifier: Apache-2.0
// The tick comes after the disk: seen from outside, by the core's system calls. For each
// `saved` there is a write of its row into the write-ahead log, then a whole fdatasync of that
// log, and only then the word to web.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start();
});
after(() => instance?.stop());

/** Traces a process; resolves once strace is attached, with a function that ends it. */
async function trace(pid, file) {
  const calls = 'pwrite64,pwritev,write,writev,sendmsg,sendto,fdatasync,fsync';
  const strace = spawn('strace', ['-f', '-y', '-s', '70000', '-e', `trace=${calls}`, '-o', file, '-p', String(pid)],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  strace.stderr.on('data', (data) => (said += data));
  const ended = new Promise((resolve) => strace.once('close', resolve));
  await until(() => /attached/.test(said) || strace.exitCode !== null);
  if (strace.exitCode !== null) return { refused: said };
  return { stop: () => (strace.kill('SIGINT'), ended) };
}

/** Calls in order of their ends: { name, text, begun, ended }, by line number. */
function readCalls(file) {
  const open = new Map();
  const calls = [];
  readFileSync(file, 'latin1').split('\n').forEach((line, at) => {
    const [, thread, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (!thread) return;
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
    if (resumed) {
      const call = open.get(thread);
      open.delete(thread);
      if (call) calls.push({ ...call, text: call.text + resumed[2], ended: at });
      return;
    }
    const name = /^(\w+)\(/.exec(rest)?.[1];
    if (!name) return;
    if (rest.endsWith('<unfinished ...>')) open.set(thread, { name, text: rest, begun: at });
    else calls.push({ name, text: rest, begun: at, ended: at });
  });
  return calls;
}

test('every saved was written after an fdatasync that began after its row was written', async (t) => {
  const visitors = await Promise.all(Array.from({ length: 4 }, async () => {
    const visitor = new Visitor(instance);
    await visitor.connect();
    await visitor.say('begin'); // opens the database and the conversation
    return visitor;
  }));
  const { core } = await instance.pids();
  const file = join(instance.home, 'core.strace');
  const { stop, refused } = await trace(core, file);
  if (refused) return t.skip(`strace may not attach here: ${refused.trim()}`);
  const cids = [];
  for (let n = 0; n < 10; n++) {
    await Promise.all(visitors.map((visitor, v) => {
      const cid = `traced-${n}-of-${v}-`;
      cids.push(cid);
      return visitor.say(`words ${n}`, { cid });
    }));
  }
  await stop();

  const calls = readCalls(file);
  const isWal = ({ text }) => /transcripts\.db-wal>/.test(text);
  assert.equal(cids.length, 40);
  for (const cid of cids) {
    const written = calls.find((call) => call.name === 'pwrite64' && isWal(call) && call.text.includes(cid));
    assert.ok(written, `${cid}: its row is in a write to the log`);
    const told = calls.find((call) => !call.name.startsWith('pwrite') && !call.name.endsWith('sync') && call.text.includes(cid));
    assert.ok(told, `${cid}: it was told`);
    const synced = calls.find((call) => call.name === 'fdatasync' && isWal(call) && call.begun > written.ended &&
      call.ended < told.begun && /= 0$/.test(call.text));
    assert.ok(synced, `${cid}: row at ${written.begun}, told at ${told.begun}, no fdatasync between`);
  }
});
