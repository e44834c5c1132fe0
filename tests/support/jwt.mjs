// SPDX-License-Identifier: Apache-2.0
// What a tenant's own site does to vouch for its visitor; every part can be made wrong.
import { createHmac } from 'node:crypto';

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token signed with a key as `lasnactl identity renew` tells it. */
export function signed({ kid, secret }, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'HS256', typ: 'JWT', kid, ...header })}.${part({ aud: 'acme', exp: now + 3600, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
