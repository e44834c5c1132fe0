// SPDX-License-Identifier: Apache-2.0
// Exports for researchers' tools: the same counts in every format, valid by the official schemas,
// spans that point at their words, and nobody's name unless asked for.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';

import { Instance } from '../support/instance.mjs';
import { sharedData } from '../support/shared_data.mjs';

const set = sharedData('presence-synthetic.jsonl'), schemas = sharedData('refi-qda');
const skip = set === null && 'presence-synthetic.jsonl is not there (set LASNA_SHARED_DATA)';
let instance, chats, reference;

before(async () => {
  if (skip) return;
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--origin', 'https://acme.example');
  await instance.control('transcript', 'import', 'acme', set);
  await instance.control('presence', 'import', 'acme', set, '--coder', 'reference');
  reference = (await readFile(set, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const all = reference.flatMap(({ turns }) => turns);
  chats = { conversations: reference.length, messages: all.length, codes: all.flatMap(({ codes }) => codes).length };
});
after(() => instance?.stop());

async function exported(format, ...options) {
  const path = join(instance.home, `export-${Math.random()}.${format}`);
  await instance.control('transcript', 'export', 'acme', '--format', format, '-o', path, ...options);
  return readFile(path);
}

/** The files of a zip, by its central directory. */
function unzipped(zip) {
  const files = {};
  let at = zip.readUInt32LE(zip.lastIndexOf('PK\x05\x06') + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLen, extra, comment, head] = [28, 30, 32].map((o) => zip.readUInt16LE(at + o)).concat(zip.readUInt32LE(at + 42));
    const start = head + 30 + zip.readUInt16LE(head + 26) + zip.readUInt16LE(head + 28);
    const bytes = zip.subarray(start, start + size);
    files[zip.toString('utf8', at + 46, at + 46 + nameLen)] = (method === 8 ? inflateRawSync(bytes) : bytes).toString('utf8');
    at += 46 + nameLen + extra + comment;
  }
  return files;
}

const crcs = Uint32Array.from({ length: 256 }, (_, n) => Array.from({ length: 8 }).reduce((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n));
const crc = (bytes) => ~bytes.reduce((c, byte) => crcs[(c ^ byte) & 255] ^ (c >>> 8), -1) >>> 0;

/** A zip of these files, not compressed. */
function zipped(files) {
  const parts = [], places = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, bytes] = [Buffer.from(name), Buffer.from(text)];
    const head = Buffer.alloc(26); // from the version on; the same in both places
    head.writeUInt16LE(20, 0);
    head.writeUInt32LE(crc(bytes), 10);
    head.writeUInt32LE(bytes.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    places.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, place, path);
    parts.push(Buffer.from('PK\x03\x04'), head, path, bytes);
    at += 30 + path.length + bytes.length;
  }
  const central = Buffer.concat(places), end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

/** The rows of a CSV file; no cell of ours holds a line end in this set. */
const rows = (csv) => csv.toString('utf8').trimEnd().split('\r\n').slice(1);

test('counts are the same in every format', { skip }, async () => {
  const csv = rows(await exported('csv'));
  assert.deepEqual({
    conversations: new Set(csv.map((row) => row.split(',')[0])).size, messages: csv.length,
    codes: csv.flatMap((row) => row.slice(row.lastIndexOf('",') + 2).split(' ').filter(Boolean)).length,
  }, chats, 'csv');

  const lines = (await exported('coded')).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual({
    conversations: lines.length, messages: lines.flatMap(({ messages }) => messages).length,
    codes: lines.flatMap(({ messages }) => messages.flatMap(({ codes }) => codes)).length,
  }, chats, 'coded');

  const corpus = unzipped(await exported('convokit'));
  const utterances = corpus['corpus/utterances.jsonl'].trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual({
    conversations: Object.keys(JSON.parse(corpus['corpus/conversations.json'])).length, messages: utterances.length,
    codes: utterances.flatMap(({ meta }) => meta.codes).length,
  }, chats, 'convokit');

  const project = unzipped(await exported('qdpx'));
  const texts = Object.keys(project).filter((name) => name.startsWith('sources/'));
  assert.deepEqual({
    conversations: texts.length, messages: texts.flatMap((name) => project[name].split('\n').filter(Boolean)).length,
    codes: project['project.qde'].match(/<PlainTextSelection /g).length,
  }, chats, 'qdpx');
});

test('project and code book are valid by the official schemas', { skip: skip || (schemas === null && 'no schemas') }, async () => {
  const folder = join(instance.home, 'qda');
  await mkdir(folder);
  await writeFile(join(folder, 'project.qde'), unzipped(await exported('qdpx'))['project.qde']);
  await writeFile(join(folder, 'book.qdc'), await exported('qdc'));
  for (const [file, schema] of [['project.qde', 'Project.xsd'], ['book.qdc', 'Codebook.xsd']]) {
    assert.ok(existsSync(join(schemas, schema)));
    execFileSync('xmllint', ['--noout', '--schema', join(schemas, schema), join(folder, file)], { stdio: 'pipe' });
  }
});

test('the spans of a project point at words of its sources, by code points', { skip }, async () => {
  const { coder } = await instance.control('presence', 'code', 'acme');
  const project = unzipped(await exported('qdpx', '--coder', coder, '--names', 'plain'));
  let seen = 0;
  for (const [, guid, inside] of project['project.qde'].matchAll(/<TextSource guid="([^"]+)"([\s\S]*?)<\/TextSource>/g)) {
    const points = [...project[`sources/${guid}.txt`]];
    for (const [, name, from, to] of inside.matchAll(/name="(AFF\.ICON|INT\.THANK)" startPosition="(\d+)" endPosition="(\d+)"/g)) {
      const words = points.slice(Number(from), Number(to)).join('');
      assert.match(words, name === 'AFF.ICON' ? /[\p{Extended_Pictographic}:;=<^]/u : /thank|thx|cheers|appreciat|kiit|kitos|arvost|\btack|grateful/iu, `${name}: ${words}`);
      seen++;
    }
  }
  assert.ok(seen > 20, `${seen} spans`);
});

