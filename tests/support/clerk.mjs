// SPDX-License-Identifier: Apache-2.0
// An agent who works by themselves: takes offers (or not, as the day's plan says), answers each
// question once, ends at "bye". Drives an ordinary XMPP connection; sees only what a client sees.
import { Agent } from './agent.mjs';

export class Clerk {
  /** `plan` is the day's: { offered(clerk, name), hears(clerk, name, contact, text), told(…) }. */
  static async hire(instance, name, plan, options) {
    const clerk = new Clerk();
    Object.assign(clerk, { name, plan, at: 0, names: new Map(), working: true, offers: [] });
    clerk.agent = await Agent.login(instance, name, options);
    clerk.work = clerk.#work();
    return clerk;
  }

  async #work() {
    const news = () => !this.working || this.agent.messages.length > this.at;
    while (this.working) {
      await this.agent.until(news, { seconds: 300 });
      while (this.working && this.at < this.agent.messages.length) await this.#read(this.agent.messages[this.at++]);
    }
  }

  async #read({ from, text, replaces }) {
    if (from.startsWith('desk@')) return replaces ? undefined : this.#offer(from, text);
    const [, introduced] = /^\[lasna\] (\S+) · /.exec(text) ?? [];
    if (introduced) this.names.set(from, introduced);
    if (text.startsWith('[lasna]')) return this.plan.told?.(this, this.names.get(from), from, text);
    return this.plan.hears(this, this.names.get(from), from, text);
  }

  async #offer(desk, text) {
    const [, name, number] = /(?:^|: )(\S+) · ".*" .*reply ok( \d+)? or no/.exec(text) ?? [];
    if (!name) return;
    this.offers.push(name);
    const word = this.plan.offered(this, name);
    if (word) await this.agent.say(desk, word + (number ?? ''));
  }

  /** The line is gone, without a word. */
  crash() {
    this.working = false;
    this.agent.xmpp.reconnect.stop();
    this.agent.xmpp.socket.destroy();
  }

  async leave() {
    this.working = false;
    for (const check of [...this.agent.waiting]) check();
    await this.work;
    await this.agent.stop();
  }
}
