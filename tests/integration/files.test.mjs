// SPDX-License-Identifier: Apache-2.0
// Files from a visitor to an agent: asked for, posted, looked at, said, fetched; and all that may go
// wrong on the way.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { filesWith } from '../support/disk.mjs';
import { Instance, lasnactl, until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Visits } from '../support/visits.mjs';

let instance, anna, visits;

before(async () => {
  instance = await Instance.start();
  anna = await Agent.login(instance, 'anna');
  visits = new Visits(instance, anna);
});
after(async () => {
  await visits?.close();
  await anna?.stop();
  await instance?.stop();
});

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const folder = (tenant = 'acme') => join(instance.home, 'data', 'tenants', tenant, 'files');
const onDisk = (tenant) => readdir(folder(tenant)).catch(() => []);
/** An ended upload leaves no part behind. */
const noParts = () => until(async () => (await onDisk()).every((name) => !name.endsWith('.part')), { what: 'no part' });

const partBytes = async () => {
  const part = (await onDisk()).find((name) => name.endsWith('.part'));
  return part ? stat(join(folder(), part)).then(({ size }) => size, () => 0) : 0; // it may be gone since
};

/** A line that promises so many bytes, and sends fewer. */
function postBy(ticket, promised, bytes) {
  const socket = connect(Number(new URL(instance.http).port), '127.0.0.1').on('error', () => {});
  socket.write(`POST /t/acme/files HTTP/1.1\r\nHost: x\r\nOrigin: ${instance.http}\r\nLasna-Upload: ${ticket}\r\n` +
    `Content-Length: ${promised}\r\n\r\n`);
  socket.write(bytes);
  return socket;
}

test('a picture reaches the agent as an address that their client shows, and only there', async () => {
  const picture = png(40, 30, { noise: 300000 }); // more than one part each way
  const { visitor, contact } = await visits.served('a picture, please');
  assert.deepEqual(visitor.welcome.settings.files, { max_bytes: 10485760 });
  const saved = await visitor.sendFile('Kuva 1 <b>.png', picture);
  assert.equal(saved.type, 'saved');
  assert.equal(saved.seq, 2);
  const told = await anna.until(() => anna.messages.find(({ from, address }) => from === contact && address));
  assert.equal(told.text, told.address);
  assert.match(told.address, new RegExp(`^${instance.http}/f/acme/[a-z2-7]{52}/Kuva-1-b\\.png$`));
  const answer = await fetch(told.address);
  assert.equal(answer.status, 200);
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), picture);
  const head = Object.fromEntries(answer.headers);
  assert.equal(head['content-type'], 'image/png');
  assert.equal(head['content-length'], String(picture.length));
  assert.equal(head['content-disposition'], 'inline; filename="Kuva-1-b.png"');
  assert.equal(head['x-content-type-options'], 'nosniff');
  assert.match(head['content-security-policy'], /^sandbox; default-src 'none'/);
  assert.match(head['cache-control'], /^private/);
  const asked = await fetch(told.address, { method: 'HEAD' }); // as clients do before they fetch
  assert.deepEqual([asked.status, asked.headers.get('content-length'), await asked.text()], [200, String(picture.length), '']);

  const [{ messages }] = (await instance.exported('acme')).filter(({ messages: [first] }) => first.text === 'a picture, please');
  assert.equal(messages[1].text, 'Kuva 1 <b>.png');
  const { id, ...file } = messages[1].file;
  assert.deepEqual(file, { type: 'image/png', bytes: picture.length, width: 40, height: 30, sha256: sha256(picture) });
  assert.deepEqual(await readFile(join(folder(), id)), picture);
  assert.ok(!('file' in messages[0]));
});

