/** The canvas of an explorer: draws the frames that Python sends, and tells what the reader does. */

import { Mover } from "./mover.js";
import { watchPointer } from "./pointer.js";
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
  watchPointer(view, mover);
  const frame = () => view.receive();
  const acknowledged = () => mover.acknowledged();
  model.on("change:frame", frame);
  model.on("change:acknowledged", acknowledged);
  const sizes = new ResizeObserver(() => view.refresh());
  sizes.observe(view.box);
  const stopTheme = watchTheme(() => view.refresh());
  view.receive();
  return () => {
    model.off("change:frame", frame);
    model.off("change:acknowledged", acknowledged);
    sizes.disconnect();
    stopTheme();
    mover.queue.close();
    view.close();
  };
}

export default { render };
