// SPDX-License-Identifier: Apache-2.0
// A mail server that keeps what it gets: SMTP with STARTTLS and AUTH PLAIN, as much of it as a client
// needs. `refuse` may answer RCPT with another line than 250.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

import { until } from './instance.mjs';

export class SmtpSink {
  constructor() {
    this.mails = []; // { from, to, user, password, secure, headers, text }
    this.refuse = () => null;
    this.sockets = new Set();
  }

  static async start(instance) {
    const sink = new SmtpSink();
    const folder = join(instance.home, 'tls');
    sink.tls = { cert: await readFile(join(folder, 'server.pem')), key: await readFile(join(folder, 'server.key')) };
    sink.server = createServer((socket) => {
      sink.sockets.add(socket);
      socket.write('220 localhost ESMTP\r\n');
      sink.#serve(socket, { secure: false });
    });
    await new Promise((resolve) => sink.server.listen(0, '127.0.0.1', resolve));
    sink.port = sink.server.address().port;
    return sink;
  }

  #serve(socket, state) {
    let buffered = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      buffered += bytes.toString('latin1');
      for (;;) {
        const end = state.data ? buffered.indexOf('\r\n.\r\n') : buffered.indexOf('\r\n');
        if (end < 0) return;
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + (state.data ? 5 : 2));
        if (this.#hear(socket, state, line) === 'upgraded') return;
      }
    });
  }

  #hear(socket, state, line) {
    const say = (words) => socket.write(`${words}\r\n`);
    if (state.data) {
      state.data = false;
      this.mails.push({ ...state, ...SmtpSink.read(`${line}\r\n`) });
      return say('250 kept');
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return say(`250-localhost\r\n${state.secure ? '' : '250-STARTTLS\r\n'}250 AUTH PLAIN`);
    if (verb === 'STAR') {
      say('220 go on');
      socket.removeAllListeners('data');
      const secure = new TLSSocket(socket, { isServer: true, ...this.tls });
      this.#serve(secure, { secure: true });
      return 'upgraded';
    }
    if (verb === 'AUTH' && !line.split(' ')[2]) {
      state.asked = true;
      return say('334 ');
    }
    if (verb === 'AUTH' || state.asked) {
      const [, user, password] = Buffer.from(state.asked ? line : line.split(' ')[2], 'base64').toString().split('\0');
      Object.assign(state, { user, password, asked: false });
      return say('235 welcome');
    }
    if (verb === 'MAIL') state.from = /<(.*)>/.exec(line)[1];
    if (verb === 'RCPT') {
      state.to = /<(.*)>/.exec(line)[1];
      const no = this.refuse(state.to);
      if (no) return say(no);
    }
    if (verb === 'DATA') {
      state.data = true;
      return say('354 tell');
    }
    say(verb === 'QUIT' ? '221 bye' : '250 fine');
    if (verb === 'QUIT') socket.end();
  }

  /** A mail taken apart: headers unfolded and decoded, the quoted-printable body as text. */
  static read(raw) {
    const [head, ...body] = raw.split('\r\n\r\n');
    const headers = {};
    for (const line of head.replace(/\r\n[ \t]/g, ' ').split('\r\n')) {
      const at = line.indexOf(':');
      headers[line.slice(0, at).toLowerCase()] = line.slice(at + 2)
        .replace(/=\?UTF-8\?B\?([^?]*)\?= ?(?==\?|)/g, (_, word) => Buffer.from(word, 'base64').toString('latin1'));
    }
    for (const name of Object.keys(headers)) headers[name] = Buffer.from(headers[name], 'latin1').toString();
    const text = body.join('\r\n\r\n').replace(/^\.\./gm, '.').replace(/=\r\n/g, '').replace(/\r\n/g, '\n')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return { headers, raw, text: Buffer.from(text, 'latin1').toString() };
  }

  to(address) {
    return this.mails.filter(({ to }) => to === address);
  }

  async got(address, count = 1) {
    await until(() => this.to(address).length >= count, { what: `${count} mails to ${address}` });
    return this.to(address)[count - 1];
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
