// SPDX-License-Identifier: Apache-2.0
// The websites of two client companies, each with the one snippet of its tenant on it. They
// stand on ports of their own, as another company's site would, behind a strict policy.
//
//     node tools/demo/shop.mjs HOME/instance.json PORT-BASE     (runs until it is stopped)
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

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
button{font:inherit;border:0;background:none;padding:0;color:#0b57d0;cursor:pointer;text-align:start}li{background:#fff;border-radius:12px;padding:20px;border:1px solid #d8dee4}h2{margin:0}strong{font-size:22px}`;

const html = (shop, service) => `<!doctype html>
<html lang="${shop.lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${shop.name}</title><link rel="stylesheet" href="/style.css">
<header>${shop.name}</header>
<main><h1>${shop.title}</h1><p>${shop.lead}</p>
<ul>${shop.items.map(([name, price, text]) => `<li><h2>${name}</h2><strong>${price}</strong><p>${text}</p></li>`).join('')}</ul></main>
<script async src="${service}/w/${shop.tenant}.js"></script>
</html>`;

/** A page to try the widget's calls and settings live. */
const tryIt = (shop, service) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Try the chat · ${shop.name}</title><link rel="stylesheet" href="/style.css">
<header>${shop.name} · try the chat</header>
<main><h1>Try the chat</h1>
<p>Every call a page can make. What it hears stands below. Settings are the tenant's:
<code>lasnactl tenant set ${shop.tenant} widget.color=#0b6e4f widget.side=left</code>, then load this page again.</p>
<ul>${[["open"], ["close"], ["hide"], ["show"], ["locale", "en"], ["locale", "fi"], ["locale", "sv"], ["locale", "ar"],
      ["identify", { name: "Maria" }], ["identify", null], ["event", "purchase", { value: 129.9, currency: "EUR", id: "order-17" }],
      ["page"], ["shutdown"]].map((call) => `<li><button data-call='${JSON.stringify(call)}'>lasna(${call.map((one) =>
        JSON.stringify(one)).join(', ')})</button></li>`).join('')}</ul>
<pre id="heard"></pre></main>
<script src="/try.js"></script><script async src="${service}/w/${shop.tenant}.js"></script>
</html>`;

const TRY = `window.lasna = window.lasna || function () { (lasna.q = lasna.q || []).push(arguments); };
for (const button of document.querySelectorAll('[data-call]'))
  button.addEventListener('click', () => lasna(...JSON.parse(button.dataset.call)));
for (const name of ['ready', 'open', 'close', 'availability', 'conversation-started', 'conversation-ended', 'message', 'unread', 'error'])
  document.addEventListener('lasna:' + name, ({ detail }) => document.getElementById('heard').prepend('lasna:' + name + ' ' + JSON.stringify(detail) + '\\n'));`;

/** The same shop may speak another language under a path of its own. */
const pageOf = (shop, path) => shops.find((one) => one.tenant === shop.tenant && one.path && path.startsWith(one.path)) ?? shop;

/** Serves the shops; resolves with their servers once all listen. `pages`: more of them, path →
 *  { policy, body }, on every shop. */
export function serveShops(service, base, pages = {}) {
  return Promise.all(shops.filter(({ port }) => port).map((shop) => new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const path = new URL(request.url, 'http://shop.localhost').pathname;
      const [type, body] = path === '/style.css' ? ['text/css', STYLE]
        : path === '/try.js' ? ['text/javascript', TRY]
        : path === '/try' ? ['text/html; charset=utf-8', tryIt(shop, service)]
        : path === '/favicon.ico' ? [null, ''] : ['text/html; charset=utf-8', html(pageOf(shop, path), service)];
      if (Object.hasOwn(pages, path)) {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': pages[path].policy });
        response.end(pages[path].body);
        return;
      }
      response.writeHead(type ? 200 : 404, {
        ...(type && { 'Content-Type': type }),
        'Content-Security-Policy': `default-src 'none'; style-src 'self'; script-src 'self' ${service}; frame-src ${service}; ` +
          `require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'`,
      });
      response.end(body);
    });
    server.on('error', reject);
    server.listen(base + shop.port, '127.0.0.1', () => resolve(server));
  })));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { http } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  await serveShops(http, Number(process.argv[3]));
  console.log('ready');
}
