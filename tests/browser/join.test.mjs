// SPDX-License-Identifier: Apache-2.0
// How somebody is let in: quickstart's link for the first admin, the page behind it in three languages,
// a password, an authenticator app; and what a link that opens nothing says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { axeFinds, launch } from '../support/browser.mjs';
import { Instance } from '../support/instance.mjs';

const PASSWORD = 'correct horse battery';
const keep = process.env.LASNA_KEEP_LOOKS; // a folder for what was looked at
let instance, browser, first;

before(async () => {
  instance = await Instance.start({ empty: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await instance?.stop();
});

const quickstart = async (...words) => (await instance.ctl('quickstart', 'chat.acme.example', '--root', join(instance.home, 'machine'), ...words)).json;
const ofAdmin = ({ checks }) => checks.find(({ name }) => name === 'admin').text;
const linkOf = async (name, ...rights) => (await instance.control('user', 'add', name, ...rights)).invitation.url;

async function open(url, { locale = 'en', width = 1280, colorScheme = 'light' } = {}) {
  const page = await (await browser.newContext({ locale, colorScheme, viewport: { width, height: 800 } })).newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('console', (line) => { if (/Content Security Policy|Trusted/.test(line.text())) page.problems.push(line.text()); });
  await page.goto(url);
  return page;
}

async function looksFine(page, name) {
  if (keep) await mkdir(keep, { recursive: true }).then(() => page.screenshot({ path: join(keep, `${name}.png`), fullPage: true }));
  assert.deepEqual(await axeFinds(page.mainFrame()), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: sideways scrolling`);
  const low = await page.evaluate(() => [...document.querySelectorAll('button, input:not([type=checkbox]), label.check')]
    .filter((one) => one.offsetHeight < 44).map((one) => one.outerHTML));
  assert.deepEqual(low, [], `${name}: too small to hit`);
  assert.deepEqual(page.problems, [], name);
}

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

/** What an authenticator app shows (RFC 6238) in the half minute of now, or `later` ones. */
function codeOf(secret, later = 0) {
  const bits = [...secret.replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
  const mac = createHmac('sha1', key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

const logIn = async (more) => (await fetch(`${instance.http}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ password: PASSWORD, bearer: true, ...more }) })).status;

test('quickstart shows the first admin’s link once, and none on a dry run', async () => {
  const dry = await quickstart('--dry-run');
  assert.match(ofAdmin(dry), /^admin would be invited/);
  assert.equal(dry.admin, null);
  first = (await quickstart()).admin.url;
  assert.match(first, /^http:\/\/127\.0\.0\.1:\d+\/console\/join#[\w-]{43}$/);
  const again = await quickstart();
  assert.match(ofAdmin(again), /^admin is invited until 20.* user reset admin makes another$/);
  assert.equal(again.admin, null);
});

test('a first link whose time is over is made anew, and opens nothing any more', async () => {
  const before = first;
  execFileSync('sqlite3', ['-cmd', '.timeout 10000', join(instance.home, 'data/lasna.db'), 'UPDATE user_invitations SET expires_ms = 1']);
  assert.match(ofAdmin(await quickstart('--dry-run')), /^admin would be invited/);
  first = (await quickstart()).admin.url;
  const whose = async (url) => (await fetch(`${instance.http}/api/v1/session/invitation/show`, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ invitation: new URL(url).hash.slice(1) }) })).json();
  assert.equal((await whose(before)).code, 'bad_invitation');
  assert.equal((await whose(first)).user, 'admin');
});

