/** The canvas of an explorer: draws the frames that Python sends, and tells what the reader does. */

import { nameControls } from "./accessible.js";
import { watchKeys } from "./keys.js";
import { liveRegion } from "./live.js";
import { Mover } from "./mover.js";
import { watchPointer } from "./pointer.js";
import { watchCopies, watchKernel } from "./status.js";
import { watchTheme } from "./theme.js";
import { View } from "./view.js";

/** @typedef {import("./types.js").Model} Model */

/**
 * Draw a model in an element; returns what undoes it.
 * @param {{model: Model, el: HTMLElement}} place
 * @returns {() => void}
 */
function render({ model, el }) {
  const view = new View(model, el);
  const mover = new Mover(view);
  const summary = liveRegion(view.box);
  const reading = liveRegion(view.box);
  view.painted = watchKeys({ view, mover, say: reading.say, described: summary.id });
  watchPointer(view, mover);
  const receive = () => {
    view.receive();
    summary.say(view.frame.text);
  };
  const undo = [
    listen(model, "change:frame", receive),
    listen(model, "change:acknowledged", () => mover.acknowledged()),
    watchKernel(view),
    watchCopies(view),
    watchTheme(() => view.refresh()),
    watchPlace(view),
    () => mover.queue.close(),
    summary.close,
    reading.close,
    () => view.close(),
  ];
  receive();
  return () => undo.forEach((step) => step());
}

/** @param {Model} model @param {string} name @param {() => void} callback */
function listen(model, name, callback) {
  model.on(name, callback);
  return () => model.off(name, callback);
}

/**
 * Notice when the canvas gets another width, is shown, stands in its page, or moves to another screen.
 * @param {View} view
 */
function watchPlace(view) {
  let width = -1;
  let unname = () => {};
  let named = /** @type {Element | null} */ (null);
  const sizes = new ResizeObserver(() => {
    const root = view.el.closest(".wclab-explorer");
    if (root !== named) {
      unname();
      unname = root ? nameControls(root) : () => {};
      named = root;
    }
    if (view.box.clientWidth === width) return;
    width = view.box.clientWidth;
    view.refresh();
  });
  sizes.observe(view.box);
  const sharper = () => view.refresh();
  window.addEventListener("resize", sharper); // also told of when the zoom changes
  return () => {
    unname();
    sizes.disconnect();
    window.removeEventListener("resize", sharper);
  };
}

export default { render };
