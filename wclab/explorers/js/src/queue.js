/** Events to Python: numbered; of a drag at most one on its way, and the newest waiting. */

import { CLOCK } from "./clock.js";

/** @typedef {{type: string, panel: number, x: number, y: number, name?: string, index?: number, backward?: boolean, end?: boolean}} Message */

const PATIENCE = 2000; // ms; after that an unanswered drag no longer holds up the next

/** The last number used for each model: all views of a model count together. @type {WeakMap<object, number>} */
const counters = new WeakMap();

export class Queue {
  /**
   * @param {{get(name: string): any, send(content: any): void}} model
   * @param {import("./clock.js").Clock} [clock]
   */
  constructor(model, clock = CLOCK) {
    this.model = model;
    this.clock = clock;
    this.flying = 0;
    /** @type {Message | null} */
    this.waiting = null;
    /** @type {any} */
    this.timer = null;
  }

  /**
   * Send at once.
   * @param {Message} message
   * @returns {number} its number
   */
  send(message) {
    const last = Math.max(counters.get(this.model) ?? 0, this.model.get("acknowledged") ?? 0);
    counters.set(this.model, last + 1);
    this.model.send({ event: last + 1, ...message });
    return last + 1;
  }

  /**
   * Send a step of a drag, or let it wait for the answer to the one before.
   * @param {Message} message
   */
  offer(message) {
    const { waiting } = this;
    if (waiting?.end && (waiting.name !== message.name || waiting.index !== message.index)) {
      this.release(); // where another thing was dropped must not get lost
    }
    this.waiting = message;
    if (this.flying === 0) this.release();
  }

  /** Python has handled an event: `acknowledged` has grown. */
  acknowledged() {
    if (this.flying === 0 || (this.model.get("acknowledged") ?? 0) < this.flying) return;
    this.flying = 0;
    this.clock.clear(this.timer);
    this.release();
  }

  /** Whether a step is on its way or waits. */
  get busy() {
    return this.flying !== 0 || this.waiting !== null;
  }

  /** Send what waits. */
  release() {
    if (!this.waiting) return;
    this.flying = this.send(this.waiting);
    this.waiting = null;
    this.clock.clear(this.timer);
    this.timer = this.clock.set(() => {
      this.flying = 0;
      this.release();
    }, PATIENCE);
  }

  close() {
    this.clock.clear(this.timer);
  }
}
