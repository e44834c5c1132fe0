// SPDX-License-Identifier: Apache-2.0
// A short form of ./dev crash, and the proof that its checker sees what it should.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compare, crash } from '../crash/crash.mjs';

const message = (seq, from, text) => ({ seq, from, text });
const told = ({ saved = [], heard = [] } = {}) => ({ saved, heard: () => new Map([['c', heard]]) });
const answerer = ({ received = [], messages = [] } = {}) => ({ received, agent: { messages } });
const stored = (...messages) => ({ acme: [{ tenant: 'acme', id: 'c', ended_at: 'now', messages }] });
const hello = message(1, 'visitor', 'acme 0 says 1');

test('the checker is content with what is right', () => {
  const problems = compare([told({ saved: [{ conversation: 'c', seq: 1, text: hello.text }] })],
    [answerer({ messages: [{ from: 'v1@a', id: 'x', text: hello.text }] })], stored(hello));
  assert.deepEqual(problems, { lost: [], doubled: [], disordered: [] });
});

test('the checker sees what was ticked and is not stored', () => {
  assert.equal(compare([told({ saved: [{ conversation: 'c', seq: 2, text: 'acme 0 says 2' }] })], [], stored(hello)).lost.length, 1);
});

test('the checker sees an agent’s words that were received and are not stored, or never shown', () => {
  assert.equal(compare([], [answerer({ received: [{ text: 'anna answers 1' }] })], stored(hello)).lost.length, 1);
  assert.equal(compare([told()], [], stored(hello, message(2, 'agent', 'anna answers 1'))).lost.length, 1);
});

test('the checker sees what is stored, shown or heard twice', () => {
  assert.equal(compare([], [], stored(hello, { ...hello, seq: 2 })).doubled.length, 1);
  assert.equal(compare([told({ heard: [[1, hello.text], [1, hello.text]] })], [], stored(hello)).doubled.length, 1);
  assert.equal(compare([], [answerer({ messages: [{ from: 'v1@a', id: 'x', text: hello.text },
    { from: 'v1@a', id: 'y', text: hello.text }] })], stored(hello)).doubled.length, 1);
});

test('the checker sees disorder and gaps', () => {
  const two = message(2, 'visitor', 'acme 0 says 2');
  assert.equal(compare([told({ heard: [[2, two.text], [1, hello.text]] })], [], stored(hello, two)).disordered.length, 1);
  assert.equal(compare([], [answerer({ messages: [{ from: 'v1@a', id: 'y', text: two.text },
    { from: 'v1@a', id: 'x', text: hello.text }] })], stored(hello, two)).disordered.length, 1);
  assert.ok(compare([], [], stored({ ...hello, seq: 2 })).disordered.length > 0);
});

test('the checker sees words at the wrong tenant', () => {
  assert.equal(compare([], [], stored(message(1, 'visitor', 'borealis 0 says 1'))).lost.length, 1);
});

test('six processes killed with -9 in traffic: nothing lost, doubled or out of order', async () => {
  const { lost, doubled, disordered, stuck, messages } = await crash(6, 7, () => {});
  assert.deepEqual({ lost, doubled, disordered, stuck }, { lost: [], doubled: [], disordered: [], stuck: [] });
  assert.ok(messages > 50);
});
