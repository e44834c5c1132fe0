// SPDX-License-Identifier: Apache-2.0
// The Debian package and `lasnactl quickstart`, as far as they go without a machine of their own;
// `./dev package --check` installs, runs and purges it on a bare Debian.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lasnactl = join(root, 'build/dev/lasnactl/lasnactl');

const run = (program, args, env = {}) =>
  new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
  });

let dir;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lasna-test-'));
});
after(() => rm(dir, { recursive: true, force: true }));

/** A file system as quickstart finds it on a server with Prosody and our package. */
async function machine(name) {
  const at = join(dir, name);
  for (const folder of ['etc/prosody/conf.d', 'etc/prosody/certs', 'usr/bin', 'usr/lib/prosody/modules/mod_privilege', 'lib/systemd/system'])
    await mkdir(join(at, folder), { recursive: true });
  await writeFile(join(at, 'etc/passwd'), `root:x:0:0::/root:/bin/sh\nlasna:x:${process.getuid() || 1234}:1234::/:/bin/false\n`);
  await writeFile(join(at, 'etc/group'), `lasna:x:${process.getgid() || 1234}:\nprosody:x:${process.getgid() || 1235}:\n`);
  await writeFile(join(at, 'etc/prosody/prosody.cfg.lua'), 'admins = { }\nInclude "conf.d/*.cfg.lua"\n');
  for (const file of ['usr/bin/prosody', 'usr/lib/prosody/modules/mod_lasna_limits.lua', 'usr/lib/prosody/modules/mod_lasna_rooms.lua', 'lib/systemd/system/lasnad.service'])
    await writeFile(join(at, file), '');
  return at;
}

const quickstart = async (at, ...words) => {
  const { code, stdout, stderr } = await run(lasnactl, ['quickstart', 'chat.acme.example', '--root', at, '--json', ...words]);
  return { code, stderr, ...JSON.parse(stdout) };
};
const found = (plan, name) => plan.checks.find((check) => check.name === name);
const state = (plan, path) => plan.files.find((file) => file.path === path)?.state;

test('a dry run tells everything and changes nothing', async () => {
  const at = await machine('dry');
  const was = (await run('find', [at])).stdout;
  const plan = await quickstart(at, '--dry-run');
  assert.equal(plan.code, 3, 'no DNS, no certificate: something is left to mend');
  assert.equal(state(plan, '/etc/lasna/lasna.conf'), 'would be written');
  assert.match(found(plan, 'TLS').remedy, /certbot certonly --standalone -d chat\.acme\.example/);
  for (const { state, remedy, name } of plan.checks) assert.ok(state === 'fine' || remedy.length > 10, `${name} has a remedy`);
  assert.equal((await run('find', [at])).stdout, was);
});

test('what it writes, lasnad takes; said again it changes nothing', async () => {
  const at = await machine('written');
  const first = await quickstart(at);
  assert.equal(state(first, '/etc/lasna/lasna.conf'), 'written', first.stderr);
  const conf = join(at, 'etc/lasna/lasna.conf');
  const checked = await run(join(root, 'build/dev/server-bridge/lasnad'), ['--config', conf, '--check-config']);
  assert.equal(checked.code, 0, checked.stderr);
  const secret = (await readFile(join(at, 'etc/lasna/control.secret'), 'utf8')).trim();
  assert.match(secret, /^[0-9a-f]{48}$/);
  assert.ok((await readFile(join(at, 'etc/prosody/conf.d/lasna.cfg.lua'), 'utf8')).includes(secret), 'both sides have the same secret');
  const place = /^upload_url = (https:.*\/)file_share\/$/m.exec(await readFile(conf, 'utf8'))[1];
  assert.ok((await readFile(join(at, 'etc/prosody/conf.d/lasna.cfg.lua'), 'utf8')).includes(`http_external_url = "${place}"`), 'and name one place for agents\' files');
  for (const file of ['etc/lasna/control.secret', 'etc/prosody/conf.d/lasna.cfg.lua'])
    assert.equal((await stat(join(at, file))).mode & 0o777, 0o640);

  const again = await quickstart(at);
  assert.deepEqual([...new Set(again.files.map((file) => file.state))], ['as it should be']);

  await writeFile(conf, '# mine\n');
  assert.match(state(await quickstart(at), '/etc/lasna/lasna.conf'), /left as it is/);
  assert.equal(await readFile(conf, 'utf8'), '# mine\n');
  assert.equal(state(await quickstart(at, '--force'), '/etc/lasna/lasna.conf'), 'written');
});

