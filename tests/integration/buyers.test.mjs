// SPDX-License-Identifier: Apache-2.0
// Buyers are asked by a link to their order: on a page without script, in their language, once; what
// they answer is figured, shown, forgotten with the visitor or by the order, and in time.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Instance, until } from '../support/instance.mjs';
import { Visitor } from '../support/visitor.mjs';

let instance;

before(async () => {
  instance = await Instance.start({ empty: true });
  await instance.control('tenant', 'add', 'acme', '--name', 'Acme & Sons', '--origin', 'https://acme.example', '--lang', 'fi,en');
  await instance.control('tenant', 'add', 'borealis', '--origin', 'https://borealis.example');
});
after(() => instance?.stop());

/** The link's path here: the service may be reached by another name than the one it tells. */
async function link(order, ...options) {
  const { links: [{ url }] } = await instance.control('presence', 'survey-link', 'acme', order, ...options);
  return `${instance.http}${new URL(url).pathname}`;
}
const get = (url, headers = {}) => fetch(url, { headers });
const post = (url, form) => fetch(url, { method: 'POST', body: new URLSearchParams(form) });
const effect = async () => (await instance.control('presence', 'report', 'acme')).effect;
const share = (document, id) => document.questions.find(({ question }) => question === id);

test('the page is of the reader\'s language, holds no script and lets nothing else in', async () => {
  const url = await link('order 1');
  const english = await get(url, { 'Accept-Language': 'de-DE, en-GB;q=0.8' });
  assert.equal(english.status, 200);
  assert.equal(english.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(english.headers.get('content-security-policy'), /default-src 'none'; style-src 'nonce-[\w-]{43}'; form-action 'self'; .*frame-ancestors 'none'/);
  assert.equal(english.headers.get('cache-control'), 'no-store');
  assert.equal(english.headers.get('referrer-policy'), 'no-referrer');
  const text = await english.text();
  assert.match(text, /<html lang="en">/);
  assert.match(text, /How was it to buy from us\?.*Acme &amp; Sons/s);
  assert.doesNotMatch(text, /<script|order 1/);
  assert.match(await (await get(url)).text(), /<html lang="fi">/, 'the tenant\'s first');
  assert.match(await (await get(`${url}?lang=sv`, { 'Accept-Language': 'en' })).text(), /Skicka svaren/);
  assert.equal(await effect(), undefined, 'looking tells nothing');
});

test('a link of another tenant, a changed one and none at all lead nowhere', async () => {
  const url = await link('order 1');
  const changed = url.replace(/-lu-/, '-ly-');
  assert.notEqual(changed, url);
  for (const wrong of [changed, url.replace('/s/acme/', '/s/borealis/'), url.replace('/s/acme/', '/s/nobody/'), url.slice(0, -1), `${instance.http}/s/acme/x`]) {
    for (const answer of [await get(wrong), await post(wrong, { chatted: 1 })]) {
      assert.equal(answer.status, 404, wrong);
      assert.match(await answer.text(), /<h1>/);
    }
  }
  assert.equal((await fetch(url, { method: 'DELETE' })).status, 405);
  assert.equal((await fetch(url, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } })).status, 415);
  assert.equal((await post(url, { recommend: '9'.repeat(5000) })).status, 413);
  assert.equal((await get(`${instance.http}/s/acme`)).status, 404);
});

test('an order is answered for once, whoever is quicker', async () => {
  const url = await link('order 2', '--value', '129.9', '--currency', 'EUR');
  const form = { chatted: 0, recommend: 9, trust: 5, again: 4, satisfied: 5, effort: 6, source: 'friend', solved: 1 };
  for (const bad of [{}, { ...form, chatted: 2 }, { ...form, recommend: 11 }, { ...form, trust: 0 }, { ...form, source: 'x' }, { ...form, more: 1 }]) {
    const answer = await post(url, bad);
    assert.equal(answer.status, 400, JSON.stringify(bad));
    assert.match(await answer.text(), /role="alert"/);
  }
  const answers = await Promise.all([1, 2, 3].map(() => post(`${url}?lang=en`, form).then((answer) => answer.text())));
  assert.equal(answers.filter((text) => /have arrived/.test(text)).length, 1);
  assert.equal(answers.filter((text) => /answered for already/.test(text)).length, 2);
  assert.match(await (await get(`${url}?lang=en`)).text(), /answered for already/);
  const found = await effect();
  assert.deepEqual([found.chatted, found.not, found.told.link], [0, 1, 1]);
  for (const id of ['recommend', 'trust', 'again', 'satisfied', 'effort', 'friend', 'bought']) assert.equal(share(found, id).not.count, 1, id);
  assert.equal(found.solved.n, 0, 'nobody chatted who could say');
  assert.deepEqual(found.orders.map(({ currency, not }) => [currency, not.n]), [['EUR', 1]]);
});

