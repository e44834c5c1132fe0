// SPDX-License-Identifier: Apache-2.0
// What the visitor's device keeps once the chat was opened: the resume token, and words that
// are not sent yet. Where storage is blocked the page's lifetime must do. Every tab of the
// site shares it, so each change starts from what is there now.

import type { Request } from './protocol.ts';

export interface Unsent {
  cid: string;
  text: string;
  request?: Request | undefined;
  reply?: [to: number, conversation: string] | undefined; // seq counts within a conversation
}

export interface Kept {
  token: string; // '': none
  draft: string;
  unsent: Unsent[];
  quiet: boolean; // no sound
  plain: boolean; // no news in the page's title
  name: string; // as given in the form before the chat
  email: string;
  agreed: string; // to which version of the consent text; '' to none
  surveyed: string; // the conversation whose survey was answered, or not wanted
}

export type Device = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

const nothing: Kept = { token: '', draft: '', unsent: [], quiet: false, plain: false, name: '', email: '', agreed: '',
                        surveyed: '' };

/** Of what was kept, all that has the right kind. */
function fit(was: Record<string, unknown>): Kept {
  const kept: Record<string, unknown> = { ...nothing };
  for (const [key, value] of Object.entries(nothing))
    if (typeof was[key] === typeof value) kept[key] = was[key];
  kept['unsent'] = !Array.isArray(kept['unsent']) ? [] : (kept['unsent'] as Partial<Unsent>[]).filter((one) =>
    typeof one?.cid === 'string' && typeof one?.text === 'string');
  return kept as unknown as Kept;
}

export class Store {
  #kept: Kept = nothing;

  constructor(readonly key: string, readonly device: Device) {
    this.#read();
  }

  #read(): void {
    try {
      const text = this.device?.getItem(this.key);
      if (text) this.#kept = fit(JSON.parse(text));
    } catch {
      // blocked or spoilt: what we have stays
    }
  }

  get kept(): Readonly<Kept> {
    return this.#kept;
  }

  /** What another tab has kept meanwhile counts, too. */
  refresh(): Readonly<Kept> {
    this.#read();
    return this.#kept;
  }

  keep(change: Partial<Kept>): void {
    this.#read();
    this.#kept = { ...this.#kept, ...change };
    try {
      this.device?.setItem(this.key, JSON.stringify(this.#kept));
    } catch {
      // full or blocked
    }
  }

  addUnsent(one: Unsent): void {
    this.keep({ unsent: [...this.refresh().unsent.filter(({ cid }) => cid !== one.cid), one] });
  }

  dropUnsent(cid: string): void {
    const { unsent } = this.refresh();
    if (unsent.some((one) => one.cid === cid)) this.keep({ unsent: unsent.filter((one) => one.cid !== cid) });
  }

  forget(): void {
    this.#kept = nothing;
    try {
      this.device?.removeItem(this.key);
    } catch {
      // blocked: then nothing is there
    }
  }
}