test('the first admin chooses a password, adds an app, and is in', async () => {
  const page = await open(first, { width: 320, colorScheme: 'dark' });
  await heading(page, 'Welcome, admin');
  assert.equal(new URL(page.url()).hash, '', 'the token leaves the address bar');
  await looksFine(page, 'join-en-password');
  const password = page.getByLabel('New password');
  const alert = page.getByRole('alert');
  await password.fill('short');
  await password.press('Enter');
  await alert.getByText('fewer than 12').waitFor();
  await password.fill('password1234');
  await password.press('Enter');
  await alert.getByText('guessed too easily').waitFor();
  await looksFine(page, 'join-en-wrong');
  await page.getByLabel('Show the password').check();
  assert.equal(await password.getAttribute('type'), 'text');
  await password.fill(PASSWORD);
  await page.getByRole('button', { name: 'Save the password' }).click();

  await heading(page, 'A second step');
  const secret = await page.locator('span.secret').textContent();
  assert.equal(await page.getByRole('link', { name: 'Open it in an app' }).getAttribute('href'),
    `otpauth://totp/L%C3%A4sn%C3%A4:admin?secret=${secret.replace(/\s/g, '')}&issuer=L%C3%A4sn%C3%A4&algorithm=SHA1&digits=6&period=30`);
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  await looksFine(page, 'join-en-factor');
  const code = page.getByLabel('Six digits');
  await code.fill(codeOf(secret, 100));
  await code.press('Enter');
  await alert.getByText('not the code of now').waitFor();
  await code.fill(codeOf(secret));
  await code.press('Enter');

  await heading(page, 'Keep these codes');
  const codes = await page.locator('.codes li').allTextContents();
  assert.equal(codes.length, 10);
  await looksFine(page, 'join-en-codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await heading(page, 'You can log in now, admin');
  await looksFine(page, 'join-en-done');
  assert.equal(await logIn({ user: 'admin' }), 403, 'a code is asked for');
  assert.equal(await logIn({ user: 'admin', code: codes[0] }), 200);
  assert.equal((await instance.control('user', 'sessions', 'admin')).length, 1, 'the page has ended its own');
  assert.match(ofAdmin(await quickstart()), /^admin can log in$/);
  const token = new URL(first).hash.slice(1);
  const log = await readFile(join(instance.home, 'log/lasnad.log'), 'utf8');
  for (const one of [token, PASSWORD, secret.replace(/\s/g, '')]) assert.ok(!log.includes(one), 'a secret in the log');
  assert.deepEqual(await page.context().cookies(), []);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);

  await page.goto(first);
  await heading(page, 'This invitation is over');
  await looksFine(page, 'join-en-over');
  await page.goto(first.slice(0, -3));
  await heading(page, 'This link is not whole');
  await page.context().close();
});

for (const [locale, width, welcome, later, in_] of [['fi-FI', 320, 'Tervetuloa, ', 'Ei nyt', 'Voit nyt kirjautua'], ['sv', 768, 'Välkommen, ', 'Inte nu', 'Du kan logga in nu']])
  test(`in ${locale}, ${width} px, by keyboard, without an app`, async () => {
    const name = `vera.${locale.slice(0, 2)}@acme.example`;
    const page = await open(await linkOf(name, '--role', 'admin'), { locale, width });
    await heading(page, welcome + name);
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
    await looksFine(page, `join-${locale}-password`);
    for (let i = 0; i < 2; i++) await page.keyboard.press('Tab'); // from the heading over the name
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: later }).waitFor();
    await looksFine(page, `join-${locale}-factor`);
    await page.getByRole('button', { name: later }).press('Enter');
    await heading(page, in_);
    await looksFine(page, `join-${locale}-done`);
    assert.equal(await logIn({ user: name }), 200);
    await page.context().close();
  });

test('who must have a second step cannot put it off', async () => {
  await instance.control('settings', 'set', 'users.second_factor=admins');
  const page = await open(await linkOf('liv', '--role', 'admin'), { locale: 'sv-SE', width: 320, colorScheme: 'dark' });
  await page.locator('#password').fill(PASSWORD);
  await page.locator('#password').press('Enter');
  await page.getByText('kräver det av alla med din roll').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Inte nu' }).count(), 0);
  await looksFine(page, 'join-sv-must');
  await page.context().close();
  await instance.control('settings', 'set', 'users.second_factor=');
});

test('no page of anybody’s may frame it, and a service that is away is told so', async () => {
  const url = await linkOf('erik', '--role', 'admin');
  const answer = await fetch(url);
  assert.match(answer.headers.get('content-security-policy'), /default-src 'none';.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
  assert.deepEqual([answer.headers.get('referrer-policy'), answer.headers.get('x-robots-tag')], ['no-referrer', 'noindex']);
  const page = await open(url);
  await heading(page, 'Welcome, erik');
  await page.context().setOffline(true);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save the password' }).click();
  await page.getByRole('alert').getByText('does not answer').waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Save the password' }).click();
  await heading(page, 'A second step');
  await page.context().close();
});
