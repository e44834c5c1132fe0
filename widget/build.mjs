// SPDX-License-Identifier: Apache-2.0
// Builds the widget into OUTDIR: loader.js, frame.html and assets/ with hashed names, each
// with its .gz (zopfli's, 3 % smaller than zlib's best) and .br. Fails when it grows beyond its budget. A language is a file of texts/:
// one more file there is one more language.
//
//     node widget/build.mjs OUTDIR
//
//     loader.js          on the site's page
//     rules-….js         beside it, where a tenant greets by rules or asks buyers
//     ask-….js           where one has bought
//     frame-….js         an opened chat, with its style     texts-fi-….json   its words
//     more-….js          forms, survey, files               more-fi-….json
//     seldom-….js        menu, hours, sound …               seldom-fi-….json
//     poll-….js          where no WebSocket passes
//     own-….js           where a tenant has words of its own
import { build, transform } from 'esbuild';
import { minify } from 'terser';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LOADER_MAX = 3 * 1024; // gzip; before the chat is opened
const OPEN_MAX = 15 * 1024; // gzip; with an opened chat and the longest of the languages
const ALL_MAX = 18 * 1024; // gzip; with the forms, the survey and files, too, and their words
const SELDOM_MAX = 4 * 1024; // gzip; what few chats fetch, with its words
const POLL_MAX = 1024; // gzip; the way without a WebSocket
const REACT_MAX = 3 * 512; // gzip; what shows and offers reactions, with its words
const OWN_MAX = 1024; // gzip; what puts a tenant's own words in place of ours
const ASK_MAX = 3 * 512; // gzip; what asks whoever has bought
const RULES_MAX = 2 * 1024; // gzip; greetings, which stand on the page of tenants that have rules
const PLACE = '__LASNA_CONFIG__';
const HASH = '__HASH__'; // stands for the hash until it is known
const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, 'src');
const out = process.argv[2];
if (!out || out.startsWith('-')) {
  console.error('usage: node widget/build.mjs OUTDIR');
  process.exit(2);
}

// Members that only our own modules know are shortened, in all files alike: never one that stands
// in a frame, in a message between page and frame, in what the device keeps, or that a browser has.
const OURS = new RegExp(`^(${'acts addUnsent again announce answer answered answering asked badToken bar canAnswer changed chat detour discard does device draw dropUnsent emit endsIn fail focusCard \
hasEarlier heard hears keep keepToken kept lastSeq later lines live looked lost marks newId nodeOf notice numbered oldest paint react refresh refused replyTo restore retry revised say seen sets speak stay take \
tries typing warned'.split(/\s+/).join('|')})$`);
let shortened = {};

const readTexts = (file) => JSON.parse(readFileSync(join(here, 'texts', file), 'utf8'));
const english = readTexts('en.json');

/** The words of a language as they are served: a list for each file of the frame. Those of the page come with the loader. */
function lists({ page, more, react, seldom, ...texts }) {
  return { texts, more, react, seldom };
}

/** What a language says, filled up with English where it says nothing. */
function filledUp(file, texts, english) {
  const unknown = Object.keys(texts).filter((key) => !Object.hasOwn(english, key));
  if (unknown.length > 0) throw new Error(`texts/${file}: the chat never says ${unknown.join(', ')}`);
  return Object.fromEntries(Object.entries(english).map(([key, words]) =>
    [key, typeof words === 'string' ? (texts[key] ?? words) : filledUp(file, texts[key] ?? {}, words)]));
}

/** `texts.greeting` is served as the number of it in its list (texts.ts). */
const numbered = new Map();
for (const list of Object.values(lists(english)))
  for (const [at, key] of Object.keys(list).entries()) {
    if (numbered.has(key)) throw new Error(`texts/en.json: ${key} stands in two lists`);
    numbered.set(key, at);
  }
/** By what a tenant's own words are called (own.ts). */
const names = Object.fromEntries(Object.entries(lists(english)).map(([part, list]) => [part, Object.keys(list)]));
const numberTexts = {
  name: 'number texts',
  setup: (build) => build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
    loader: 'ts',
    contents: readFileSync(path, 'utf8').replace(/(?<![/\w])texts\.(\w+)/g, (_, key) => {
      if (!numbered.has(key)) throw new Error(`${path}: texts.${key} is in no language`);
      return `texts[${numbered.get(key)}]`;
    }),
  })),
};

/** A style goes with the script that wears it. */
const styles = {
  name: 'styles',
  setup: (build) => build.onLoad({ filter: /\.part\.css$/ }, async ({ path }) => ({
    loader: 'text',
    contents: (await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true, target: 'chrome100', legalComments: 'none' })).code.trim()
      .replace(/(--\w+): |, (?=#)/g, (_, name) => (name ? `${name}:` : ',')), // in values of variables it leaves what may count
  })),
};

/** What several files of the frame use is in the first of them, and the others take it from there. */
const sharedBy = (modules, file) => ({
  name: `shared by ${file}`,
  setup: (build) => build.onResolve({ filter: new RegExp(`^\\./(${modules})\\.ts$`) }, () => ({ path: `./${file}-${HASH}.js`, external: true })),
});
const fromFrame = sharedBy('chat|dom|protocol|texts', 'frame');
const fromMore = sharedBy('field', 'more');

