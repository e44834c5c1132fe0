// SPDX-License-Identifier: Apache-2.0
// The benchmark runs and its counts add up. How fast anything is, is not asked here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

import { root } from '../support/instance.mjs';

const run = promisify(execFile);

test('desk: availability follows the agents, while others come and go', { timeout: 500000 }, async () => {
  const { stdout } = await run('node', [join(root, 'bench', 'desk.mjs'), '500', '2', '--smoke']);
  assert.match(stdout, /^25 agents at 10 tenants, 201 seats; /m);
  assert.match(stdout.trim().split('\n').at(-1), /^bench desk: [\d,]+ changes of presence a second of core CPU; availability within \d+ ms$/);
});

test('carry: every word said is saved, carried and answered, by the sink and through Prosody', { timeout: 500000 }, async () => {
  // It ends with a failure of its own when what was said, saved and answered differ.
  const { stdout } = await run('node', [join(root, 'bench', 'carry.mjs'), '--smoke', '--alone']);
  const rows = stdout.split('\n').filter((row) => row.startsWith('| Läsnä'));
  assert.equal(rows.length, 9, stdout); // two loads thrice, two steps of connecting, one over TLS
  assert.match(stdout.trim().split('\n').at(-1), /^bench carry: .* ready in \d+ ms with 4 tenants$/);
});
