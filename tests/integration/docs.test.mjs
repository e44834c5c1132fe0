// SPDX-License-Identifier: Apache-2.0
// The manual as ./dev docs makes it: of this source, whole and without a broken link; and that a
// broken one would be told.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
let dir;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lasna-test-'));
});
after(() => rm(dir, { recursive: true, force: true }));

const make = (source, out) =>
  new Promise((resolve) => {
    execFile('node', [join(root, 'tools/docs/docs.mjs'), source, out], { maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }));
  });

/** A source of these documents. */
async function sourceOf(name, documents) {
  for (const [path, text] of Object.entries(documents)) {
    await mkdir(join(dir, name, dirname(path)), { recursive: true });
    await writeFile(join(dir, name, path), text);
  }
  return join(dir, name);
}

const pagesIn = async (folder) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html')).map((entry) => join(entry.parentPath ?? entry.path, entry.name));

test('the manual of this source has every document, and no link in it leads nowhere', async () => {
  const out = join(dir, 'manual');
  const { code, stderr, stdout } = await make(root, out);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^docs: \d+ pages, \d+ links between them, /);
  for (const page of ['index.html', 'docs/agents-guide.fi.html', 'docs/man/lasnactl.1.html', 'docs/adr/0001-roles.html'])
    assert.ok(existsSync(join(out, page)), page);
  assert.match(await readFile(join(out, 'docs/agents-guide.fi.html'), 'utf8'), /<html lang="fi">/);
  // Once more, by other means than those that made them.
  let followed = 0;
  for (const page of await pagesIn(out)) {
    const html = await readFile(page, 'utf8');
    assert.doesNotMatch(html, /<script|data-sourcepos/);
    for (const [, link] of html.matchAll(/ (?:href|src)="([^":]*)"/g)) {
      const [path, fragment] = decodeURIComponent(link.replaceAll('&amp;', '&')).split('#');
      const file = path === '' ? page : join(dirname(page), path);
      assert.ok(existsSync(file), `${page}: ${link}`);
      if (fragment !== undefined)
        assert.ok((await readFile(file, 'utf8')).includes(` id="${fragment}"`), `${page}: ${link}`);
      followed++;
    }
  }
  assert.ok(followed > 200, `${followed} links`);
});

test('headings are named as on GitHub, and links follow into pages, folders and files', async () => {
  const source = await sourceOf('fine', {
    'README.md': '# Läsnä\n\n[a](docs/a.md#what-is-it-ää) [twice](docs/a.md#twice-1) [decisions](docs/adr/) [code](base/x.h) [out](https://acme.example/)\n',
    'docs/a.md': '# A <b>\n\n## What *is* it, ää?\n\n## Twice\n\n## Twice\n\n![p](images/p.png) [up](../README.md)\n',
    'docs/adr/0001-first.md': '# First\n',
    'docs/images/p.png': 'a picture',
    'base/x.h': 'code',
  });
  const out = join(dir, 'fine-out');
  const { code, stderr } = await make(source, out);
  assert.equal(code, 0, stderr);
  const index = await readFile(join(out, 'index.html'), 'utf8');
  for (const href of ['docs/a.html#what-is-it-%C3%A4%C3%A4', 'docs/a.html#twice-1', 'docs/adr/0001-first.html', 'base/x.h', 'https://acme.example/'])
    assert.ok(index.includes(`href="${href}"`), href);
  const a = await readFile(join(out, 'docs/a.html'), 'utf8');
  assert.match(a, /<h2 id="what-is-it-ää">/);
  assert.match(a, /<img src="images\/p\.png"/);
  assert.match(a, /href="\.\.\/index\.html"/);
  assert.equal(await readFile(join(out, 'docs/images/p.png'), 'utf8'), 'a picture');
});

test('each broken link is told by document and line, and nothing is written', async () => {
  const source = await sourceOf('broken', {
    'README.md': '# R\n\n[gone](docs/gone.md)\n\n- [no heading](docs/a.md#none)\n- [outside](../secret.md)\n',
    'docs/a.md': '# A\n\n[nobody](empty/) and [half a percent](50%.md)\n',
    'docs/empty/data.txt': '',
  });
  const out = join(dir, 'broken-out');
  const { code, stderr } = await make(source, out);
  assert.equal(code, 1);
  assert.equal(stderr, `README.md:3: docs/gone.md: there is no such file
README.md:5: docs/a.md#none: that document has no such heading
README.md:6: ../secret.md: there is no such file
docs/a.md:3: empty/: no document stands in that folder
docs/a.md:3: 50%.md: there is no such file
docs: 5 broken links; nothing was written
`);
  assert.ok(!existsSync(out));
});