async function bundle(name, format, define = {}, plugins = []) {
  const { outputFiles, mangleCache } = await build({
    entryPoints: [join(src, name)], bundle: true, minify: true, write: false, format, define, target: 'es2022',
    plugins: [...plugins, numberTexts, styles], charset: 'utf8', legalComments: 'none', logLevel: 'warning',
    mangleProps: OURS, mangleCache: shortened,
  });
  shortened = mangleCache;
  // A script's own function stays around all of it: outside, its names would be the page's.
  const { code } = await minify(outputFiles[0].text, { module: format === 'esm', toplevel: format === 'esm', ecma: 2022, compress: format === 'esm' ? LIKE_OURS : { passes: 3 } });
  return code.replace('"use strict";', ''); // which modules need not be told, and the loader does as well without
}

/** What terser may take for granted of our code: no getter does anything, no one's String or Error is not the
 *  browser's, and nothing that is no class is made with `new`. */
const LIKE_OURS = { passes: 3, pure_getters: true, unsafe: true, unsafe_arrows: true };

/** Writes a file and what is served of it; its size as gzip. */
function put(name, text) {
  const file = join(out, name);
  writeFileSync(file, text);
  execFileSync('zopfli', [file]);
  writeFileSync(`${file}.br`, brotliCompressSync(Buffer.from(text)));
  return statSync(`${file}.gz`).size;
}

const hashOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 12);

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'assets'), { recursive: true });

const languages = readdirSync(join(here, 'texts')).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
const made = {
  'frame.js': await bundle('main.ts', 'esm', { __LASNA_LANGUAGES__: JSON.stringify(languages.join(' ')) }),
  'more.js': await bundle('more.ts', 'esm', {}, [fromFrame]),
  'react.js': await bundle('react.ts', 'esm', {}, [fromFrame]),
  'seldom.js': await bundle('seldom.ts', 'esm', {}, [fromFrame, fromMore]),
  'poll.js': await bundle('poll.ts', 'esm'),
  'own.js': await bundle('own.ts', 'esm', { __LASNA_NAMES__: JSON.stringify(names) }),
};
for (const language of languages)
  for (const [part, words] of Object.entries(lists(filledUp(`${language}.json`, readTexts(`${language}.json`), english))))
    made[`${part}-${language}.json`] = JSON.stringify(Object.values(words));

// One hash for all of them, so that each finds the others by its own name.
const hash = hashOf(JSON.stringify(made));
const sizes = {};
for (const [name, text] of Object.entries(made))
  sizes[name] = put(join('assets', name.replace('.', `-${hash}.`)), text.replaceAll(HASH, hash));
const page = put('frame.html', readFileSync(join(src, 'frame.html'), 'utf8').replace(HASH, hash));
const withWords = (part, script) => sizes[script] + Math.max(...languages.map((language) => sizes[`${part}-${language}.json`]));

const askText = await bundle('ask.ts', 'esm');
const askName = `ask-${hashOf(askText)}.js`;
const ask = put(join('assets', askName), askText);
const rulesText = await bundle('rules.ts', 'esm', { __LASNA_ASK__: JSON.stringify(`/a/${askName}`) });
const rulesName = `rules-${hashOf(rulesText)}.js`;
const rules = put(join('assets', rulesName), rulesText);
const loaderText = await bundle('loader.ts', 'iife', { __LASNA_RULES__: JSON.stringify(`/a/${rulesName}`) });
if (loaderText.split(PLACE).length !== 2) throw new Error(`loader.js must name ${PLACE} exactly once`);
// Served with a site's configuration in it, and zipped then: by zlib.
writeFileSync(join(out, 'loader.js'), loaderText);

/** What stands there on a site that has set nothing of its own, in all languages: a loader is measured with it. */
const config = { tenant: 'borealis', site: '3tinrfb33ilrzyf5y4wzwk2a4a', name: 'Borealis AB', color: '#0b57d0',
  labels: Object.fromEntries(languages.map((language) => [language, Object.values(filledUp(language, readTexts(`${language}.json`).page ?? {}, english.page)).slice(0, 3)])) };
const loader = gzipSync(loaderText.replace(PLACE, JSON.stringify(config)), { level: 9 }).length;
const open = loader + page + withWords('texts', 'frame.js');
const all = open + withWords('more', 'more.js');
const seldom = withWords('seldom', 'seldom.js');
const react = withWords('react', 'react.js');
for (const [what, size, most] of [['loader.js', loader, LOADER_MAX], ['an opened chat', open, OPEN_MAX], ['a chat with all it asks', all, ALL_MAX],
                                  ['what few chats fetch', seldom, SELDOM_MAX], ['react.js', react, REACT_MAX], ['rules.js', rules, RULES_MAX], ['ask.js', ask, ASK_MAX],
                                  ['poll.js', sizes['poll.js'], POLL_MAX], ['own.js', sizes['own.js'], OWN_MAX]])
  if (size > most) throw new Error(`${what} is ${size} bytes of gzip; at most ${most}`);
writeFileSync(join(out, 'sizes.json'), `${JSON.stringify({ loader, open, all, seldom, react, rules, ask, poll: sizes['poll.js'], own: sizes['own.js'] })}\n`);
