// SPDX-License-Identifier: Apache-2.0
// What looks like a WebSocket where none can pass: frames go up as lines of a POST and come
// down as the answers to POSTs that wait for them (docs/protocol.md). A file of its own, without
// words, so that a poor network need not fetch the rest.
import type { Line } from './connection.ts';

export class Poll implements Line {
  readyState: number = WebSocket.OPEN;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  #id = '';
  #out: string[] = [];
  #sending = false;
  #stop = new AbortController();

  constructor(readonly url: string) {
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string): void {
    this.#out.push(text);
    void this.#flush();
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
    this.#stop.abort();
  }

  async #post(body: string): Promise<Response> {
    const headers: HeadersInit = this.#id ? { 'Lasna-Poll': this.#id } : {};
    const answer = await fetch(this.url, { method: 'POST', body, headers, signal: this.#stop.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  }

  /** One at a time, so that frames arrive in their order. */
  async #flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#out.length > 0) {
        const answer = await this.#post(this.#out.splice(0, 16).join('\n'));
        if (this.#id) continue;
        this.#id = ((await answer.json()) as { poll: string }).poll;
        void this.#listen();
      }
      this.#sending = false;
    } catch {
      this.#end(0);
    }
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const { frames, close } = (await (await this.#post('')).json()) as { frames: unknown[]; close: number | null };
        for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
        if (close) return this.#end(close);
      }
    } catch {
      this.#end(0);
    }
  }

  #end(code: number): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.close();
    this.onclose?.({ code });
  }
}