async function codesOf(coder) {
  const path = join(instance.home, `codes-${Math.random()}.jsonl`);
  await instance.control('presence', 'export', 'acme', '--coder', coder, '-o', path);
  return (await readFile(path, 'utf8')).split('\n').filter(Boolean).sort().map((line) => JSON.parse(line));
}

test('a project comes back with its codes, names or marks', { skip }, async () => {
  for (const [names, coder] of [['plain', 'Plain'], ['marks', 'Marks']]) {
    const path = join(instance.home, `${names}.qdpx`);
    await instance.control('transcript', 'export', 'acme', '--format', 'qdpx', '--coder', 'reference', '--names', names, '-o', path);
    assert.deepEqual((await instance.control('presence', 'import', 'acme', path, '--coder', coder, '--blank')).refused, []);
    // Without a span the whole message bore it; now it says so.
    const bare = (lines) => lines.map(({ id, messages, functions }) => [id, messages.map((m) => m.codes.map((code) => code.code ?? code)), functions]);
    const wanted = bare(await codesOf('reference'));
    assert.equal(wanted.length, chats.conversations);
    assert.deepEqual(bare(await codesOf(coder)), wanted);
  }
  assert.deepEqual(await codesOf('Marks'), await codesOf('Plain'));
});

test('what was coded in another program is that coder’s, on the words it stands on', { skip }, async () => {
  const project = unzipped(await exported('qdpx', '--coder', 'none'));
  const code = (name) => project['project.qde'].match(new RegExp(`<Code guid="([^"]+)" name="${name}"`))[1].toUpperCase();
  const sources = [...project['project.qde'].matchAll(/<TextSource guid="([^"]+)" name="([^"]+)"/g)].slice(0, 4).map(([, guid, id]) => ({ guid, id }));
  let qde = project['project.qde'].replace('</Users>', '<User guid="{E0000000-0000-4000-8000-000000000001}" name="Erik in NVivo"/><User guid="e0000000-0000-4000-8000-000000000002" name="Anna"/></Users>')
    .replace('</Codes>', '<Code guid="f0000000-0000-4000-8000-000000000001" name="My own" isCodable="true"/></Codes>');
  sources.forEach(({ guid }, i) => {
    const name = `sources/${guid}.txt`;
    if (i === 0) project[name] = project[name].replaceAll('\n', '\r\n'); // as a tool for Windows ends lines
    const at = [...project[name].slice(0, project[name].indexOf('\n', 0))].length, from = [...project[name].split(': ')[0]].length + 2;
    const coding = (user, which) => `<Coding guid="a0000000-0000-4000-8000-00000000000${i}" creatingUser="${user}"><CodeRef targetGUID="${which}"/></Coding>`;
    qde = qde.replace(new RegExp(`(<TextSource guid="${guid}"[^>]*>)`), `$1<PlainTextSelection guid="b0000000-0000-4000-8000-00000000000${i}" name="n" startPosition="${from}" endPosition="${at}">`
      + coding('e0000000-0000-4000-8000-000000000001', code('COH.GREET')) + coding('e0000000-0000-4000-8000-000000000002', code('AFF.NEG'))
      + coding('e0000000-0000-4000-8000-000000000001', 'f0000000-0000-4000-8000-000000000001') + '</PlainTextSelection>');
    if (i === 3) project[name] = project[name].replace(': ', ': changed ');
  });
  const path = join(instance.home, 'coded.qdpx');
  await writeFile(path, zipped({ ...project, 'project.qde': qde }));
  const { code: exit, stdout, stderr } = await instance.ctl('--json', 'presence', 'import', 'acme', path, '--coder', 'Erik', '--user', 'Erik in NVivo');
  assert.equal(exit, 1); // the changed one
  assert.deepEqual(JSON.parse(stdout).refused.map(({ why }) => why), ['message 1 is not as it is stored: one of them was changed.']);
  assert.match(stderr, /3 codings by "My own", which is not in the code book/);
  const lines = await codesOf('Erik');
  assert.deepEqual(lines.map(({ id }) => id).sort(), sources.slice(0, 3).map(({ id }) => id).sort());
  for (const { messages } of lines) {
    assert.deepEqual(messages[0].codes.map(({ code: which, first }) => [which, first]), [['COH.GREET', 0]]);
    assert.ok(messages.slice(1).every(({ codes }) => codes.length === 0));
  }
});

