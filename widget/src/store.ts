// SPDX-License-Identifier: Apache-2.0
// What the visitor's device keeps once the chat was opened: the resume token, and words that
// are not sent yet. Where storage is blocked the page's lifetime must do.

export interface Unsent {
  cid: string;
  text: string;
}

export interface Kept {
  token: string | null;
  draft: string;
  unsent: Unsent[];
}

export class Store {
  #kept: Kept = { token: null, draft: '', unsent: [] };

  constructor(readonly key: string, readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null) {
    try {
      const kept = JSON.parse(storage?.getItem(key) ?? '{}') as Partial<Kept>;
      if (typeof kept.token === 'string') this.#kept.token = kept.token;
      if (typeof kept.draft === 'string') this.#kept.draft = kept.draft;
      if (Array.isArray(kept.unsent))
        this.#kept.unsent = kept.unsent.filter((one) => typeof one?.cid === 'string' && typeof one?.text === 'string');
    } catch {
      // blocked or spoilt: begin anew
    }
  }

  get kept(): Readonly<Kept> {
    return this.#kept;
  }

  keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      this.storage?.setItem(this.key, JSON.stringify(this.#kept));
    } catch {
      // full or blocked
    }
  }

  forget(): void {
    this.#kept = { token: null, draft: '', unsent: [] };
    try {
      this.storage?.removeItem(this.key);
    } catch {
      // blocked: then nothing is there
    }
  }
}