test('whoever chatted is known by the order the widget told of, and gets all of it in the copy', async () => {
  const visitor = new Visitor(instance, { tenant: 'acme', origin: 'https://acme.example' });
  await visitor.connect();
  await visitor.say('Is it in stock?');
  visitor.send({ type: 'event', name: 'purchase', value: 50, currency: 'EUR', id: 'order 3' });
  await visitor.say('Thank you, ordered.');
  const url = await link('order 3');
  const page = await until(async () => {
    const text = await (await get(`${url}?lang=en`)).text();
    return !text.includes('name="chatted"') && text;
  }, { what: 'the order to be known' });
  assert.match(page, /name="solved".*name="anyway"/s);
  assert.match(await (await post(`${url}?lang=en`, { recommend: 10, solved: 1, anyway: 0 })).text(), /have arrived/);
  const found = await effect();
  assert.deepEqual([found.chatted, found.not, found.solved.count, found.anyway.count, found.anyway.n], [1, 1, 1, 0, 1]);
  const { visitor: id } = visitor.frames.find(({ type }) => type === 'welcome');
  const file = join(instance.home, 'copy.jsonl');
  await instance.control('visitor', 'export', 'acme', id, '-o', file);
  const lines = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.buyer?.recommend), [undefined, undefined, 10]);
  assert.doesNotMatch(JSON.stringify(lines[2]), /order 3/);
  await instance.control('visitor', 'erase', 'acme', id, '--yes');
  assert.equal((await effect()).chatted, 0);
  await visitor.close();
});

test('a buyer who never was a visitor is forgotten by the order, and stays so', async () => {
  assert.equal((await instance.ctl('presence', 'forget-buyer', 'acme', 'order 2')).code, 2, '--yes');
  assert.match((await instance.ctl('presence', 'forget-buyer', 'borealis', 'order 2', '--yes')).stderr, /no such answer/i);
  await instance.control('tenant', 'set', 'acme', 'retention.hold=yes');
  assert.match((await instance.ctl('presence', 'forget-buyer', 'acme', 'order 2', '--yes')).stderr, /legal_hold/);
  await instance.control('tenant', 'set', 'acme', 'retention.hold=no');
  const { id } = await instance.control('presence', 'forget-buyer', 'acme', 'order 2', '--yes');
  assert.equal(await effect(), undefined);
  assert.match(await readFile(join(instance.home, 'data', 'erasures'), 'utf8'), new RegExp(`^acme ${id} `, 'm'));
  assert.equal((await instance.ctl('presence', 'forget-buyer', 'acme', 'order 2', '--yes')).code, 1);
  assert.equal((await instance.ctl('verify')).code, 0);
});

test('in time nobody is known any more, nor asked', async () => {
  const url = await link('order 4', '--at', '2020-03-02T09:14:05Z', '--chatted', 'yes');
  assert.match(await (await post(`${url}?lang=en`, { recommend: 3 })).text(), /have arrived/);
  const other = await link('order 5', '--at', '2020-03-02T09:14:05Z');
  await instance.control('tenant', 'set', 'acme', 'retention.days=365');
  await until(async () => (await instance.ctl('presence', 'forget-buyer', 'acme', 'order 4', '--yes')).code === 1, { what: 'whose it was to go' });
  assert.equal((await effect()).chatted, 1, 'what was answered stays');
  for (const gone of [url, other]) assert.equal((await get(gone)).status, 410);
});

test('what cannot be asked about is refused with its reason', async () => {
  for (const [options, why] of [[['--value', '3'], /currency/], [['--at', 'yesterday'], /a time/], [['--chatted', 'perhaps'], /yes or no/], [['--value', 'x'], /a number/]]) {
    const { code, stderr } = await instance.ctl('presence', 'survey-link', 'acme', 'order 6', ...options);
    assert.equal(code, 1);
    assert.match(stderr, why);
  }
  assert.equal((await instance.ctl('presence', 'survey-link', 'nobody', 'order 6')).code, 1);
});