test('what is no project is refused by name', { skip }, async () => {
  const path = join(instance.home, 'bad.qdpx');
  const source = '<Project><Sources><TextSource name="x" plainTextPath="internal://../../etc/passwd"><Coding/></TextSource></Sources></Project>';
  for (const [bytes, why] of [['no zip', /no zip|no project/], [zipped({ 'a.txt': 'x' }), /no project\.qde/], [zipped({ 'project.qde': '<Project>' }), /line 1: no element/],
    [zipped({ 'project.qde': '<!DOCTYPE x [<!ENTITY a "b">]><Project>&a;</Project>' }), /document type/]]) {
    await writeFile(path, bytes);
    const { code, stderr } = await instance.ctl('presence', 'import', 'acme', path, '--coder', 'Erik');
    assert.equal(code, 1);
    assert.match(stderr, why);
  }
  await writeFile(path, zipped({ 'project.qde': source }));
  assert.match((await instance.ctl('presence', 'import', 'acme', path, '--coder', 'Erik', '--blank')).stderr, /source 1: its text is not in the file/);
  assert.match((await instance.ctl('presence', 'import', 'acme', path, '--coder', 'Erik', '--user', 'Bo')).stderr, /no user of the project is "Bo"/);
  assert.equal((await instance.ctl('presence', 'import', 'acme', set, '--coder', 'Erik', '--blank')).code, 2);
});

