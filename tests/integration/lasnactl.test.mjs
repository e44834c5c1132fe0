// SPDX-License-Identifier: Apache-2.0
// The command against a real daemon: what it does, what it refuses, what its exit codes say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, lstat, open, readFile, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { Instance } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start({ empty: true });
});
after(() => instance?.stop());

test('a tenant and an agent made at run time serve at once, without a restart', async () => {
  const pids = await instance.pids();
  const made = await instance.ctl('tenant', 'add', 'cumulus', '--name', 'Cumulus Ltd', '--origin', 'https://cumulus.example', '--lang', 'en,sv');
  assert.equal(made.code, 0, made.stderr);
  const jid = await instance.addAgent('erik', 'cumulus');
  const erik = await Agent.login(instance, 'erik');
  const visitor = new Visitor(instance, { tenant: 'cumulus', name: 'Vera', origin: 'https://cumulus.example' });
  await visitor.connect();
  await visitor.say('are you there?');
  const contact = await erik.accept('cumulus', /Vera/);
  await erik.say(contact, 'yes');
  await visitor.hears('yes');

  const [open] = await instance.control('conversation', 'list', 'cumulus', '--state', 'active');
  assert.equal(open.id, visitor.conversation);
  const shown = await instance.control('conversation', 'show', 'cumulus', open.id);
  assert.equal(shown.state, 'active');
  await instance.control('conversation', 'end', 'cumulus', open.id);
  await visitor.next(({ type }) => type === 'ended');
  assert.deepEqual(await instance.control('conversation', 'list', 'cumulus', '--state', 'active'), []);
  assert.equal((await instance.control('conversation', 'list', 'cumulus', '--state', 'ended')).length, 1);

  const now = await instance.pids();
  assert.deepEqual([now.supervisor, now.core, now.web], [pids.supervisor, pids.core, pids.web]);
  assert.ok((await instance.control('agent', 'list')).some((agent) => agent.jid === jid));
  await erik.stop();
  await visitor.close();
});

test('tenant show has what others rely on', async () => {
  const shown = await instance.control('tenant', 'show', 'cumulus');
  assert.equal(shown.domain, 'cumulus.chat.localhost');
  assert.equal(shown.desk, 'desk@cumulus.chat.localhost');
  assert.match(shown.sites[0].id, /^[a-z2-7]{26}$/);
  assert.deepEqual(shown.sites[0].origins, ['https://cumulus.example']);
  assert.ok(shown.sites[0].key);
  assert.doesNotMatch(JSON.stringify(shown), /secret/i, 'secrets are write-only');
});

test('what exists is refused, unless --if-missing', async () => {
  const twice = await instance.ctl('tenant', 'add', 'cumulus', '--name', 'Other', '--origin', 'https://other.example');
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /cumulus/);
  const again = await instance.ctl('tenant', 'add', 'cumulus', '--name', 'Other', '--origin', 'https://other.example', '--if-missing');
  assert.equal(again.code, 0);
  assert.equal((await instance.control('tenant', 'show', 'cumulus')).name, 'Cumulus Ltd', 'left as it was');
  assert.equal((await instance.ctl('agent', 'add', 'erik@agents.localhost', '--name', 'Erik')).code, 1);
});

test('bad input is a usage error that names the thing', async () => {
  const wrong = [
    [['tenant', 'add', 'Not A Name', '--name', 'X', '--origin', 'https://x.example'], /name/i],
    [['tenant', 'add', 'x'], /--origin URL is missing/],
    [['tenant', 'frobnicate'], /frobnicate/],
    [['tenant', 'list', '--frob'], /--frob/],
    [[], /usage|lasnactl/i],
  ];
  for (const [args, names] of wrong) {
    const { code, stderr } = await instance.ctl(...args);
    assert.ok(code === 2 || (code === 1 && args[2] === 'Not A Name'), `${args.join(' ')}: ${code} ${stderr}`);
    assert.match(stderr, names, args.join(' '));
  }
});

