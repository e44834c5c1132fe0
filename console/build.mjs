// SPDX-License-Identifier: Apache-2.0
// Builds the console's page into OUTDIR, beside the widget: join.html, and in assets/ its script and
// style under hashed names, each with its .gz and .br. A language is a file of texts/: one more file
// there is one more language, and one that lacks a text fails the build.
//
//     node console/build.mjs OUTDIR
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out || out.startsWith('-')) {
  console.error('usage: node console/build.mjs OUTDIR');
  process.exit(2);
}

/** All languages by their tags. */
function readTexts() {
  const files = readdirSync(join(here, 'texts')).filter((name) => name.endsWith('.json'));
  const texts = Object.fromEntries(files.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(here, 'texts', name), 'utf8'))]));
  for (const [language, words] of Object.entries(texts))
    for (const key of new Set([...Object.keys(texts.en), ...Object.keys(words)]))
      if (!words[key] || !texts.en[key] || words[key].includes('{}') !== texts.en[key].includes('{}'))
        throw new Error(`console/texts/${language}.json: ${key} is missing, unknown, or fills in what English does not`);
  return texts;
}

async function bundle(name) {
  const { outputFiles } = await build({ entryPoints: [join(here, 'src', name)], bundle: true, minify: true, write: false, format: 'esm', target: 'es2022',
    define: { __LASNA_TEXTS__: JSON.stringify(readTexts()) }, charset: 'utf8', legalComments: 'eof', logLevel: 'warning' });
  return outputFiles[0].text;
}

/** Writes a file and what is served of it. */
function put(name, text) {
  writeFileSync(join(out, name), text);
  writeFileSync(join(out, `${name}.gz`), gzipSync(text, { level: 9 }));
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(Buffer.from(text)));
}

function putHashed(name, text) {
  const [stem, ending] = name.split('.');
  const hashed = `${stem}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${ending}`;
  put(join('assets', hashed), text);
  return hashed;
}

mkdirSync(join(out, 'assets'), { recursive: true });
const script = putHashed('join.js', await bundle('join.ts'));
const style = putHashed('join.css', await bundle('join.css'));
put('join.html', readFileSync(join(here, 'src', 'join.html'), 'utf8').replace('__SCRIPT__', script).replace('__STYLE__', style));
