/** The keyboard: each panel that answers keys, and each thing that can be moved, can have the focus. */

import { linked, momentAt, momentText, pointText } from "./cursor.js";
import { dataAt, gripName, gripsOf, step } from "./hit.js";
import { at, numbers } from "./references.js";
import { readout, toPixel } from "./scale.js";
import { plain } from "./text.js";

/** @typedef {import("./types.js").Grip} Grip */
/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./view.js").View} View */
/** @typedef {{view: View, mover: import("./mover.js").Mover, say: (text: string) => void, described: string}} Desk */
/** @typedef {{element: HTMLElement, used: boolean}} Kept */

const STEP = 0.02; // of an axis, for one press
const SMALL = 0.004; // with Shift
const MOST = 40; // more movable points than these have no place in the order of Tab

/**
 * How a panel is called, and which keys it answers.
 * @param {import("./types.js").Panel} panel
 * @returns {string}
 */
export function panelName({ title, xlabel, ylabel, events = [] }) {
  const name = plain(title) || `${plain(ylabel) || "y"} against ${plain(xlabel) || "x"}`;
  if (!events.includes("keys")) {
    return `${name}. Left and right arrow keys read the values along the axis, Escape leaves.`;
  }
  const launch = events.includes("click") ? "Enter starts a run there, B one backward in time, " : "";
  return `${name}. Arrow keys move a cross-hair, with Shift in small steps. ${launch}Escape leaves.`;
}

/** @param {Placed} placed */
const answersKeys = ({ panel }) => panel.events?.includes("keys") || panel.cursor === "time";

/**
 * Keep one focusable element over each panel that answers keys and each grip.
 * @param {Desk} desk
 * @returns {() => void} brings the elements up to date with the picture
 */
export function watchKeys(desk) {
  const { view } = desk;
  /** @type {Map<string, Kept>} */
  const kept = new Map();
  const grips = () => gripsOf(view.frame, view.data, view.marks.held);

  const keep = (/** @type {string} */ key, /** @type {(element: HTMLElement) => void} */ wire) => {
    let entry = kept.get(key);
    if (!entry) {
      entry = { element: overlay(desk), used: true };
      wire(entry.element);
      view.box.append(entry.element);
      kept.set(key, entry);
    }
    entry.used = true;
    return entry.element;
  };
  return () => {
    for (const entry of kept.values()) entry.used = false;
    for (const placed of view.layout.panels.filter(answersKeys)) {
      const element = keep(`panel ${placed.index}`, (made) => wirePanel(made, placed.index, desk));
      setAttributes(element, { role: "application", "aria-label": panelName(placed.panel) });
      cover(element, placed.inner);
    }
    for (const grip of grips().slice(0, MOST)) {
      const placed = view.layout.panels[grip.panel];
      if (!placed) continue;
      const key = keyOf(grip);
      const current = () => grips().find((other) => keyOf(other) === key);
      const element = keep(key, (made) => wireGrip(made, current, desk));
      setAttributes(element, gripAttributes(grip, placed));
      cover(element, gripRect(grip, placed));
    }
    for (const [key, { element, used }] of kept) {
      if (used) continue;
      element.remove();
      kept.delete(key);
    }
  };
}

/** @param {Grip} grip */
const keyOf = ({ panel, name, index }) => `grip ${panel} ${name} ${index}`;

/** @param {Desk} desk */
function overlay({ described }) {
  const element = document.createElement("div");
  element.className = "wclab-focus";
  element.tabIndex = 0;
  element.setAttribute("aria-describedby", described);
  element.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys rest while it has the focus
  return element;
}

/** @param {HTMLElement} element @param {Record<string, string>} attributes */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

/** @param {HTMLElement} element @param {import("./types.js").Rect} rect */
function cover(element, { x, y, w, h }) {
  const style = `left: ${x}px; top: ${y}px; width: ${w}px; height: ${h}px;`;
  if (element.getAttribute("style") !== style) element.setAttribute("style", style);
}

/**
 * @param {Grip} grip
 * @param {Placed} placed
 * @returns {import("./types.js").Rect}
 */
function gripRect(grip, { inner, x, y }) {
  const [px, py] = [toPixel(x, grip.x), toPixel(y, grip.y)].map((p) => Math.round(p * 10) / 10);
  if (grip.kind === "x") return { x: px - 6, y: inner.y, w: 12, h: inner.h };
  if (grip.kind === "y") return { x: inner.x, y: py - 6, w: inner.w, h: 12 };
  const half = grip.size / 2 + 6;
  return { x: px - half, y: py - half, w: 2 * half, h: 2 * half };
}

