// SPDX-License-Identifier: Apache-2.0
// Chats from elsewhere: both research sets whole, bad lines told by number, run again without
// doubling anything, and a chat that goes on meanwhile.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';

import { Instance, root, until } from '../support/instance.mjs';
import { readLines, sharedData } from '../support/shared_data.mjs';
import { Visitor } from '../support/visitor.mjs';

const sets = { star: sharedData('star.jsonl.xz'), stripe: sharedData('stripe_sessions.jsonl.xz') };
const skip = Object.values(sets).includes(null) && 'the research sets are not there (set LASNA_SHARED_DATA)';
let instance;

before(async () => {
  instance = await Instance.start();
});
after(() => instance?.stop());

async function fileOf(name, text) {
  const path = join(instance.home, name);
  await writeFile(path, text);
  return path;
}

test('bad lines are told by their number and reason, the rest is imported', async () => {
  const good = (id) => JSON.stringify({ id, turns: [{ role: 'visitor', text: 'hi', ts: 1700000000 }] });
  const path = await fileOf('mixed.jsonl', [
    good('a'), '{oops', '', JSON.stringify({ id: 'b', turns: [{ role: 'robot', text: 'x' }] }), good('c'),
    good('a'), JSON.stringify({ id: 'c', turns: [] }),
  ].join('\n'));
  const { code, json, stderr } = await instance.ctl('transcript', 'import', 'borealis', path);
  assert.equal(code, 1, stderr);
  assert.deepEqual([json.imported, json.known, json.refused_count], [2, 1, 3]);
  assert.deepEqual(json.refused.map(({ line }) => line).sort(), [2, 4, 7]);
  for (const line of [2, 4, 7]) assert.match(stderr, new RegExp(`line ${line}: `));
  assert.equal((await instance.exported('borealis')).length, 2);
});

test('a CSV is imported by its mapping', async () => {
  const path = await fileOf('chats.csv', 'Chat,Who,Body,Sent\nx,Customer,"=1+1, ""hi""",2026-01-02 10:00:00\nx,Rep,hello,2026-01-02 10:00:07\n');
  const { code, json, stderr } = await instance.ctl('transcript', 'import', 'borealis', path, '--format', 'csv',
    '--map', 'id=Chat,from=Who,text=Body,at=Sent,visitor=Customer,agent=Rep');
  assert.equal(code, 0, stderr);
  assert.equal(json.messages, 2);
  const [chat] = (await instance.exported('borealis')).filter(({ messages }) => messages.length === 2);
  assert.deepEqual(chat.messages.map(({ from, text, at }) => [from, text, at]), [
    ['visitor', '=1+1, "hi"', '2026-01-02T10:00:00.000Z'], ['agent', 'hello', '2026-01-02T10:00:07.000Z']]);
});

test('what cannot be read is refused before anything is sent', async () => {
  assert.equal((await instance.ctl('transcript', 'import', 'borealis', '/nowhere.jsonl')).code, 1);
  assert.equal((await instance.ctl('transcript', 'import', 'nobody', await fileOf('one.jsonl', '{}'))).code, 1);
  assert.equal((await instance.ctl('transcript', 'import', 'borealis')).code, 2);
  assert.equal((await instance.ctl('transcript', 'import', 'borealis', join(instance.home, 'one.jsonl'), '--format', 'xml')).code, 2);
});

