// SPDX-License-Identifier: Apache-2.0
// Asks the REST API of the service this page came from. No cookie is sent or kept: what opens
// something is in the memory of this page alone, and gone with it.

export interface Answer {
  status: number;
  /** The stable word of a refusal; '' for what was done, 'offline' where nobody answered. */
  code: string;
  /** Seconds to wait, where that is what was answered. */
  wait: number;
  body: Record<string, unknown>;
}

export async function ask(method: string, path: string, body?: Record<string, unknown>, token?: string): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'omit',
      cache: 'no-store',
      headers: { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    return { status: 0, code: 'offline', wait: 0, body: {} };
  }
  const document = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const code = answer.ok ? '' : String(document['code'] ?? 'failed');
  return { status: answer.status, code, wait: Number(answer.headers.get('retry-after')) || 0, body: document };
}