test('what is not there is one kind of answer', async () => {
  const foreign = await instance.ctl('conversation', 'show', 'cumulus', 'a'.repeat(26));
  const nonsense = await instance.ctl('transcript', 'show', 'cumulus', 'zzz');
  const nobody = await instance.ctl('tenant', 'show', 'nobody');
  for (const { code, stderr } of [foreign, nonsense, nobody]) {
    assert.equal(code, 1);
    assert.match(stderr, /no such|not found|there is no/i);
  }
});

test('transcripts are exported as JSON lines and not half', async () => {
  const lines = await instance.exported('cumulus');
  assert.equal(lines.length, 1);
  const [one] = lines;
  for (const key of ['id', 'tenant', 'site', 'language', 'stage', 'visitor', 'opened_at', 'ended_at', 'end_reason', 'agents', 'tags',
                     'messages', 'events']) assert.ok(key in one, key);
  assert.deepEqual(one.messages.map(({ seq, from, text }) => [seq, from, text]), [[1, 'visitor', 'are you there?'], [2, 'agent', 'yes']]);
  assert.ok(one.events.map(({ type }) => type).includes('queued'));
  assert.ok(one.events.map(({ type }) => type).includes('claimed'));
  for (const { at } of one.messages) assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const unwritable = await instance.ctl('transcript', 'export', 'cumulus', '--format', 'jsonl', '-o', '/nowhere/at/all.jsonl');
  assert.equal(unwritable.code, 1);
  assert.match(unwritable.stderr, /nowhere/);
});

test('-o writes to what a link leads to and into a device, and puts a file in the place of neither', async () => {
  const [kept, link, lost, pipe] = ['kept.jsonl', 'link', 'lost', 'pipe'].map((name) => join(instance.home, name));
  const written = (path) => instance.ctl('transcript', 'export', 'cumulus', '--format', 'jsonl', '-o', path);
  await writeFile(kept, 'old\n');
  await symlink(kept, link);
  await symlink(join(instance.home, 'nowhere'), lost);
  assert.equal((await written(link)).code, 0);
  assert.equal(await readlink(link), kept);
  assert.equal((await readFile(kept, 'utf8')).trim().split('\n').length, 1);
  assert.match(await readFile(kept, 'utf8'), /are you there\?/);
  execFileSync('mkfifo', [pipe]);
  const end = await open(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const { code, stderr } = await written(pipe);
  assert.equal(code, 0, stderr);
  const { bytesRead, buffer } = await end.read();
  await end.close();
  assert.equal(buffer.toString('utf8', 0, bytesRead), await readFile(kept, 'utf8'));
  assert.ok((await lstat(pipe)).isFIFO());
  assert.match((await written(lost)).stderr, /lost cannot be written: No such file/);
  assert.match((await written(instance.home)).stderr, /Is a directory/);
  assert.deepEqual((await readdir(instance.home)).filter((name) => /\.\w{6}$/.test(name) && /kept|link|lost|pipe/.test(name)), []);
});

test('status, check and routes answer', async () => {
  const status = await instance.control('status');
  assert.ok(status.tenants !== undefined || status.pids !== undefined || status.version !== undefined, JSON.stringify(status));
  const check = await instance.ctl('check');
  assert.equal(check.code, 0, check.stdout + check.stderr);
  const routes = await instance.control('routes');
  assert.ok(routes.length > 10);
});

test('a password never needs the command line, and none is ever logged', async () => {
  const file = join(instance.home, 'frida.password');
  await writeFile(file, 'quite-a-secret-of-frida\n', { mode: 0o600 });
  await instance.control('agent', 'add', 'frida@agents.localhost', '--name', 'Frida', '--password-file', file);
  assert.equal((await instance.ctl('agent', 'add', 'gerd@agents.localhost', '--name', 'Gerd', '--password-file', '/none')).code, 1);
  for (const log of ['log/lasnad.log', `xmpp/${instance.about.xmpp.server}.log`]) assert.doesNotMatch(await instance.log(log), /quite-a-secret/);
});

test('a daemon that is not there is exit 4', async () => {
  const home = join(instance.home, 'empty-home');
  const other = Object.assign(Object.create(Object.getPrototypeOf(instance)), { home });
  const { code, stderr } = await other.ctl('tenant', 'list');
  assert.equal(code, 4, stderr);
  assert.ok((await readFile(join(instance.home, 'instance.json'), 'utf8')).length > 0);
});