test('a download goes on where it broke off, and what is known is not sent again', async () => {
  const picture = png(40, 30, { noise: 300000 });
  const { visitor, contact } = await visits.served('a part of it, please');
  await visitor.sendFile('long.png', picture);
  const { address } = await anna.until(() => anna.messages.find((message) => message.from === contact && message.address));
  const whole = await fetch(address);
  await whole.arrayBuffer();
  const etag = whole.headers.get('etag');
  assert.match(etag, /^"[a-z2-7]{52}"$/);
  assert.equal(whole.headers.get('accept-ranges'), 'bytes');
  const ask = async (headers, method = 'GET') => {
    const answer = await fetch(address, { method, headers: { 'Accept-Encoding': 'identity', ...headers } });
    return { status: answer.status, range: answer.headers.get('content-range'), length: answer.headers.get('content-length'),
      bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const all = picture.length;
  for (const [range, first, last] of [['0-0', 0, 0], ['100-200099', 100, 200099], ['200000-', 200000, all - 1], ['-1000', all - 1000, all - 1],
    [`5-${all + 5}`, 5, all - 1], [`-${all + 5}`, 0, all - 1]])
    assert.deepEqual(await ask({ Range: `bytes=${range}`, 'If-Range': etag }),
      { status: 206, range: `bytes ${first}-${last}/${all}`, length: String(last - first + 1), bytes: picture.subarray(first, last + 1) }, range);
  for (const range of [`${all}-`, '-0', '99999999999999999999999-'])
    assert.deepEqual(await ask({ Range: `bytes=${range}` }), { status: 416, range: `bytes */${all}`, length: '0', bytes: Buffer.alloc(0) }, range);
  for (const headers of [{ Range: 'bytes=0-1,3-4' }, { Range: 'lines=1-2' }, { Range: 'bytes=9-3' }, { Range: 'bytes=0-1', 'If-Range': '"another"' },
    { Range: 'bytes=0-1', 'If-Range': new Date().toUTCString() }])
    assert.deepEqual(await ask(headers), { status: 200, range: null, length: String(all), bytes: picture }, JSON.stringify(headers));
  assert.deepEqual(await ask({ Range: 'bytes=0-1' }, 'HEAD'), { status: 200, range: null, length: String(all), bytes: Buffer.alloc(0) });
  const known = await ask({ 'If-None-Match': etag });
  assert.deepEqual([known.status, known.bytes.length], [304, 0]);
  const gone = await fetch(address.replace(/.\.png$/, 'x.png'), { headers: { 'If-None-Match': etag } });
  assert.equal(gone.status, 404, 'whoever has it learns nothing of another');

  // One line carries all of them, one after the other.
  const line = connect(Number(new URL(instance.http).port), '127.0.0.1');
  const path = new URL(address).pathname;
  let heard = '';
  line.on('data', (bytes) => (heard += bytes.toString('latin1')));
  for (const header of ['Range: bytes=0-3', `Range: bytes=${all}-`, `If-None-Match: ${etag}`, 'Range: bytes=-4'])
    line.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
  await until(() => heard.split('HTTP/1.1 ').length === 5 && heard.endsWith(picture.subarray(-4).toString('latin1')), { what: 'four answers' });
  assert.deepEqual(heard.split('HTTP/1.1 ').slice(1).map((answer) => answer.slice(0, 3)), ['206', '416', '304', '206']);
  line.destroy();
});

test('it is there after a reload, and for an agent who comes later', async () => {
  const visitor = await visits.come();
  await visitor.say('who comes?');
  await visitor.sendFile('hinnat.txt', Buffer.from('Pro: 12 €\n'));
  await visitor.close();
  const back = await visits.come({ token: visitor.token });
  const { file } = await back.hears('hinnat.txt');
  assert.deepEqual({ ...file, url: '' }, { name: 'hinnat.txt', type: 'text/plain', size: 12, url: '' });
  const answer = await fetch(instance.http + file.url);
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="hinnat.txt"');
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(await answer.text(), 'Pro: 12 €\n');
  const contact = await anna.accept('acme', /who comes/);
  const { delayed, text } = await anna.until(() => anna.messages.find(({ from, address }) => from === contact && address));
  assert.deepEqual([delayed, text], [true, instance.http + file.url]);
});

test("a file's name is not the visitor's words: nobody codes it", async () => {
  const visitor = await visits.come({ tenant: 'borealis' });
  await visitor.say('hello');
  await visitor.sendFile('hello.txt', Buffer.from('x'));
  const [{ id }] = await instance.exported('borealis');
  await instance.control('conversation', 'end', 'borealis', id);
  const { chats, messages } = await instance.control('presence', 'code', 'borealis');
  assert.deepEqual({ chats, messages }, { chats: 1, messages: 1 });
});

test('a broken line goes on where it was, with a new ticket', async () => {
  const picture = png(20, 20, { noise: 200000 });
  const { visitor } = await visits.served('a broken line');
  const asked = await visitor.askToSend('half.png', picture.length, 'half');
  assert.equal(asked.have, 0);
  const line = postBy(asked.ticket, picture.length, picture.subarray(0, 150000));
  await until(async () => (await partBytes()) > 150000 - 16384, { what: 'all but a part on disk' });
  line.destroy();
  const again = await visitor.askToSend('half.png', picture.length, 'half');
  assert.ok(again.have > 150000 - 16384 && again.have <= 150000, `${again.have} of 150,000`);
  assert.equal((await visitor.post(asked.ticket, picture)).status, 404, 'the old ticket is good for nothing');
  assert.equal((await visitor.post(again.ticket, picture)).status, 409, 'nor are other bytes than those that are missing');
  assert.equal((await visitor.post(again.ticket, picture.subarray(again.have), { from: again.have })).status, 202);
  await visitor.next((frame) => frame.type === 'saved' && frame.cid === 'half');
  const { file } = (await instance.exported('acme')).flatMap(({ messages }) => messages).find(({ text }) => text === 'half.png');
  assert.equal(file.sha256, sha256(picture));
});

test('the same cid again is the same message', async () => {
  const { visitor } = await visits.served('twice');
  const first = await visitor.sendFile('one.txt', Buffer.from('one'), 'same');
  const second = await visitor.sendFile('one.txt', Buffer.from('one'), 'same');
  assert.equal(second.seq, first.seq);
  const [{ messages }] = (await instance.exported('acme')).filter(({ messages: [opening] }) => opening.text === 'twice');
  assert.equal(messages.length, 2);
  const rows = (await instance.exported('acme')).flatMap((one) => one.messages).filter(({ file }) => file);
  await until(async () => (await onDisk()).length === rows.length, { what: 'the second copy to go' });
});

test('what is no picture, document or text is refused, whatever it is called, and leaves nothing', async () => {
  const visitor = await visits.come();
  const hostile = {
    'drawing.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    'picture.png': '<!doctype html><script>alert(1)</script>',
    'archive.png': Buffer.concat([png(), Buffer.from('PK\x03\x04')]),
    'gifar.gif': 'GIF89a/*.........*/=alert(1)//;',
    'bomb.zip': Buffer.from('504b0304140000000800', 'hex'),
    'program.pdf': Buffer.from('7f454c46020101', 'hex'),
    'zero.txt': 'text\0',
    'latin.txt': Buffer.from([0xe4, 0x6b, 0x6b, 0x69]),
  };
  for (const [name, content] of Object.entries(hostile)) {
    const refused = await visitor.sendFile(name, Buffer.from(content));
    assert.deepEqual([refused.status, refused.code], [415, 'bad_type'], name);
  }
  const bomb = await visitor.sendFile('bomb.png', png(10, 10, { claim: [60000, 60000] }));
  assert.deepEqual([bomb.status, bomb.code, bomb.detail], [415, 'bad_type', 'The picture has too many pixels.']);
  await noParts();
});

test('0 bytes and 2 GB are refused before a byte is sent', async () => {
  const visitor = await visits.come();
  assert.equal((await visitor.askToSend('nothing.txt', 0)).code, 'empty');
  const large = await visitor.askToSend('film.png', 2 * 1024 ** 3);
  assert.deepEqual([large.code, large.text], ['too_large', 'A file may have at most 10240 KiB.']);
  for (const size of [-1, 1.5, '12', null, 1e30]) {
    const from = visitor.frames.length;
    visitor.send({ type: 'upload', cid: 'x', name: 'x', size });
    assert.equal((await visitor.next((frame) => frame.type === 'error', { from })).code, 'bad_frame');
  }
});

test('no ticket, a foreign one or another origin opens nothing', async () => {
  const visitor = await visits.come(), borealis = await visits.come({ tenant: 'borealis' });
  const { ticket } = await visitor.askToSend('a.txt', 3);
  const post = (headers, path = '/t/acme/files') =>
    fetch(instance.http + path, { method: 'POST', body: 'abc', headers }).then(({ status }) => status);
  const origin = instance.http;
  assert.equal(await post({ origin }), 403);
  assert.equal(await post({ 'lasna-upload': ticket }), 403);
  assert.equal(await post({ 'lasna-upload': ticket, origin: 'https://evil.example' }), 403);
  assert.equal(await post({ 'lasna-upload': ticket, origin: 'null' }), 403);
  assert.equal(await post({ 'lasna-upload': 'A'.repeat(43), origin }), 404);
  assert.equal(await post({ 'lasna-upload': ticket, origin }, '/t/borealis/files'), 404);
  assert.equal(await post({ 'lasna-upload': ticket, origin }, '/t/nobody/files'), 404);
  assert.equal(await post({ 'lasna-upload': ticket, origin, 'lasna-from': '-1' }), 400);
  assert.equal(await fetch(`${instance.http}/t/acme/files`, { headers: { origin } }).then(({ status }) => status), 405);
  assert.equal((await borealis.post(ticket, 'abc')).status, 404);
  assert.equal(await post({ 'lasna-upload': ticket, origin }), 202, 'it is good all the same');
});

test('an address is right to its last letter, or nothing', async () => {
  const visitor = await visits.come();
  await visitor.sendFile('secret.txt', Buffer.from('a secret'));
  const back = await visits.come({ token: visitor.token });
  const { file: { url } } = await back.hears('secret.txt');
  const status = (path) => fetch(instance.http + path).then((answer) => answer.status);
  const [, , , key, name] = url.split('/');
  assert.equal(await status(url), 200);
  for (const path of [url.replace('/acme/', '/borealis/'), url.replace('/acme/', '/nobody/'), `${url}x`, `${url}/x`,
    `/f/acme/${key}`, `/f/acme/${key}/`, `/f/acme/${key.slice(0, -1)}/${name}`, `/f/acme/${key.slice(0, 26)}/${name}`,
    `/f/acme/${key.slice(0, 26)}${key.slice(0, 26)}/${name}`, `/f/acme/${'a'.repeat(52)}/${name}`, `/f/acme//${name}`,
    url.replace('secret', '%73ecret'), url.replace('secret.txt', 'page.html')])
    assert.equal(await status(path), 404, path);
  assert.equal(await fetch(instance.http + url, { method: 'POST' }).then((answer) => answer.status), 405);
});

test('who runs the service reads what was sent, and leaves a trace of it', async () => {
  const picture = png(30, 30, { noise: 400000 });
  const visitor = await visits.come({ name: 'Vera' });
  await visitor.say('two files, and each is mine');
  await visitor.sendFile('Kuva <1>.png', picture);
  await visitor.sendFile('hinnat.txt', Buffer.from('Pro: 12 €\n'));
  const files = await instance.control('file', 'list', 'acme', '--visitor', visitor.welcome.visitor);
  assert.deepEqual(files.map(({ name, type, bytes }) => [name, type, bytes]), [['hinnat.txt', 'text/plain', 12], ['Kuva <1>.png', 'image/png', picture.length]]);
  assert.equal(files[1].sha256, sha256(picture));
  assert.deepEqual((await instance.control('file', 'list', 'acme', '--conversation', visitor.conversation)).map(({ id }) => id), files.map(({ id }) => id));
  const to = join(instance.home, 'copy.png');
  const { code, stderr } = await instance.ctl('file', 'get', 'acme', files[1].id, '-o', to);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await readFile(to), picture);
  assert.equal((await stat(to)).mode & 0o777, 0o600);
  const typed = spawnSync('script', ['-qec', `${lasnactl} --home ${instance.home} file get acme ${files[0].id}`, '/dev/null']);
  assert.equal(typed.status, 2);
  assert.match(typed.stdout.toString(), /Say -o FILE/);
  const bearer = (await readFile(instance.about.admin_token_file, 'utf8')).trim();
  const ask = (path) => fetch(`${instance.http}/api/v1${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  const rest = await ask(`/tenants/acme/files/${files[1].id}?from=350000`);
  assert.deepEqual(Buffer.from(await rest.arrayBuffer()), picture.subarray(350000));
  assert.equal(rest.headers.get('content-type'), 'image/png');
  assert.equal(rest.headers.get('content-disposition'), 'attachment; filename="Kuva-1.png"');
  assert.equal(rest.headers.get('x-content-type-options'), 'nosniff');
  assert.equal((await ask(`/tenants/borealis/files/${files[1].id}`)).status, 404, "another tenant's id is nobody's");
  assert.equal((await instance.ctl('file', 'get', 'acme', visitor.welcome.visitor, '-o', to)).code, 1);
  const audit = await instance.control('tenant', 'audit', 'acme');
  assert.ok(audit.some(({ action, detail }) => action === 'file_fetch' && detail === `id=${files[1].id}`));

  const archive = join(instance.home, 'vera.tar'), lines = join(instance.home, 'vera.jsonl');
  await instance.control('visitor', 'export', 'acme', visitor.welcome.visitor, '--files', '-o', archive);
  await instance.control('visitor', 'export', 'acme', visitor.welcome.visitor, '-o', lines);
  const tar = (...args) => execFileSync('tar', [...args, '-f', archive], { maxBuffer: 1e7 });
  const names = tar('-t').toString().trim().split('\n');
  assert.deepEqual(names, ['visitor.json', `conversations/${visitor.conversation}.json`,
    `files/${files[0].id}/hinnat.txt`, `files/${files[1].id}/Kuva-1.png`]);
  assert.deepEqual(tar('-xO', names[3]), picture);
  const [self, conversation] = (await readFile(lines, 'utf8')).trim().split('\n');
  assert.deepEqual([tar('-xO', names[0]).toString().trim(), tar('-xO', names[1]).toString().trim()], [self, conversation]);
  assert.equal(JSON.parse(conversation).messages[1].file.id, files[1].id);
});

test('quotas are counted, and told', async () => {
  await instance.control('tenant', 'set', 'acme', 'files.max_bytes=2048', 'files.visitor_count=2');
  const visitor = await visits.come();
  assert.deepEqual(visitor.welcome.settings.files, { max_bytes: 2048 });
  assert.equal((await visitor.askToSend('large.txt', 2049)).code, 'too_large');
  assert.equal((await visitor.sendFile('1.txt', Buffer.from('1'))).type, 'saved');
  assert.equal((await visitor.askToSend('2.txt', 1)).type, 'upload');
  const third = await visitor.askToSend('3.txt', 1);
  assert.deepEqual([third.code, third.text], ['too_many', 'That is as much as you can send in a day.']);
  await instance.control('tenant', 'set', 'acme', 'files.accept=no');
  assert.equal((await visits.come()).welcome.settings.files, null);
  assert.equal((await visitor.askToSend('4.txt', 1)).code, 'no_files');
  await instance.control('tenant', 'set', 'acme', 'files.max_bytes=', 'files.visitor_count=', 'files.accept=');
});

test('room that is promised and not used goes to whoever needs it, and another tenant has room all along', async () => {
  const hoarders = [], vera = await visits.come({ tenant: 'borealis' });
  while (hoarders.length < 25) hoarders.push(await visits.come({ tenant: 'borealis' }));
  const asked = hoarders.flatMap((hoarder) => Array.from({ length: 8 }, (_, n) => hoarder.askToSend(`${n}.txt`, 1000, `h${n}`)));
  assert.deepEqual([...new Set((await Promise.all(asked)).map(({ type }) => type))], ['upload']);
  assert.equal((await hoarders[0].askToSend('9.txt', 1000)).code, 'too_many', 'eight at once');
  assert.equal((await vera.askToSend('a.txt', 5)).code, 'too_many', 'two hundred at once at one tenant');
  assert.equal((await (await visits.come()).sendFile('b.txt', Buffer.from('other'))).type, 'saved');
  await Promise.all(hoarders.map((hoarder) => hoarder.askToSend('0.txt', 1000, 'h0'))); // asked again: no longer kept for that
  await until(async () => (await vera.sendFile('a.txt', Buffer.from('moves'))).type === 'saved', { what: 'room' });
  const again = await hoarders[0].sendFile('0.txt', Buffer.from('late, but whole'), 'anew');
  assert.equal(again.type, 'saved', 'who gave way begins anew');
  await Promise.all(hoarders.map((hoarder) => hoarder.close()));
});

test('bytes that are promised and do not come fill nobody\'s quota for long', async () => {
  await instance.control('tenant', 'set', 'borealis', 'files.total_bytes=200000');
  const [hoarder, vera] = [await visits.come({ tenant: 'borealis' }), await visits.come({ tenant: 'borealis' })];
  await until(async () => (await hoarder.askToSend('large.txt', 190000)).type === 'upload', { what: 'what others left to give way' });
  const refused = await vera.askToSend('b.txt', 20000);
  assert.deepEqual([refused.code, refused.text], ['too_many', 'There is no room for files here now.']);
  await until(async () => (await vera.sendFile('b.txt', Buffer.from('x'.repeat(20000)))).type === 'saved', { what: 'room' });
  await instance.control('tenant', 'set', 'borealis', 'files.total_bytes=');
});

test('an erased visitor\'s files are on no disk any more, and their addresses open nothing', async () => {
  const visitor = await visits.come();
  await visitor.sendFile('mine.txt', Buffer.from('only mine, whatever happens'));
  const asked = await visitor.askToSend('coming.txt', 50000);
  postBy(asked.ticket, 50000, 'only mine'.repeat(4000));
  await until(partBytes, { what: 'a part' });
  const back = await visits.come({ token: visitor.token });
  const { file: { url } } = await back.hears('mine.txt');
  const { id } = (await instance.exported('acme')).flatMap(({ messages }) => messages).find(({ text }) => text === 'mine.txt').file;
  assert.ok((await onDisk()).includes(id));
  await instance.control('visitor', 'erase', 'acme', visitor.welcome.visitor, '--yes');
  assert.ok(!(await onDisk()).includes(id));
  assert.equal((await fetch(instance.http + url)).status, 404);
  await noParts();
  assert.deepEqual(filesWith(folder(), 'only mine'), []);
});

test('a core that is killed keeps what was ticked, and sweeps the rest', async () => {
  const visitor = await visits.come();
  await visitor.say('until the core dies');
  await visitor.sendFile('kept.txt', Buffer.from('kept'));
  const asked = await visitor.askToSend('lost.txt', 100000, 'lost');
  const half = postBy(asked.ticket, 100000, 'x'.repeat(50000));
  await until(partBytes, { what: 'a part' });
  await instance.restarted('core', await instance.kill('core'));
  half.destroy();
  await noParts();
  const back = await until(() => visits.come({ token: visitor.token }).catch(() => false), { what: 'a welcome' });
  const { file } = await back.hears('kept.txt');
  assert.equal(await (await fetch(instance.http + file.url)).text(), 'kept');
  const again = await back.sendFile('lost.txt', Buffer.from('y'.repeat(100000)), 'lost');
  assert.equal(again.type, 'saved', 'from the beginning, under the same cid');
  const { code, stdout } = await instance.ctl('verify');
  assert.equal(code, 0, stdout);
});

test('a tenant that is removed leaves no file', async () => {
  await instance.control('tenant', 'add', 'cumulus', '--name', 'Cumulus Oy', '--origin', instance.http);
  const visitor = await visits.come({ tenant: 'cumulus' });
  await visitor.sendFile('mine.txt', Buffer.from('mine'));
  assert.equal((await onDisk('cumulus')).length, 1);
  await instance.control('tenant', 'remove', 'cumulus', '--yes');
  await assert.rejects(readdir(join(folder('cumulus'), '..')));
});
