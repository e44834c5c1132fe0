// SPDX-License-Identifier: Apache-2.0
// lasnactl check widget URL: what is right and wrong with a site's page, a line each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Instance } from '../support/instance.mjs';
import { Receiver } from '../support/receiver.mjs';

let instance, site, https, line;

before(async () => {
  instance = await Instance.start({ empty: true });
  site = await Receiver.start(instance);
  https = instance.about.https;
  await instance.control('tenant', 'add', 'acme', '--origin', `https://localhost:${site.port}`);
  line = `<script async src="${https}/w/acme.js"></script>`;
});
after(async () => {
  await site?.stop();
  await instance?.stop();
});

/** What is said of a page: the exit code, the problems, the warnings. */
async function check(body, headers = {}, { status = 200, path = '/pricing' } = {}) {
  site.answer = () => ({ status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, text: body });
  const { code, json, stderr } = await instance.ctl('check', 'widget', site.url(path));
  assert.ok(json, stderr);
  const of = (wanted) => json.findings.filter(({ verdict }) => verdict === wanted).map(({ text }) => text);
  return { code, problems: of('problem'), warnings: of('warning'), fine: of('fine'), findings: json.findings };
}
const page = (inside) => `<!doctype html><html><head><title>Shop</title></head><body><h1>Prices</h1>${inside}</body></html>`;

test('a page that is ready: exit 0, and each thing said', async () => {
  const { code, problems, warnings, fine, findings } = await check(page(line));
  assert.deepEqual([code, problems, warnings], [0, [], []]);
  assert.equal(fine.length, 4);
  assert.ok(findings.every(({ area }) => area === 'widget'));
  assert.equal(findings.at(-1).tenant, 'acme');
  assert.equal(site.requests.at(-1).path, '/pricing');
});

test('each thing that is wrong has its own line, and the exit code is 3', async () => {
  const wrong = [
    [page(''), /no snippet/],
    [page(line.replace('/w/acme.js', '/w/nobody.js')), /no tenant nobody/],
    [page(line.replace(https, 'https://elsewhere.example')), /elsewhere\.example, which is not in \[web\] origins/],
    [page(line.replace(https, instance.http)), /over http/],
    [page(line.replace(https, '')), /names no host/],
    [page(line.replace('async', 'async integrity="sha384-x"')), /integrity/],
  ];
  for (const [body, words] of wrong) {
    const { code, problems } = await check(body);
    assert.equal(code, 3);
    assert.ok(problems.length === 1 && words.test(problems[0]), `${words}: ${problems}`);
  }
  const { code, warnings } = await check(page(line.replace('async ', '') + line));
  assert.deepEqual([code, warnings.length], [0, 2]);
  assert.match(warnings.join(), /2 times.*not async/);
});

test('the policy: what is missing is named, wherever it stands', async () => {
  const good = `default-src 'self'; script-src ${https}; frame-src ${https}`;
  assert.deepEqual((await check(page(line), { 'content-security-policy': good })).problems, []);
  assert.deepEqual((await check(page(line.replace('async', 'async nonce="abc"')),
    { 'content-security-policy': `script-src 'nonce-abc' 'strict-dynamic'; frame-src ${https}` })).problems, []);
  const none = await check(page(line), { 'content-security-policy': "default-src 'self'" });
  assert.equal(none.code, 3);
  assert.deepEqual(none.problems.map((text) => text.replace(https, 'US')), [
    "Content-Security-Policy: add US to script-src (its default-src allows: 'self').",
    "Content-Security-Policy: add US to frame-src (its default-src allows: 'self')."]);
  const two = await check(page(line), { 'content-security-policy': [good, `${good}, frame-src 'none'`] });
  assert.match(two.problems.join(), /^Content-Security-Policy: add \S+ to frame-src \(its frame-src allows: 'none'\)\.$/);
  const meta = await check(page(`<meta http-equiv="Content-Security-Policy" content="script-src 'self'">${line}`));
  assert.match(meta.problems.join(), /script-src/);
  assert.deepEqual((await check(page(line), { 'content-security-policy-report-only': "default-src 'none'" })).problems, []);
  assert.match((await check(page(line), { 'cross-origin-embedder-policy': 'require-corp' })).problems.join(), /Embedder/);
});

test('a page of another origin is told apart from one of the tenant’s', async () => {
  const { port } = site;
  site.answer = () => ({ status: 200, headers: { 'content-type': 'text/html' }, text: page(line) });
  const { code, json } = await instance.ctl('check', 'widget', `https://127.0.0.1:${port}/`);
  assert.equal(code, 3);
  assert.ok(json.findings.some(({ verdict, text }) => verdict === 'problem' && text.includes(`https://127.0.0.1:${port} is no origin`)));
});

test('what is no page, or not to be had, is told', async () => {
  assert.match((await check('{}', { 'content-type': 'application/json' })).problems.join(), /no page: it answered 200, of the type application\/json/);
  assert.match((await check('gone', {}, { status: 404 })).problems.join(), /answered 404/);
  assert.match((await check('', { location: 'https://www.acme.example/' }, { status: 301 })).problems.join(), /moved to https:\/\/www\.acme\.example\//);
  const long = await check(page(line + '<p>'.padEnd(400000, 'x')));
  assert.deepEqual([long.code, long.warnings.length], [0, 1]);
  for (const [url, words] of [['https://10.0.0.1/', /no public one/], ['https://nowhere.invalid/', /leads nowhere/], [`https://localhost:1/`, /takes no connections/]]) {
    const { code, json } = await instance.ctl('check', 'widget', url);
    assert.equal(code, 3);
    assert.match(json.findings[0].text, words);
  }
});

test('what is no address at all is refused, and what stands in a page steers nobody’s terminal', async () => {
  for (const args of [['widget'], ['widget', 'http://acme.example/'], ['widget', 'acme.example'], ['widget', 'https://u@acme.example/'], ['wigdet']])
    assert.equal((await instance.ctl('check', ...args)).code, 1, `${args}`);
  const { problems } = await check(page(`<script async src="${https}/w/\u001b[2Jx.js"></script>`));
  assert.ok(problems.length > 0 && !/[\u0000-\u001f]/.test(problems.join('')));
  assert.deepEqual((await check(page('<script '.repeat(20000)))).code, 3);
});
