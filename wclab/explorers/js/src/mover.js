/** What the reader does, however it was done: sent to Python, and shown at once. */

import { Queue } from "./queue.js";

/** @typedef {import("./types.js").Grip} Grip */
/** @typedef {{x: number, y: number}} Point */

export class Mover {
  /** @param {import("./view.js").View} view */
  constructor(view) {
    this.view = view;
    this.queue = new Queue(view.model);
    this.dragging = false;
  }

  /**
   * @param {number} panel
   * @param {Point} point
   * @param {boolean} backward
   */
  click(panel, { x, y }, backward) {
    this.queue.send({ type: "click", panel, x, y, backward });
  }

  /**
   * @param {Grip} grip
   * @param {Point} point
   * @param {boolean} end whether it stays there
   */
  move(grip, point, end) {
    const x = grip.kind === "y" ? middle(this.view, grip.panel, "x") : point.x;
    const y = grip.kind === "x" ? middle(this.view, grip.panel, "y") : point.y;
    const { panel, name, index, kind } = grip;
    this.dragging = !end;
    this.view.marks.held = { panel, name, index, kind, x, y };
    this.queue.offer({ type: "drag", panel, name, index, x, y, end });
    this.view.dirty();
  }

  /** Python has handled an event; after the last one, what it says is shown. */
  acknowledged() {
    this.queue.acknowledged();
    if (this.dragging || this.queue.busy || !this.view.marks.held) return;
    this.view.marks.held = null;
    this.view.dirty();
  }
}

/**
 * Where a rule is on the axis along which it does not move: anywhere.
 * @param {import("./view.js").View} view
 * @param {number} panel
 * @param {"x" | "y"} axis
 */
function middle(view, panel, axis) {
  const limits = view.frame.panels[panel][axis === "x" ? "xlim" : "ylim"];
  return (limits[0] + limits[1]) / 2;
}
