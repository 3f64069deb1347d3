/** What lies under a point of the canvas. */

import { at, numbers } from "./references.js";
import { toData, toPixel } from "./scale.js";
import { nameAndUnit, plain } from "./text.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Grip} Grip */
/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").Placed} Placed */

const NEAR_POINT = 9; // pixels around a mark that still take hold of it
const NEAR_RULE = 7;

/**
 * The panel whose axes enclose a point.
 * @param {Layout} layout
 * @param {number} px
 * @param {number} py
 * @returns {Placed | null}
 */
export function panelAt(layout, px, py) {
  const within = (/** @type {Placed} */ { inner }) =>
    px >= inner.x && px <= inner.x + inner.w && py >= inner.y && py <= inner.y + inner.h;
  return layout.panels.find(within) ?? null;
}

/**
 * The data at a point of a panel; beside the panel, at its edge.
 * @param {Placed} placed
 * @param {number} px
 * @param {number} py
 * @returns {{x: number, y: number}}
 */
export function dataAt({ inner, x, y }, px, py) {
  return {
    x: toData(x, Math.min(Math.max(px, inner.x), inner.x + inner.w)),
    y: toData(y, Math.min(Math.max(py, inner.y), inner.y + inner.h)),
  };
}

/**
 * Everything that can be moved, and where it is; `held` is where the reader has just put one.
 * @param {Frame} frame
 * @param {Float32Array} data
 * @param {Held | null} held
 * @returns {Grip[]}
 */
export function gripsOf(frame, data, held) {
  /** @type {Grip[]} */
  const grips = [];
  for (const layer of frame.layers) {
    if ((layer.kind !== "markers" && layer.kind !== "rule") || !layer.drag) continue;
    const common = { panel: layer.panel, name: layer.drag, label: plain(layer.label) || layer.drag };
    if (layer.kind === "rule") {
      const [x, y] = layer.axis === "x" ? [layer.at, NaN] : [NaN, layer.at];
      grips.push({ ...common, index: 0, kind: layer.axis, x, y, size: 0 });
      continue;
    }
    const [x, y] = [numbers(layer.x, data), numbers(layer.y, data)];
    for (let k = 0; k < x.n; k++) {
      const size = layer.size ?? 9;
      grips.push({ ...common, index: k, kind: "point", x: at(x, k), y: at(y, k), size });
    }
  }
  const moved = grips.find(
    (grip) => grip.panel === held?.panel && grip.name === held.name && grip.index === held.index,
  );
  if (moved && held) Object.assign(moved, place(moved, held));
  return grips;
}

/** @param {Grip} grip @param {Held} held */
function place(grip, { x, y }) {
  return grip.kind === "x" ? { x } : grip.kind === "y" ? { y } : { x, y };
}

/**
 * What the pointer would take hold of: the nearest mark, or else the nearest rule.
 * @param {Grip[]} grips
 * @param {Layout} layout
 * @param {number} px
 * @param {number} py
 * @returns {Grip | null}
 */
export function gripAt(grips, layout, px, py) {
  let best = null;
  let least = Infinity;
  for (const grip of grips) {
    const placed = layout.panels[grip.panel];
    if (!placed || !reaches(placed, px, py)) continue;
    const x = grip.kind === "y" ? px : toPixel(placed.x, grip.x);
    const y = grip.kind === "x" ? py : toPixel(placed.y, grip.y);
    const far = Math.hypot(px - x, py - y);
    const within = grip.kind === "point" ? far <= grip.size / 2 + NEAR_POINT : far <= NEAR_RULE;
    const rank = far + (grip.kind === "point" ? 0 : 100);
    if (within && rank < least) [best, least] = [grip, rank];
  }
  return best;
}

/** @param {Placed} placed @param {number} px @param {number} py */
function reaches({ inner }, px, py) {
  const [dx, dy] = [px - inner.x, py - inner.y];
  return dx >= -NEAR_POINT && dx <= inner.w + NEAR_POINT && dy >= -NEAR_POINT && dy <= inner.h + NEAR_POINT;
}

/**
 * Where an arrow key leads: a share of the axis in pixels, so that it suits logarithms too.
 * @param {Placed} placed
 * @param {{x: number, y: number}} point
 * @param {string} key
 * @param {number} share
 * @returns {{x: number, y: number} | null} null for any other key
 */
export function step(placed, point, key, share) {
  const { inner } = placed;
  const moves = {
    ArrowLeft: [-inner.w, 0],
    ArrowRight: [inner.w, 0],
    ArrowUp: [0, -inner.h],
    ArrowDown: [0, inner.h],
  };
  const move = moves[/** @type {keyof typeof moves} */ (key)];
  if (!move) return null;
  const shift = (/** @type {"x" | "y"} */ axis, /** @type {number} */ by) =>
    by === 0 || Number.isNaN(point[axis]) ? point[axis] : toPixel(placed[axis], point[axis]) + by * share;
  const [px, py] = [shift("x", move[0]), shift("y", move[1])];
  const found = dataAt(placed, px, py);
  return { x: move[0] === 0 ? point.x : found.x, y: move[1] === 0 ? point.y : found.y };
}

/**
 * How a grip is called: "P: move along input".
 * @param {Grip} grip
 * @param {Placed} placed
 */
export function gripName(grip, placed) {
  const [x] = nameAndUnit(placed.panel.xlabel);
  const [y] = nameAndUnit(placed.panel.ylabel);
  const axes = grip.kind === "x" ? x : grip.kind === "y" ? y : `${x} and ${y}`;
  return `${grip.label}: move along ${axes || "the axes"}`;
}
