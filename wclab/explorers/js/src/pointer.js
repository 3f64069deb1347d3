/** The mouse, a pen or a finger: clicks launch, grips are dragged, hovering reads. */

import { momentAt } from "./cursor.js";
import { dataAt, gripAt, gripsOf, panelAt } from "./hit.js";

/** @typedef {import("./types.js").Grip} Grip */
/** @typedef {import("./view.js").View} View */

const STILL = 5; // pixels; a pointer that moved less has clicked

/**
 * @param {View} view
 * @param {import("./mover.js").Mover} mover
 */
export function watchPointer(view, mover) {
  const { canvas, marks } = view;
  /** @type {Grip | null} */
  let grip = null;
  /** @type {[number, number] | null} */
  let pressed = null;
  const under = (/** @type {[number, number]} */ place) =>
    gripAt(gripsOf(view.frame, view.data, marks.held), view.layout, ...place);

  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    pressed = view.locate(event);
    grip = under(pressed);
    if (grip) canvas.setPointerCapture(event.pointerId);
    marks.cross = null;
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const place = view.locate(event);
    if (grip) {
      moveGrip(place, false);
      return;
    }
    canvas.style.cursor = under(place) ? "grab" : cursorFor(view, place);
    hover(view, place);
  };
  const moveGrip = (/** @type {[number, number]} */ place, /** @type {boolean} */ end) => {
    if (!grip) return;
    canvas.style.cursor = "grabbing";
    marks.hover = marks.time = null;
    mover.move(grip, dataAt(view.layout.panels[grip.panel], ...place), end);
  };
  const up = (/** @type {PointerEvent} */ event) => {
    const place = view.locate(event);
    if (grip) moveGrip(place, true);
    else if (pressed && Math.hypot(place[0] - pressed[0], place[1] - pressed[1]) < STILL) {
      click(pressed, event.shiftKey);
    }
    grip = pressed = null;
  };
  const click = (/** @type {[number, number]} */ place, /** @type {boolean} */ backward) => {
    const placed = panelAt(view.layout, ...place);
    if (!placed?.panel.events?.includes("click")) return;
    mover.click(placed.index, dataAt(placed, ...place), backward);
  };
  const cancel = (/** @type {PointerEvent} */ event) => {
    if (grip) moveGrip(view.locate(event), true);
    grip = pressed = null;
  };
  const leave = () => {
    if (grip) return;
    marks.hover = marks.time = null;
    view.dirty();
  };
  const touch = (/** @type {TouchEvent} */ event) => {
    if (event.touches.length === 1 && under(view.locate(event.touches[0]))) event.preventDefault();
  };

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", cancel);
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("touchstart", touch, { passive: false });
}

/** @param {View} view @param {[number, number]} place */
function cursorFor(view, place) {
  const events = panelAt(view.layout, ...place)?.panel.events ?? [];
  return events.includes("click") ? "crosshair" : "default";
}

/** @param {View} view @param {[number, number]} place */
function hover(view, place) {
  const { marks, frame, data, layout } = view;
  const placed = panelAt(layout, ...place);
  const before = [marks.hover, marks.time];
  marks.hover = marks.time = null;
  if (placed) {
    const point = dataAt(placed, ...place);
    const index =
      placed.panel.cursor === "time" ? momentAt(frame, data, placed.index, point.x) : -1;
    if (index >= 0) marks.time = { panel: placed.index, index };
    else if (placed.panel.events?.includes("hover")) {
      marks.hover = { panel: placed.index, ...point };
    }
  }
  if (before.some(Boolean) || marks.hover || marks.time) view.dirty();
}
