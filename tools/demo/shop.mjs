// SPDX-License-Identifier: Apache-2.0
// The websites of two client companies, each with the one snippet of its tenant on it. They
// stand on ports of their own, as another company's site would, behind a strict policy.
//
//     node tools/demo/shop.mjs HOME/instance.json PORT-BASE [LASNACTL]     (runs until it is stopped)
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const shops = [
  { tenant: 'acme', port: 500, lang: 'fi', name: 'Acme Oy', color: '#1f6feb', title: 'Laskutus, joka ei vie iltaa',
    lead: 'Acme Pro lähettää laskut, muistuttaa maksajaa ja pitää kirjanpitäjän ajan tasalla.',
    items: [['Start', '9 € / kk', 'Kymmenen laskua kuussa'], ['Pro', '29 € / kk', 'Rajattomasti laskuja, verkkolaskut'],
            ['Yritys', '99 € / kk', 'Rajapinta, oma yhteyshenkilö']] },
  { tenant: 'acme', path: '/en/', lang: 'en', name: 'Acme Oy', color: '#1f6feb', title: 'Invoicing that leaves your evenings alone',
    lead: 'Acme Pro sends the invoices, reminds those who pay late and keeps your accountant up to date.',
    items: [['Start', '€ 9 / month', 'Ten invoices a month'], ['Pro', '€ 29 / month', 'As many as you like, e-invoices'],
            ['Business', '€ 99 / month', 'An API, and a person to call']] },
  { tenant: 'borealis', port: 501, lang: 'en', name: 'Borealis AB', color: '#0b6e4f', title: 'Boots for every kind of dark',
    lead: 'Warm, dry, and made to be repaired. Free returns for 60 days.',
    items: [['Polar Night', '€ 189', 'Down to −35 °C'], ['Kaamos', '€ 149', 'For wet city streets'],
            ['Ruska', '€ 129', 'The light one, for autumn']] },
];

const STYLE = `body{margin:0;font:17px/1.6 system-ui,sans-serif;color:#1c2128;background:#f6f7f9}
header{padding:20px max(24px,calc(50vw - 480px));background:#fff;font-weight:700;border-bottom:1px solid #d8dee4}
main{max-width:960px;margin:0 auto;padding:48px 24px}h1{font-size:44px;line-height:1.15;margin:0 0 12px}
ul{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));padding:0;margin:40px 0;list-style:none}
button{font:inherit;border:0;background:none;padding:0;color:#0b57d0;cursor:pointer;text-align:start}form{margin:12px 0;display:flex;gap:12px;align-items:end}
label{flex:1;display:grid;gap:2px}label input,label select,textarea{font:inherit;padding:6px 10px}small{color:#57606a}
.set{padding:7px 16px;border:1px solid}li{background:#fff;border-radius:12px;padding:20px;border:1px solid #d8dee4}h2{margin:0}strong{font-size:22px}`;

const html = (shop, service) => `<!doctype html>
<html lang="${shop.lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${shop.name}</title><link rel="stylesheet" href="/style.css">
<header>${shop.name}</header>
<main><h1>${shop.title}</h1><p>${shop.lead}</p>
<ul>${shop.items.map(([name, price, text]) => `<li><h2>${name}</h2><strong>${price}</strong><p>${text}</p></li>`).join('')}</ul></main>
<script async src="${service}/w/${shop.tenant}.js"></script>
</html>`;

const escaped = (text) => String(text).replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

/** One setting of the widget, to be changed on the spot. */
const input = ({ type, range, value }) => type === 'choice' || type === 'flag'
  ? `<select name="value">${(type === 'flag' ? ['yes', 'no'] : range.split(/, | or /)).map((word) =>
      `<option${word === value ? ' selected' : ''}>${word}</option>`).join('')}</select>`
  : type === 'rules' || type === 'texts' ? `<textarea name="value" rows="3">${escaped(value)}</textarea>`
  : `<input name="value" type="${type === 'color' ? 'color' : 'text'}" value="${escaped(value)}">`;

const settingsForm = (settings) => settings.map((setting) => `<form method="post" action="/try"><label><code>${setting.key}</code>
<small>${escaped(setting.meaning)}</small><input type="hidden" name="key" value="${setting.key}">${input(setting)}</label>
<button class="set">Set</button></form>`).join('');

/** A page to try the widget's calls and settings live; `settings`: as the tenant has them now. Its
 *  loader is a new one each time: a browser may keep one for five minutes. */