test('both sets come in whole, while a visitor chats on, and again changes nothing', { skip }, async () => {
  const visitor = new Visitor(instance, { tenant: 'acme', name: 'Vera' });
  await visitor.connect();
  for (const [name, set] of Object.entries(sets)) {
    const chats = readLines(set);
    const path = await fileOf(`${name}.jsonl`, chats.map((chat) => JSON.stringify(chat)).join('\n'));
    const importing = instance.control('transcript', 'import', 'acme', path);
    let imported = null;
    void importing.then((json) => { imported = json; }, () => {});
    let said = 0;
    do {
      await visitor.say(`still here ${said++}`);
    } while (imported === null && said < 1000);
    await importing;
    const messages = chats.reduce((sum, { turns }) => sum + turns.length, 0);
    assert.deepEqual([imported.imported, imported.messages, imported.refused_count], [chats.length, messages, 0]);
    const again = await instance.control('transcript', 'import', 'acme', path);
    assert.deepEqual([again.imported, again.known], [0, chats.length]);
  }
  const exported = await instance.exported('acme');
  const total = exported.filter(({ end_reason: reason }) => reason === 'imported').reduce((sum, { messages }) => sum + messages.length, 0);
  assert.equal(total, 108137 + 3121);
  await visitor.close();
});

/** Median and 90th percentile of first response and response, in seconds. */
async function times(tenant, ...filters) {
  const { times: { first_response: first, response } } = await instance.control('presence', 'report', tenant, ...filters);
  return [first.median_s, first.p90_s, response.median_s, response.p90_s];
}

test('the figures of both sets equal their reference to the second', { skip }, async () => {
  for (const [name, set] of Object.entries(sets)) {
    await instance.control('tenant', 'add', name, '--origin', 'https://sets.example');
    const path = await fileOf(`${name}.jsonl`, readLines(set).map((chat) => JSON.stringify(chat)).join('\n'));
    await instance.control('transcript', 'import', name, path);
  }
  assert.deepEqual(await times('star', '--outcome', 'Complete'), [20, 59, 21, 57]);
  assert.deepEqual(await times('stripe'), [99, 364, 74, 361]);
});

