// SPDX-License-Identifier: Apache-2.0
// A flood at one tenant, in a process of its own: so many visitors from as many addresses, each saying
// so much a second. Needs an instance that believes our X-Forwarded-For. Prints "ready" once all are
// connected or refused, floods until stdin ends, then prints what became of it as JSON.
import WebSocket from 'ws';

const [url, origin, site, sockets, perSecond] = process.argv.slice(2);
const counts = { connected: 0, refused: 0, said: 0, saved: 0, too_fast: 0, other: 0 };
const open = [];

const address = (i) => `198.18.${(i >> 8) & 255}.${i & 255}`;

function take(frame, welcomed) {
  if (frame.type === 'welcome') welcomed();
  else if (frame.type === 'saved') counts.saved++;
  else if (frame.type === 'error' && frame.code === 'too_fast') counts.too_fast++;
  else if (frame.type === 'error') counts.other++;
}

/** Comes, and says hello until it is welcome; resolves when it was answered at all. */
function come(i) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, 'lasna.v1', { origin, handshakeTimeout: 60000, headers: { 'x-forwarded-for': address(i) } });
    const hello = () => socket.readyState === WebSocket.OPEN &&
      socket.send(JSON.stringify({ type: 'hello', site, token: null, conversation: null, after: 0, lang: 'en', page: null, identity: null, name: null, email: null }));
    let welcome = false;
    socket.on('error', () => counts.refused++);
    socket.once('close', resolve);
    socket.once('open', hello);
    socket.on('message', (data) => {
      const frame = JSON.parse(data);
      if (!welcome && frame.code === 'too_fast') setTimeout(hello, frame.retry_after_ms + Math.random() * 1000);
      take(frame, () => {
        welcome = true;
        counts.connected++;
        open.push(socket);
      });
      resolve();
    });
  });
}

for (let at = 0; at < Number(sockets); at += 100)
  await Promise.all(Array.from({ length: Math.min(100, Number(sockets) - at) }, (_, i) => come(at + i)));
console.log('ready');

const every = 50;
const each = Number(perSecond) * every / 1000;
let owed = 0;
const flood = setInterval(() => {
  owed += each * open.length;
  for (; owed >= 1 && open.length > 0; owed--) {
    const socket = open[counts.said % open.length];
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'say', cid: String(counts.said), text: `flood ${counts.said}`, reply_to: null }));
    counts.said++;
  }
}, every);
process.stdin.on('end', () => {
  clearInterval(flood);
  console.log(JSON.stringify(counts));
  process.exit(0);
}).resume();
