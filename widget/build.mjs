// SPDX-License-Identifier: Apache-2.0
// Builds the widget into OUTDIR: loader.js, frame.html and assets/ with hashed names, each
// with its .gz and .br. Fails when it grows beyond its budget.
//
//     node widget/build.mjs OUTDIR
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LOADER_MAX = 3 * 1024; // gzip; before the chat is opened
const ALL_MAX = 15 * 1024; // gzip; everything
const PLACE = '__LASNA_CONFIG__';
const src = join(dirname(fileURLToPath(import.meta.url)), 'src');
const out = process.argv[2];
if (!out) {
  console.error('usage: node widget/build.mjs OUTDIR');
  process.exit(2);
}

async function bundle(name, format) {
  const { outputFiles } = await build({
    entryPoints: [join(src, name)], bundle: true, minify: true, write: false, format, target: 'es2022',
    charset: 'utf8', legalComments: 'none', logLevel: 'warning',
  });
  return outputFiles[0].contents;
}

const gzip = (bytes) => gzipSync(bytes, { level: 9 });
let total = 0;

function put(name, bytes) {
  const zipped = gzip(bytes);
  writeFileSync(join(out, name), bytes);
  writeFileSync(join(out, `${name}.gz`), zipped);
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(bytes));
  total += zipped.length;
  return zipped.length;
}

function putHashed(name, ending, bytes) {
  const hashed = `${name}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.${ending}`;
  put(join('assets', hashed), bytes);
  return `/a/${hashed}`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'assets'), { recursive: true });
const loader = await bundle('loader.ts', 'iife');
if (Buffer.from(loader).toString().split(PLACE).length !== 2)
  throw new Error(`loader.js must name ${PLACE} exactly once`);
const loaderSize = put('loader.js', loader);
const js = putHashed('frame', 'js', await bundle('main.ts', 'iife'));
const css = putHashed('frame', 'css', await bundle('frame.css'));
const html = readFileSync(join(src, 'frame.html'), 'utf8').replace('__CSS__', css).replace('__JS__', js);
put('frame.html', Buffer.from(html));

if (loaderSize > LOADER_MAX) throw new Error(`loader.js is ${loaderSize} bytes of gzip; at most ${LOADER_MAX}`);
if (total > ALL_MAX) throw new Error(`the widget is ${total} bytes of gzip; at most ${ALL_MAX}`);
writeFileSync(join(out, 'sizes.json'), `${JSON.stringify({ loader: loaderSize, all: total })}\n`);
