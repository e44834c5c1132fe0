// SPDX-License-Identifier: Apache-2.0
// The manual as web pages, for ./dev docs: every document of the source, the man pages, and
// whatever they link to. A link between them that leads nowhere is an error.
//
//     node tools/docs/docs.mjs SOURCE OUT
//
// cmark-gfm makes HTML of Markdown and mandoc of man pages; here the pages get their frame,
// headings their names, as on GitHub, and links their targets. Nothing is written unless every
// link holds.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [source, out] = process.argv.slice(2).map((path) => resolve(path));
if (!out) {
  console.error('usage: docs.mjs SOURCE OUT');
  process.exit(2);
}
/** Where documents stand, and what the navigation calls them. */
const SHELVES = [
  ['', 'Läsnä', /\.md$/],
  ['docs', 'Manual', /\.md$/],
  ['docs/man', 'Man pages', /\.[1-8]$/],
  ['docs/examples', 'Examples', /\.md$/],
  ['bench', 'Measurements', /\.md$/],
  ['docs/adr', 'Decisions', /\.md$/],
];
const DEEP = ['docs/examples', 'bench']; // their folders belong to the same shelf
const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const unescape = (text) => text.replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name]);
const textOf = (html) => unescape(html.replace(/<[^>]*>/g, '')).replace(/\s+/g, ' ').trim();

const problems = [];
const files = new Set(); // what else is linked to, and comes along as it is
let linkCount = 0;

// --- finding them ---

function list(folder, fits, deep) {
  const path = join(source, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const name = posix.join(folder, entry.name);
    if (entry.isDirectory()) return deep ? list(name, fits, deep) : [];
    return fits.test(entry.name) ? [name] : [];
  });
}

const readmeFirst = (a, b) => basename(b).startsWith('README') - basename(a).startsWith('README') || (a < b ? -1 : 1);

/** docs/api.md → docs/api.html; the README is where one comes in. */
function placeOf(name) {
  if (name === 'README.md') return 'index.html';
  return name.endsWith('.md') ? name.replace(/md$/, 'html') : `${name}.html`;
}

// --- one document ---

/** As GitHub names headings, so that links hold on both. */
function slug(text, taken) {
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replace(/ /g, '-');
  let id = plain;
  for (let i = 1; taken.has(id); i++) id = `${plain}-${i}`;
  taken.add(id);
  return id;
}

