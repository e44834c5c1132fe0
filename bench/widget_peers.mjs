// SPDX-License-Identifier: Apache-2.0
// What other chats weigh, from their npm packages: fetched into build/, measured, run nowhere. A
// package's own bundle for browsers as it is published, packed by gzip as a server would; what
// such a chat fetches besides (chunks, fonts, languages) comes on top and is not counted.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const PEERS = [
  { name: 'converse.js', version: '14.0.0', files: [/^dist\/converse\.min\.(js|css)$/] },
  { name: '@rocket.chat/livechat', version: '1.13.3', files: [/^build\/rocketchat-livechat\.min\.js$/, /^build\/(0\.chunk|polyfills|bundle|vendors~bundle)\b.*\.(js|css)$/] },
  { name: 'rasa-webchat', version: '1.0.1', files: [/^lib\/index\.js$/] },
  { name: 'deep-chat', version: '2.4.2', files: [/^dist\/deepChat\.bundle\.js$/] },
];

/** The package's files, unpacked once. */
function unpacked({ name, version }, folder) {
  const place = join(folder, `${name.replace(/\W+/g, '-')}-${version}`);
  if (!existsSync(join(place, 'package'))) {
    mkdirSync(place, { recursive: true });
    const packed = execFileSync('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', place], { encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', join(place, packed), '-C', place]);
  }
  return join(place, 'package');
}

/** [{ name, version, bytes }], or why there is none. */
export function weighPeers(folder) {
  return PEERS.map((peer) => {
    try {
      const place = unpacked(peer, folder);
      const files = readdirSync(place, { recursive: true }).map(String).filter((file) => peer.files.some((fits) => fits.test(file)));
      if (files.length === 0) throw new Error('has no such bundle any more');
      return { ...peer, bytes: files.reduce((sum, file) => sum + gzipSync(readFileSync(join(place, file)), { level: 9 }).length, 0) };
    } catch (error) {
      return { ...peer, bytes: null, why: String(error.message).split('\n')[0] };
    }
  });
}
