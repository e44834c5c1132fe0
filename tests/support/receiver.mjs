// SPDX-License-Identifier: Apache-2.0
// Somebody else's server that is told things: https with the instance's development certificate,
// keeps every request, checks its signature as a receiver would, and answers as it is told to.
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';

import { until } from './instance.mjs';

export class Receiver {
  constructor() {
    this.requests = []; // { path, headers, body, json, signed, at }
    this.answer = () => ({ status: 200 });
  }

  static async start(instance, { tls } = {}) {
    const receiver = new Receiver();
    const folder = join(instance.home, 'tls');
    tls ??= { cert: await readFile(join(folder, 'server.pem')), key: await readFile(join(folder, 'server.key')) };
    receiver.server = createServer(tls, (request, response) => receiver.#take(request, response));
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    receiver.port = receiver.server.address().port;
    return receiver;
  }

  url(path = '/hook', host = 'localhost') {
    return `https://${host}:${this.port}${path}`;
  }

  #take(request, response) {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const taken = { path: request.url, method: request.method, headers: request.headers, body, at: Date.now() };
      taken.json = body ? JSON.parse(body) : undefined;
      this.requests.push(taken);
      const { status, headers = {}, text = '', hang = false } = this.answer(taken, this.requests.length);
      if (hang) return;
      response.writeHead(status, headers);
      response.end(text);
    });
  }

  of(type) {
    return this.requests.filter(({ json }) => json?.type === type);
  }

  async told(type, count = 1, options = {}) {
    await until(() => this.of(type).length >= count, { what: `${count} of ${type} (${this.requests.map(({ json }) => json?.type)})`, ...options });
    return this.of(type)[count - 1];
  }

  async stop() {
    this.server.closeAllConnections?.();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** As Standard Webhooks says: id, time and body, under the key the secret holds. */
export function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return headers['webhook-signature'].split(' ').includes(expected) && Math.abs(Date.now() / 1000 - headers['webhook-timestamp']) < 300;
}