const tryIt = (shop, service, settings) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Try the chat · ${shop.name}</title><link rel="stylesheet" href="/style.css">
<header>${shop.name} · try the chat</header>
<main><h1>Try the chat</h1>
<p>Every call a page can make. What it hears stands below, and the tenant's settings:
<code>lasnactl tenant set ${shop.tenant} widget.color=#0b6e4f widget.side=left</code> does the same.</p>
<ul>${[["open"], ["close"], ["hide"], ["show"], ["locale", "en"], ["locale", "fi"], ["locale", "sv"], ["locale", "ar"],
      ["identify", { name: "Maria" }], ["identify", null], ["event", "cart", { value: 120 }], ["event", "purchase", { value: 129.9, currency: "EUR", id: "order-17" }],
      ["page"], ["shutdown"]].map((call) => `<li><button data-call='${JSON.stringify(call)}'>lasna(${call.map((one) =>
        JSON.stringify(one)).join(', ')})</button></li>`).join('')}</ul>
<pre id="heard"></pre>${settings.length ? `<h2>Settings</h2>${settingsForm(settings)}` : ''}</main>
<script src="/try.js"></script>
<script async src="${service}/w/${shop.tenant}.js?${Date.now()}"></script>
</html>`;

const TRY = `window.lasna = window.lasna || function () { (lasna.q = lasna.q || []).push(arguments); };
for (const button of document.querySelectorAll('[data-call]'))
  button.addEventListener('click', () => lasna(...JSON.parse(button.dataset.call)));
for (const name of ['ready', 'open', 'close', 'availability', 'conversation-started', 'conversation-ended', 'message', 'unread', 'error'])
  document.addEventListener('lasna:' + name, ({ detail }) => document.getElementById('heard').prepend('lasna:' + name + ' ' + JSON.stringify(detail) + '\\n'));`;

/** The same shop may speak another language under a path of its own. */
const pageOf = (shop, path) => shops.find((one) => one.tenant === shop.tenant && one.path && path.startsWith(one.path)) ?? shop;

/** What the form of /try says: { key, value }. */
async function posted(request) {
  let body = '';
  for await (const part of request) if ((body += part).length > 20000) throw new Error('too long');
  const { key = '', value = '' } = Object.fromEntries(new URLSearchParams(body));
  return { key, value: value.replaceAll('\r\n', '\n') };
}

/** /try with its settings: read and changed by lasnactl, for this machine's own browser alone. */
async function serveTry(shop, service, control, request, response, policy) {
  const own = `http://${request.headers.host}`;
  let problem = '';
  if (request.method === 'POST') {
    const { key, value } = await posted(request);
    if (request.headers.origin !== own || !/^widget\.\w+$/.test(key)) return response.writeHead(403).end();
    problem = await control('tenant', 'set', shop.tenant, `${key}=${value}`).then(() => '', (error) => error.stderr ?? error.message);
    if (!problem) return response.writeHead(303, { Location: '/try' }).end();
  }
  const all = await control('tenant', 'settings', shop.tenant);
  const page = problem ? `<!doctype html><title>No</title><p>${escaped(problem)}</p><p><a href="/try">Back</a></p>`
    : tryIt(shop, service, all.filter(({ key }) => key.startsWith('widget.') && !key.includes(':')));
  response.writeHead(problem ? 400 : 200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store',
    'Content-Security-Policy': policy.replace("form-action 'none'", "form-action 'self'") });
  response.end(page);
}

/** Serves the shops; resolves with their servers once all listen. `pages`: more of them, path →
 *  { policy, body }, on every shop. `control`: runs lasnactl, for the page to try settings. */
export function serveShops(service, base, pages = {}, control = null) {
  return Promise.all(shops.filter(({ port }) => port).map((shop) => new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const path = new URL(request.url, 'http://shop.localhost').pathname;
      const [type, body] = path === '/style.css' ? ['text/css', STYLE]
        : path === '/try.js' ? ['text/javascript', TRY]
        : path === '/try' ? ['text/html; charset=utf-8', tryIt(shop, service, [])]
        : path === '/favicon.ico' ? [null, ''] : ['text/html; charset=utf-8', html(pageOf(shop, path), service)];
      if (Object.hasOwn(pages, path)) {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': pages[path].policy });
        response.end(pages[path].body);
        return;
      }
      const policy = `default-src 'none'; style-src 'self'; script-src 'self' ${service}; frame-src ${service}; ` +
        `require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'`;
      if (path === '/try' && control)
        return void serveTry(shop, service, control, request, response, policy).catch((error) => response.writeHead(500).end(String(error)));
      response.writeHead(type ? 200 : 404, { ...(type && { 'Content-Type': type }), 'Content-Security-Policy': policy });
      response.end(body);
    });
    server.on('error', reject);
    server.listen(base + shop.port, '127.0.0.1', () => resolve(server));
  })));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [, , instance, base, lasnactl] = process.argv;
  const { http, home } = JSON.parse(readFileSync(instance, 'utf8'));
  const control = async (...args) => JSON.parse((await promisify(execFile)(lasnactl, ['--home', home, '--no-input', '--json', ...args])).stdout);
  await serveShops(http, Number(base), {}, lasnactl ? control : null);
  console.log('ready');
}
