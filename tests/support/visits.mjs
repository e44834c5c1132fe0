// SPDX-License-Identifier: Apache-2.0
// Visitors who come to an instance and are served by an agent there; all of them go in the end.
import { Visitor } from './visitor.mjs';

export class Visits {
  constructor(instance, agent) {
    Object.assign(this, { instance, agent, visitors: [] });
  }

  /** Somebody, or by their token whoever was here before; `welcome` is how they were greeted. */
  async come({ token = null, ...options } = {}) {
    const visitor = Object.assign(new Visitor(this.instance, options), { token });
    this.visitors.push(visitor);
    visitor.welcome = await visitor.connect();
    return visitor;
  }

  /** A conversation that the agent serves. */
  async served(question) {
    const visitor = await this.come();
    await visitor.say(question);
    return { visitor, contact: await this.agent.accept('acme', new RegExp(question)) };
  }

  close() {
    return Promise.all(this.visitors.map((visitor) => visitor.close()));
  }
}