/**
 * A rule is a slider; a point moves in two directions, for which there is no role.
 * @param {Grip} grip
 * @param {Placed} placed
 * @returns {Record<string, string>}
 */
export function gripAttributes(grip, placed) {
  const name = gripName(grip, placed);
  if (grip.kind === "point") {
    const label = `${name} with the arrow keys. ${pointText(placed, grip.x, grip.y)}`;
    return { role: "application", "aria-label": label };
  }
  const scale = placed[grip.kind];
  const ends = [scale.low, scale.high].sort((a, b) => a - b);
  return {
    role: "slider",
    "aria-label": name,
    "aria-orientation": grip.kind === "x" ? "horizontal" : "vertical",
    "aria-valuemin": String(ends[0]),
    "aria-valuemax": String(ends[1]),
    "aria-valuenow": String(Number(grip[grip.kind].toPrecision(6))),
    "aria-valuetext": readout(scale, grip[grip.kind]),
  };
}

/** Keys with these are the browser's. @param {KeyboardEvent} event */
const foreign = (event) => event.ctrlKey || event.metaKey || event.altKey;

/** @param {KeyboardEvent} event */
function take(event) {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * @param {HTMLElement} element
 * @param {() => Grip | undefined} current
 * @param {Desk} desk
 */
function wireGrip(element, current, { view, mover, say }) {
  element.addEventListener("keydown", (event) => {
    const grip = current();
    const placed = grip && view.layout.panels[grip.panel];
    if (!grip || !placed || foreign(event)) return;
    if (event.key === "Escape") {
      take(event);
      element.blur();
      return;
    }
    const next = step(placed, grip, event.key, event.shiftKey ? SMALL : STEP);
    if (!next) return;
    take(event);
    mover.move(grip, next, true);
    if (grip.kind === "point") say(pointText(placed, next.x, next.y));
  });
}

/**
 * @param {HTMLElement} element
 * @param {number} index
 * @param {Desk} desk
 */
function wirePanel(element, index, desk) {
  const { view } = desk;
  const leave = () => {
    view.marks.cross = view.marks.time = null;
    view.dirty();
  };
  element.addEventListener("blur", leave);
  element.addEventListener("keydown", (event) => {
    const placed = view.layout.panels[index];
    if (!placed || foreign(event)) return;
    if (event.key === "Escape") {
      take(event);
      leave();
      element.blur();
    } else if (placed.panel.events?.includes("keys") ? crossKey(event, placed, desk) : timeKey(event, placed, desk)) {
      take(event);
      view.dirty();
    }
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {Placed} placed
 * @param {Desk} desk
 * @returns {boolean} whether the key was one of ours
 */
function crossKey(event, placed, { view, mover, say }) {
  const { marks } = view;
  const { inner, index, panel } = placed;
  const known = marks.cross?.panel === index ? marks.cross : null;
  const centre = dataAt(placed, inner.x + inner.w / 2, inner.y + inner.h / 2);
  const point = known ?? { panel: index, ...centre };
  const next = step(placed, point, event.key, event.shiftKey ? SMALL : STEP);
  const launches = event.key === "Enter" || event.key === "b" || event.key === "B";
  if (next) {
    marks.cross = { panel: index, ...(known ? next : centre) };
    say(pointText(placed, marks.cross.x, marks.cross.y));
    return true;
  }
  if (!launches || !panel.events?.includes("click")) return false;
  marks.cross = point;
  mover.click(index, point, event.key !== "Enter" || event.shiftKey);
  return true;
}

/**
 * @param {KeyboardEvent} event
 * @param {Placed} placed
 * @param {Desk} desk
 * @returns {boolean}
 */
function timeKey(event, placed, { view, say }) {
  const { frame, data, marks } = view;
  const line = linked(frame).find((layer) => layer.panel === placed.index);
  if (!line || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return false;
  const x = numbers(line.x, data);
  const [low, high] = placed.panel.xlim;
  const now = marks.time?.panel === placed.index ? at(x, marks.time.index) : low + (high - low) / 2;
  const next = step(placed, { x: now, y: NaN }, event.key, event.shiftKey ? SMALL : STEP);
  if (!next) return false;
  marks.time = { panel: placed.index, index: momentAt(frame, data, placed.index, next.x) };
  say(momentText(view));
  return true;
}
