// SPDX-License-Identifier: Apache-2.0
// Files as people send them, made here: no picture of anybody lies in the repository.
import { deflateSync } from 'node:zlib';

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = (bytes) => ~bytes.reduce((sum, byte) => table[(sum ^ byte) & 0xff] ^ (sum >>> 8), ~0) >>> 0;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

/** A PNG that browsers show. `noise`: so many bytes beside the picture; `claim`: what its head says
 *  it were. */
export function png(width = 40, height = 30, { noise = 0, claim = [width, height] } = {}) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(claim[0], 0);
  head.writeUInt32BE(claim[1], 4);
  head.set([8, 2], 8);
  const lines = Buffer.alloc((width * 3 + 1) * height, 0x7f);
  for (let y = 0; y < height; y++) lines[y * (width * 3 + 1)] = 0;
  const beside = Buffer.from(Array.from({ length: noise }, (_, n) => 32 + (n * 7) % 90));
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head),
    ...(noise > 0 ? [chunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), beside]))] : []),
    chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}