test('names stay out unless asked for', { skip }, async () => {
  const path = join(instance.home, 'named.jsonl');
  await writeFile(path, `${JSON.stringify({ id: 'named', visitor: { id: 'v', name: 'Orvokki Kuusinen' }, turns: [
    { role: 'visitor', text: 'I am orvokki.kuusinen@mail.example, 040 123 4567, 131052-308T' }, { role: 'agent', who: 'Anna', text: 'Hei Orvokki, Kuusiselle en, Orvokille soitan' }] })}\n`);
  await instance.control('transcript', 'import', 'acme', path);
  for (const format of ['csv', 'coded', 'convokit', 'qdpx']) {
    const bytes = await exported(format, '--coder', 'none');
    const text = bytes.toString('latin1', 0, 2) === 'PK' ? Object.values(unzipped(bytes)).join('\n') : bytes.toString();
    assert.doesNotMatch(text, /orvok|kuusi[ns]|123 4567|308T/i, format);
  }
  assert.match((await exported('csv', '--names', 'plain')).toString(), /Orvokki Kuusinen/);
  // Two visitors and an agent of one name are three speakers.
  await writeFile(path, ['v1', 'v2'].map((id) => `${JSON.stringify({ id: `same ${id}`, opened_at: '2032-01-01T00:00:00.000Z', visitor: { id, name: 'Orvokki' }, turns: [
    { role: 'visitor', text: 'hei', at: '2032-01-01T00:00:00Z' }, { role: 'agent', who: 'Orvokki', text: 'hei', at: '2032-01-01T00:00:01Z' }] })}\n`).join(''));
  await instance.control('transcript', 'import', 'acme', path);
  const corpus = unzipped(await exported('convokit', '--coder', 'none', '--names', 'plain', '--since', '2032-01-01'));
  assert.deepEqual(Object.values(JSON.parse(corpus['corpus/speakers.json'])).map(({ meta }) => `${meta.role} ${meta.name}`).sort(), ['agent Orvokki', 'visitor Orvokki', 'visitor Orvokki']);
  // Spans of such lines are of a text nobody stored.
  await writeFile(path, await exported('coded'));
  assert.match((await instance.ctl('presence', 'import', 'acme', path, '--coder', 'Erik')).stderr, /line 1: It is pseudonymised/);
});

test('a page to read holds what was said, and runs none of it', { skip }, async () => {
  const path = join(instance.home, 'hostile.jsonl');
  await writeFile(path, `${JSON.stringify({ id: 'hostile', visitor: { id: 'v', name: '<b>Ilona</b>' }, tags: ['a&b'], outcome: 'sold',
    opened_at: '2031-05-06T07:08:09.000Z', messages: [{ seq: 1, from: 'visitor', text: '<script>alert("1")</script>\n2 < 3', at: '2031-05-06T07:08:09.000Z' },
      { seq: 2, from: 'agent', name: 'Anna', origin: 'canned', text: 'Hei & tervetuloa', at: '2031-05-06T07:08:10.000Z' }] })}\n`);
  await instance.control('transcript', 'import', 'acme', path);
  const page = (await exported('html', '--since', '2031-01-01')).toString();
  assert.match(page, /^<!doctype html>[^]*<h1>Transcripts of acme<\/h1>[^]*<\/html>\n$/);
  assert.match(page, /<h2 id="[a-z2-7]{26}">&lt;b&gt;Ilona&lt;\/b&gt;<\/h2><p class="soft"><time datetime="2031-05-06T07:08:09.000Z">2031-05-06 07:08:09<\/time>[^\n]* · #a&amp;b · outcome sold/);
  assert.ok(page.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;\n2 &lt; 3</td>'));
  assert.ok(page.includes('Hei &amp; tervetuloa <span class="soft">(canned)</span></td>'));
  assert.doesNotMatch(page, /<script|<b>Ilona|src=|href=|url\(/);
  const whole = (await exported('html')).toString();
  assert.equal(whole.match(/<h2 /g).length, (await exported('jsonl')).toString().trimEnd().split('\n').length);
});

test('what is wrong is refused by name', { skip }, async () => {
  for (const [args, why] of [[['--format', 'xml'], /format/], [['--format', 'csv', '--names', 'x'], /names/],
    [['--format', 'csv', '--coder', 'nobody'], /no such coder/], [['--format', 'csv', '--state', 'queued'], /state/]]) {
    const { code, stderr } = await instance.ctl('transcript', 'export', 'acme', ...args, '-o', join(instance.home, 'x'));
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, why);
    assert.ok(!existsSync(join(instance.home, 'x')));
  }
});