test('what is missing is named with its remedy', async () => {
  const at = await machine('bare');
  await rm(join(at, 'usr/bin/prosody'));
  await writeFile(join(at, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  await rm(join(at, 'lib/systemd/system/lasnad.service'));
  const plan = await quickstart(at, '--dry-run');
  assert.equal(found(plan, 'Prosody').remedy, 'apt install prosody prosody-modules');
  assert.match(found(plan, 'user').remedy, /adduser --system/);
  assert.equal(found(plan, 'unit').state, 'problem');
});

test('without Prosody the rest is written, and its part once it is there', { skip: process.getuid() !== 0 && 'owners need root' }, async () => {
  const at = await machine('early');
  const groups = await readFile(join(at, 'etc/group'), 'utf8');
  await writeFile(join(at, 'etc/group'), groups.replace(/^prosody.*\n/m, ''));
  await rm(join(at, 'etc/prosody'), { recursive: true });
  const early = await quickstart(at);
  assert.equal(early.code, 3, early.stderr);
  assert.equal(state(early, '/etc/lasna/lasna.conf'), 'written');
  assert.match(state(early, '/etc/prosody'), /waits for Prosody/);

  await mkdir(join(at, 'etc/prosody/conf.d'), { recursive: true });
  await writeFile(join(at, 'etc/group'), groups);
  assert.equal(state(await quickstart(at), '/etc/prosody/conf.d/lasna.cfg.lua'), 'written');
  assert.equal((await stat(join(at, 'etc/prosody/conf.d/lasna.cfg.lua'))).gid, 1235, 'which Prosody can read');
});

test('an expired certificate, or one of another name, is told', async () => {
  const at = await machine('tls');
  await mkdir(join(at, 'etc/lasna/tls'), { recursive: true });
  const make = (name, days) =>
    run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', days, '-subj', `/CN=${name}`,
      '-keyout', join(at, 'etc/lasna/tls/privkey.pem'), '-out', join(at, 'etc/lasna/tls/fullchain.pem')]);
  await make('chat.acme.example', '90');
  assert.equal(found(await quickstart(at, '--dry-run'), 'TLS').state, 'fine');
  await make('chat.acme.example', '7');
  assert.match(found(await quickstart(at, '--dry-run'), 'TLS').text, /expires in [67] days/);
  await make('chat.borealis.example', '90');
  assert.match(found(await quickstart(at, '--dry-run'), 'TLS').text, /not for chat\.acme\.example/);
});

test('a host name that is none is a usage error', async () => {
  for (const host of ['Chat.acme.example', 'chat', 'a.-b.example', 'a..example', 'a_b.example', 'a.example"; os.exit()']) {
    const { code, stderr } = await run(lasnactl, ['quickstart', host, '--root', dir, '--dry-run']);
    assert.equal(code, 2, host);
    assert.match(stderr, /no host name/);
  }
});

test('bash completes our words from the command table', async () => {
  const { stdout } = await run('bash', ['-c', `
    . <("$0" --completion)
    offer() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _lasnactl; echo "\${COMPREPLY[*]}"; }
    offer lasnactl ten; offer lasnactl --home add tenant li; offer lasnactl tenant add acme --ori; offer lasnactl quickstart h --dr; offer lasnactl tenant add ''`, lasnactl]);
  assert.deepEqual(stdout.split('\n'), ['tenant', 'list', '--origin', '--dry-run', '', '']);
});

const analyzes = spawnSync('systemd-analyze', ['security', '--help'], { encoding: 'utf8' }).stdout?.includes('--offline');

test('the unit leaves little open, as systemd itself judges it', { skip: !analyzes && 'no systemd-analyze that judges a file (systemd 250)' }, async () => {
  const { code, stdout, stderr } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', join(root, 'deploy/systemd/lasnad.service')]);
  assert.match(stdout, /Overall exposure level for lasnad\.service: \d\.\d/);
  assert.equal(code, 0, `${stdout}${stderr}`); // above 2.0 of 10
});

test('the package holds what an installation needs, and the unit is a sound one', async () => {
  const made = await run(join(root, 'dev'), ['package', '--of', 'dev']);
  assert.equal(made.code, 0, made.stderr);
  const at = join(dir, 'unpacked');
  assert.equal((await run('dpkg-deb', ['-x', made.stdout.trim().split('\n').pop(), at])).code, 0);
  const files = (await run('find', [at])).stdout;
  for (const file of ['usr/bin/lasnad', 'usr/bin/lasnactl', 'usr/share/lasna/rules/en/greet.rules', 'usr/share/man/man8/lasnad.8', 'usr/share/man/man5/lasna.conf.5', 'lib/systemd/system/lasnad.service',
    'usr/share/bash-completion/completions/lasnactl', 'usr/lib/prosody/modules/mod_lasna_limits.lua', 'usr/lib/prosody/modules/mod_lasna_rooms.lua', 'usr/share/doc/lasna/operations.md'])
    assert.ok(files.includes(file), file);
  assert.match(files, /usr\/share\/lasna\/widget\/assets\/frame-[0-9a-f]+\.js\.br/);
  const control = (await run('dpkg-deb', ['-f', made.stdout.trim().split('\n').pop()])).stdout;
  assert.match(control, /^Depends: .*libssl3/m);
  const unit = await readFile(join(at, 'lib/systemd/system/lasnad.service'), 'utf8');
  for (const line of ['Type=notify', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'LimitCORE=0', 'User=lasna']) assert.ok(unit.includes(`\n${line}\n`), line);
});
