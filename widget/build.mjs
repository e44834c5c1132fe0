// SPDX-License-Identifier: Apache-2.0
// Builds the widget into OUTDIR: loader.js, frame.html and assets/ with hashed names, each
// with its .gz (zopfli's, 3 % smaller than zlib's best) and .br. Fails when it grows beyond its budget. A language is a file of texts/:
// one more file there is one more language.
//
//     node widget/build.mjs OUTDIR
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LOADER_MAX = 3 * 1024; // gzip; before the chat is opened
const OPEN_MAX = 15 * 1024; // gzip; an opened chat, with the longest of the languages
const ALL_MAX = 18 * 1024; // gzip; with the forms before and after it, too, and their words
const SELDOM_MAX = 2 * 1024; // gzip; each part that few visitors ever fetch, without its words: greetings, the
                             // menu, what stands there while nobody does, files, the detour, the sound
const PLACE = '__LASNA_CONFIG__';
const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, 'src');
const out = process.argv[2];
if (!out) {
  console.error('usage: node widget/build.mjs OUTDIR');
  process.exit(2);
}

// Members that only our own modules know are shortened, in all files alike: never one that stands
// in a frame, in a message between page and frame, in what the device keeps, or that a browser has.
const OURS = new RegExp(`^(${'acts addUnsent again announce answered badToken changed chat detour discard does dropUnsent endsIn fail focusCard \
hasEarlier heard hears keep keepToken kept lastSeq later live looked newId notice oldest paint refresh restore retry revised seen speak texts \
warned'.split(/\s+/).join('|')})$`);
let shortened = {};

async function bundle(name, format, define = {}) {
  const { outputFiles, mangleCache } = await build({
    entryPoints: [join(src, name)], bundle: true, minify: true, write: false, format, define, target: 'es2022',
    external: ['/a/*'], loader: { '.part.css': 'text' }, charset: 'utf8', legalComments: 'none', logLevel: 'warning',
    mangleProps: OURS, mangleCache: shortened,
  });
  shortened = mangleCache;
  return outputFiles[0].contents;
}

let total = 0;

function put(name, bytes, counts = true) {
  const file = join(out, name);
  writeFileSync(file, bytes);
  execFileSync('zopfli', [file]);
  writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  const { size } = statSync(`${file}.gz`);
  if (counts) total += size;
  return size;
}

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

function putHashed(name, ending, bytes, counts) {
  const hashed = `${name}-${hashOf(bytes)}.${ending}`;
  return { path: `/a/${hashed}`, size: put(join('assets', hashed), bytes, counts) };
}

/** What a language says, filled up with English where it says nothing. */
function filledUp(file, texts, english) {
  const unknown = Object.keys(texts).filter((key) => !Object.hasOwn(english, key));
  if (unknown.length > 0) throw new Error(`texts/${file}: the chat never says ${unknown.join(', ')}`);
  return { ...english, ...texts };
}

/** Every language, in files of one name but for how it begins: texts-fi-… is what each chat needs,
 *  forms-fi-…, menu-fi-… and files-fi-… what these say. { fi: { path, texts, forms, menu, files } … } */
function putTexts() {
  const read = (file) => JSON.parse(readFileSync(join(here, 'texts', file), 'utf8'));
  const english = read('en.json');
  const found = {};
  for (const file of readdirSync(join(here, 'texts')).filter((name) => name.endsWith('.json'))) {
    const { forms, menu, files, ...texts } = filledUp(file, read(file), english);
    const parts = { texts, forms: filledUp(file, forms, english.forms), menu: filledUp(file, menu, english.menu),
                    files: filledUp(file, files, english.files) };
    const rest = `${file.slice(0, -5)}-${hashOf(JSON.stringify(parts))}.json`;
    const sizes = Object.entries(parts).map(([part, words]) =>
      [part, put(join('assets', `${part}-${rest}`), Buffer.from(JSON.stringify(words)), false)]);
    found[file.slice(0, -5)] = { path: `/a/texts-${rest}`, ...Object.fromEntries(sizes) };
  }
  return found;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'assets'), { recursive: true });
const rules = putHashed('rules', 'js', await bundle('rules.ts', 'esm'), false);
const loader = await bundle('loader.ts', 'iife', { __LASNA_RULES__: JSON.stringify(rules.path) });
if (Buffer.from(loader).toString().split(PLACE).length !== 2)
  throw new Error(`loader.js must name ${PLACE} exactly once`);
// Served with a site's configuration in it, and zipped then: by zlib.
writeFileSync(join(out, 'loader.js'), loader);
const loaderSize = gzipSync(loader, { level: 9 }).length;
total += loaderSize;
const texts = putTexts();
const more = putHashed('more', 'js', await bundle('more.ts', 'esm'), false);
const away = putHashed('away', 'js', await bundle('away.ts', 'esm'), false);
const sound = putHashed('sound', 'js', await bundle('sound.ts', 'esm'), false);
const poll = putHashed('poll', 'js', await bundle('poll.ts', 'esm'), false);
const files = putHashed('files', 'js', await bundle('files.ts', 'esm'), false);
const forms = putHashed('forms', 'js', await bundle('forms.ts', 'esm'), false);
const places = JSON.stringify(Object.fromEntries(Object.entries(texts).map(([language, { path }]) => [language, path])));
const js = putHashed('frame', 'js', await bundle('main.ts', 'esm', {
  __LASNA_TEXTS__: places, __LASNA_FORMS__: JSON.stringify(forms.path), __LASNA_POLL__: JSON.stringify(poll.path),
  __LASNA_MORE__: JSON.stringify(more.path), __LASNA_AWAY__: JSON.stringify(away.path),
  __LASNA_SOUND__: JSON.stringify(sound.path), __LASNA_FILES__: JSON.stringify(files.path),
})).path;
const css = putHashed('frame', 'css', await bundle('frame.css')).path;
const html = readFileSync(join(src, 'frame.html'), 'utf8').replace('__CSS__', css).replace('__JS__', js);
put('frame.html', Buffer.from(html));

const longest = (part) => Math.max(...Object.values(texts).map((language) => language[part]));
total += longest('texts');
if (loaderSize > LOADER_MAX) throw new Error(`loader.js is ${loaderSize} bytes of gzip; at most ${LOADER_MAX}`);
if (total > OPEN_MAX) throw new Error(`an opened chat is ${total} bytes of gzip; at most ${OPEN_MAX}`);
const all = total + longest('forms') + forms.size;
for (const { path, size } of [rules, more, away, sound, poll, files])
  if (size > SELDOM_MAX) throw new Error(`${path} is ${size} bytes of gzip; at most ${SELDOM_MAX}`);
if (all > ALL_MAX) throw new Error(`the widget is ${all} bytes of gzip; at most ${ALL_MAX}`);
writeFileSync(join(out, 'sizes.json'), `${JSON.stringify({ loader: loaderSize, open: total, all, rules: rules.size, menu: more.size + longest('menu'), away: away.size, sound: sound.size, poll: poll.size, files: files.size + longest('files') })}\n`);