function fromMarkdown(page) {
  const html = execFileSync('cmark-gfm', ['-e', 'table', '-e', 'strikethrough', '-e', 'autolink', '-e', 'tasklist',
    '--sourcepos', '-t', 'html', join(source, page.name)], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return html.replace(/<(h[1-6])([^>]*)>([^]*?)<\/\1>/g, (_, tag, rest, inside) =>
    `<${tag} id="${escape(slug(textOf(inside), page.ids))}"${rest}>${inside}</${tag}>`);
}

function fromMan(page) {
  const html = execFileSync('mandoc', ['-T', 'html', '-O', 'fragment', join(source, page.name)],
    { encoding: 'utf8', maxBuffer: 1 << 26 });
  for (const [, id] of html.matchAll(/ id="([^"]*)"/g)) page.ids.add(unescape(id));
  return `<h1>${page.title}</h1>\n${html.replace(/<(\/?)h([1-5])\b/g, (_, slash, level) => `<${slash}h${Number(level) + 1}`)}`;
}

function read(name, shelf) {
  const page = { name, shelf, place: placeOf(name), ids: new Set(), links: [] };
  const language = /\.([a-z]{2})\.md$/.exec(name)?.[1];
  page.lang = language ?? 'en';
  page.title = basename(name).replace(/\.(\d)$/, '($1)');
  if (name.endsWith('.md')) {
    page.html = fromMarkdown(page);
    page.title = textOf(/<h1[^>]*>([^]*?)<\/h1>/.exec(page.html)?.[1] ?? name);
  } else {
    page.html = fromMan(page);
  }
  return page;
}

// --- links ---

/** A % that is none is left for the look-up to miss. */
function decode(link) {
  try {
    return decodeURIComponent(link);
  } catch {
    return link;
  }
}

/** The page or file that a link means; undefined, and told, when there is none. */
function target(page, line, link) {
  const [path, fragment] = decode(link).split('#');
  const name = path === '' ? page.name : posix.normalize(posix.join(posix.dirname(page.name), path)).replace(/\/$/, '');
  const wrong = (what) => void problems.push(`${page.name}:${line}: ${link}: ${what}`);
  if (name.startsWith('..') || !existsSync(join(source, name))) return wrong('there is no such file');
  const named = pages.get(name) ?? pages.get(posix.join(name, 'README.md'));
  if (named) {
    if (fragment !== undefined && !named.ids.has(fragment)) return wrong('that document has no such heading');
    return named.place + (fragment === undefined ? '' : `#${encodeURIComponent(fragment)}`);
  }
  if (statSync(join(source, name)).isDirectory()) {
    const first = [...pages.values()].find((other) => other.name.startsWith(`${name}/`));
    return first ? first.place : wrong('no document stands in that folder');
  }
  files.add(name);
  return name;
}

/** Points every link at its page, and takes out what only told the lines. */
function link(page) {
  let line = 1;
  page.html = page.html.replace(/<(\w+)([^>]*)>/g, (_, tag, attributes) => {
    line = Number(/data-sourcepos="(\d+):/.exec(attributes)?.[1] ?? line);
    const rest = attributes.replace(/ data-sourcepos="[^"]*"/, '').replace(/ (href|src)="([^"]*)"/, (whole, attribute, value) => {
      const wanted = unescape(value);
      if (/^[a-z][a-z0-9+.-]*:/i.test(wanted)) return whole;
      linkCount++;
      const found = target(page, line, wanted);
      return found === undefined ? '' : ` ${attribute}="${escape(posix.relative(posix.dirname(page.place), found) || basename(found))}"`;
    });
    return `<${tag}${rest}>`;
  });
}

// --- the frame ---

function entry(page, other) {
  const href = posix.relative(posix.dirname(page.place), other.place);
  const lang = other.lang === page.lang ? '' : ` lang="${other.lang}" hreflang="${other.lang}"`;
  return `<li><a href="${escape(href)}"${lang}${other === page ? ' aria-current="page"' : ''}>${escape(other.title)}</a></li>`;
}

function frame(page) {
  const shelves = SHELVES.map(([folder, title]) => {
    const entries = [...pages.values()].filter(({ shelf }) => shelf === folder).map((other) => entry(page, other));
    const open = folder === '' || folder === 'docs' || folder === page.shelf ? ' open' : '';
    return entries.length === 0 ? '' : `<details${open}><summary>${title}</summary><ul>\n${entries.join('\n')}\n</ul></details>\n`;
  }).join('');
  const root = posix.relative(posix.dirname(page.place), '.') || '.';
  return `<!doctype html>
<html lang="${page.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)}${page.title === 'Läsnä' ? '' : ' · Läsnä'}</title>
<link rel="stylesheet" href="${root}/docs.css">
</head>
<body>
<a class="skip" href="#content">To the text</a>
<nav aria-label="Documents" lang="en">
${shelves}</nav>
<main id="content">
${page.html}</main>
</body>
</html>
`;
}

// --- all of them ---

const pages = new Map();
for (const [folder, , fits] of SHELVES) {
  for (const name of list(folder, fits, DEEP.includes(folder)).sort(readmeFirst)) pages.set(name, read(name, folder));
}
for (const page of pages.values()) link(page);
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`docs: ${problems.length} broken link${problems.length === 1 ? '' : 's'}; nothing was written`);
  process.exit(1);
}
rmSync(out, { recursive: true, force: true });
for (const place of [...files, ...[...pages.values()].map((page) => page.place)])
  mkdirSync(join(out, dirname(place)), { recursive: true });
for (const page of pages.values()) writeFileSync(join(out, page.place), frame(page));
for (const name of files) copyFileSync(join(source, name), join(out, name));
copyFileSync(join(dirname(fileURLToPath(import.meta.url)), 'docs.css'), join(out, 'docs.css'));
console.log(`docs: ${pages.size} pages, ${linkCount} links between them, ${join(out, 'index.html')}`);