test('a report is one page without a script, the same whenever it is made', { skip }, async () => {
  const pages = [];
  for (const name of ['one.html', 'two.html']) {
    const path = join(instance.home, name);
    await instance.control('presence', 'report', 'stripe', '--since', '2019-01-01', '-o', path);
    pages.push(await readFile(path, 'utf8'));
  }
  assert.equal(pages[0], pages[1]);
  assert.match(pages[0], /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.doesNotMatch(pages[0], /<script|https?:\/\//);
  assert.match(pages[0], /99 s/);
});

test('a report that cannot be made says why', async () => {
  const report = (...args) => instance.ctl('presence', 'report', ...args);
  for (const [args, why] of [
    [['nobody'], /no such tenant/], [['acme', '--coder', 'Nobody'], /no such coder/],
    [['acme', '--stage', 'vip'], /stage/], [['acme', '--since', 'noon'], /since/], [['acme', '--format', 'pdf'], /pdf|format/],
  ]) {
    const { code, stderr } = await report(...args);
    assert.ok(code === 1 || code === 2, args.join(' '));
    assert.match(stderr, why);
  }
});

test('the machine codes both sets whole, once, and a report shows only what it may', { skip }, async () => {
  const coded = await instance.control('presence', 'code', 'stripe');
  assert.deepEqual([coded.chats, coded.left, coded.refused], [256, 0, 0]);
  assert.match(coded.coder, /^machine@/);
  assert.equal((await instance.control('presence', 'code', 'stripe')).chats, 0);
  const { about, languages: [english] } = await instance.control('presence', 'report', 'stripe');
  assert.equal(about.coder, coded.coder);
  const [visitor] = english.stages[0].sides;
  for (const sign of visitor.signs.filter(({ code }) => code)) {
    if (sign.class === 'H') assert.ok(sign.withheld && sign.density === undefined, sign.code);
    else assert.ok(sign.low <= sign.density && sign.density <= sign.high, sign.code);
  }
  const [chat] = await instance.control('transcript', 'list', 'stripe');
  assert.match((await instance.control('presence', 'explain', 'stripe', chat.id, '--seq', '1')).text, /language/);
});

test("people's codes come in by the ids of the import, and agreement is measured", { skip }, async () => {
  const set = sharedData('presence-synthetic.jsonl');
  await instance.control('transcript', 'import', 'borealis', set);
  const taken = await instance.control('presence', 'import', 'borealis', set, '--coder', 'reference');
  assert.deepEqual([taken.imported, taken.refused_count], [30, 0]);
  const { coder } = await instance.control('presence', 'code', 'borealis');
  const { rows } = await instance.control('presence', 'agreement', 'borealis', '--first', 'reference', '--second', coder);
  const direct = await instance.control('presence', 'agreement', 'borealis', '--reference', set);
  const greets = (list) => list.find(({ code, language, role }) => code === 'COH.GREET' && language === 'fi' && role === 'both');
  assert.equal(greets(rows).class, 'A');
  assert.equal(greets(rows).percent, greets(direct.rows).percent);
});

test('what was said is found at once, in all its forms, by whom it was asked for', async () => {
  await instance.control('tenant', 'add', 'cumulus', '--origin', 'https://cumulus.example');
  const path = await fileOf('finnish.jsonl', JSON.stringify({ id: 'lasku', lang: 'fi', stage: 'existing', turns: [
    { role: 'visitor', text: 'Missä laskuni viipyy? <b>', ts: 1700000000 }, { role: 'agent', text: 'Laskuja lähtee maanantaisin', ts: 1700000009 }] }));
  await instance.control('transcript', 'import', 'cumulus', path);
  const search = async (query, ...filters) => (await instance.control('transcript', 'search', 'cumulus', query, ...filters)).items;
  assert.equal((await search('lasku')).length, 2);
  const [hit] = await search('lasku viipyy', '--from', 'visitor', '--stage', 'existing');
  assert.equal(hit.snippet, 'Missä [laskuni] [viipyy]? <b>');
  assert.deepEqual([hit.seq, hit.from], [1, 'visitor']);
  assert.equal((await search('lasku', '--from', 'agent', '--until', '2023-01-01')).length, 0);
  assert.equal((await search('"laskuja lähtee"')).length, 1);
  assert.equal((await search('maanan*')).length, 1);

  const visitor = new Visitor(instance, { tenant: 'cumulus', name: 'Vera', origin: 'https://cumulus.example' });
  await visitor.connect();
  await visitor.say('my parcel is a platypus');
  assert.equal((await search('platypus')).length, 1);
  await visitor.close();

  const page = await instance.control('transcript', 'search', 'cumulus', 'lasku', '--limit', '1');
  assert.equal((await search('lasku', '--limit', '1', '--cursor', page.next)).length, 1);
  for (const bad of [['lasku', '--from', 'x'], ['lasku', '--limit', '0'], ['lasku', '--cursor', 'x'], ['lasku', '--stage', 'x']])
    assert.equal((await instance.ctl('transcript', 'search', 'cumulus', ...bad)).code, 1, bad.join(' '));
});

/** All codes of the machine by conversation, without the ids, which are made of the tenant's name. */
async function machineCodes(tenant) {
  const path = join(instance.home, `${tenant}.codes`);
  const [{ coder }] = await instance.control('presence', 'coders', tenant);
  await instance.control('presence', 'export', tenant, '--coder', coder, '-o', path);
  return (await readFile(path, 'utf8')).replace(/"id":"[a-z2-7]{26}"/g, '"id":""');
}

test('import and coding that are cut off and resumed give the same, to the byte', { skip }, async () => {
  const lines = readLines(sets.star).slice(0, 3000).map((chat, i) => JSON.stringify({ ...chat, opened_at: new Date(1.5e12 + i * 1000).toISOString() }));
  const path = await fileOf('part.jsonl', lines.join('\n'));
  for (const name of ['whole', 'broken']) await instance.control('tenant', 'add', name, '--origin', 'https://sets.example');
  await instance.control('transcript', 'import', 'whole', path);
  await instance.control('presence', 'code', 'whole');

  // Each is killed as soon as some of it is stored, the core too, then run again.
  const cut = async (args, begun) => {
    const child = spawn(join(root, 'build', process.env.LASNA_BUILD ?? 'dev', 'lasnactl', 'lasnactl'), ['--home', instance.home, ...args], { stdio: 'ignore' });
    const gone = new Promise((resolve) => { child.once('exit', resolve); });
    await until(begun, { what: `the beginning of ${args.join(' ')}` });
    child.kill('SIGKILL');
    await gone;
    await instance.restarted('core', await instance.kill('core'));
    await until(() => instance.control('status').then(() => true, () => false), { what: 'the core' });
  };
  await cut(['transcript', 'import', 'broken', path], async () => (await instance.ctl('transcript', 'list', 'broken')).json?.length > 0);
  const first = await instance.control('transcript', 'import', 'broken', path);
  assert.equal(first.imported + first.known, 3000);
  await cut(['presence', 'code', 'broken'], async () => (await instance.ctl('presence', 'coders', 'broken')).json?.length > 0);
  await instance.control('presence', 'code', 'broken');

  assert.equal(await machineCodes('broken'), await machineCodes('whole'));
  const figures = async (tenant) => JSON.stringify({ ...await instance.control('presence', 'report', tenant), about: null, desk: null });
  assert.equal(await figures('broken'), await figures('whole'));
});

test('bad input is coded or refused by its line, and every total is right', async () => {
  const said = (text, ts, role = 'visitor') => ({ role, text, ...(ts === undefined ? {} : { ts }) });
  const chat = (id, turns, more = {}) => Buffer.from(JSON.stringify({ id, turns, ...more }));
  const good = {
    'missing times': [said('Hello'), said('Hi!', undefined, 'agent')],
    'a hundred thousand characters': [said('a '.repeat(50000), 1000)],
    'mixed languages': [said('Moikka, do you speak English?', 1000), said('Yes, totta kai! How can I help?', 1001, 'agent')],
    'emoji sequences': [said('👩‍👩‍👧‍👦 🏳️‍🌈 👋🏽 🇫🇮 ❤️‍🔥', 1000)],
    'right to left': [said('שלום, איך אפשר לעזור? مرحبا \u202e:)', 1000)],
    'times running backwards': [said('Hello', 2000), said('Hi', 1000, 'agent')],
    'one side': [said('Is anybody there?', 1000), said('Hello??', 1060)],
    'nobody': [],
  };
  const lines = Object.entries(good).map(([id, turns]) => chat(id, turns));
  lines.push(chat('role', [said('x', 1, 'robot')]), // line 9
    Buffer.concat([Buffer.from('{"id":"utf8","turns":[{"role":"visitor","text":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}]}')]),
    chat('one side', [said('other words under the same id', 1)]), // line 11
    chat('control', [said('a\u0000b', 1)]),
    chat('long', [said('x'.repeat(200001), 1)]), // line 13
    chat('times', [{ role: 'visitor', text: 'x', ts: 'yesterday' }]));
  const path = join(instance.home, 'bad.jsonl');
  await writeFile(path, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
  await instance.control('tenant', 'add', 'bad', '--origin', 'https://bad.example');
  const { core } = await instance.pids();
  const { code, json } = await instance.ctl('transcript', 'import', 'bad', path);
  assert.equal(code, 1);
  assert.deepEqual([json.imported, json.messages], [8, 11]);
  assert.deepEqual(json.refused.map(({ line }) => line).sort((a, b) => a - b), [9, 10, 11, 12, 13, 14]);

  const coded = await instance.control('presence', 'code', 'bad');
  assert.deepEqual([coded.chats, coded.messages, coded.refused], [7, 11, 0]); // the chat without a message is none to code
  const report = await instance.control('presence', 'report', 'bad');
  assert.deepEqual([report.chats.n, report.chats.coded, report.chats.one_sided, report.chats.empty], [8, 7, 4, 1]);
  assert.deepEqual([report.messages.visitor, report.messages.agent], [8, 3]);
  assert.deepEqual([report.times.left_out_backwards, report.times.left_out_no_time], [3, 3]);
  assert.equal((await instance.exported('bad')).length, 8);
  assert.equal((await instance.pids()).core, core);
});
