// SPDX-License-Identifier: Apache-2.0
// Programs that die with -9 at one system call of their choice: at the nth of its kind, by strace.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { isAlive, lasnactl, until } from './instance.mjs';

const injecting = (syscall, nth) => ['-f', '-q', '-e', `trace=${syscall}`, '-e', `inject=${syscall}:signal=SIGKILL:when=${nth}`];

/** Runs `act` while the core dies at its `nth` call of `syscall`; false: it never came so far. */
export async function coreDyingAt(instance, syscall, nth, act) {
  // It can answer before the supervisor has written its pid down.
  const core = await until(async () => (await instance.pids()).core, { what: 'the pid of the core' });
  const tracer = spawn('strace', [...injecting(syscall, nth), '-p', String(core)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const over = new Promise((resolve) => tracer.once('exit', resolve));
  // What it does by itself now and then may meet the tracer first, and end it.
  await until(() => !isAlive(core) || /TracerPid:\s+[1-9]/.test(readFileSync(`/proc/${core}/status`, 'utf8')), { what: 'strace' });
  let { code, stderr } = await act();
  // Refused while the core lives: what an earlier death left is still being tidied up.
  await until(async () => code === 0 || !isAlive(core) || (({ code, stderr } = await act()), false),
    { what: `the core to do it, or die; it said ${stderr}` });
  const died = !isAlive(core);
  if (!died) tracer.kill('SIGTERM');
  const late = setTimeout(() => tracer.kill('SIGKILL'), 10000); // it waits for a thread that went with the core
  await over;
  clearTimeout(late);
  if (died) { // a new supervisor too: one that has seen many deaths waits long before the next start
    await instance.kill('supervisor', 'SIGTERM');
    await instance.startDaemon();
  }
  await until(async () => (await instance.ctl('status')).code === 0, { what: 'the core' });
  return died;
}

/** Runs lasnactl, which dies at its `nth` call of `syscall`; { died, code }. */
export function lasnactlDyingAt(instance, syscall, nth, args) {
  const child = spawn('strace', [...injecting(syscall, nth), '-o', '/dev/null', lasnactl, '--home', instance.home, '--no-input', '--json', ...args], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ died: signal === 'SIGKILL' || code === 137, code }));
  });
}
