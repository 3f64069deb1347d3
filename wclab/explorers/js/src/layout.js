/** Where each panel lies: side by side where there is room, one under another where there is not. */

import { legendRows, LEGEND_LINE } from "./legend.js";
import { makeScale, ticks } from "./scale.js";
import { parseRich, wrapRich } from "./text.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Panel} Panel */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Runs} Runs */
/** @typedef {import("./types.js").Tick} Tick */
/** @typedef {import("./types.js").Scale} Scale */
/** @typedef {(runs: Runs, size: number, bold?: boolean) => number} Measure */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Margins */
/** @typedef {{index: number, panel: Panel, layers: Layer[]}} Item */

export const STACKED_BELOW = 640;
export const SIZES = { tick: 11, label: 12.5, title: 13.5, legend: 12, note: 12 };
export const TICK_LENGTH = 4;
export const LINE = 17; // height of a line of a label
const COMFORTABLE = 380; // width of a panel beside more than one other
const GAP = 22;
const EDGE = 8;

/**
 * @param {Frame} frame
 * @param {number} width of the canvas in CSS pixels
 * @param {Measure} measure
 * @returns {Layout}
 */
export function layOut(frame, width, measure) {
  const items = frame.panels.map((panel, index) => ({
    index,
    panel,
    layers: frame.layers.filter((layer) => layer.panel === index),
  }));
  let y = 0;
  /** @type {Placed[]} */
  const panels = [];
  for (const row of rowsOf(items, width)) {
    const placed = placeRow(row, width, y, measure);
    panels.push(...placed);
    y = Math.max(...placed.map((panel) => panel.outer.y + panel.outer.h)) + 4;
  }
  return { width, height: Math.ceil(y), panels };
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} width
 * @returns {T[][]}
 */
export function rowsOf(items, width) {
  const most = width < STACKED_BELOW ? 1 : Math.max(2, Math.floor(width / COMFORTABLE));
  const rows = Math.ceil(items.length / most);
  const columns = Math.ceil(items.length / Math.max(rows, 1));
  return Array.from({ length: rows }, (_, k) => items.slice(k * columns, (k + 1) * columns));
}

/**
 * Inner sizes of the panels of a row.
 * @param {Panel[]} panels
 * @param {number} room for all inner widths together
 * @param {boolean} stacked
 * @returns {{widths: number[], height: number}}
 */
export function sizesOf(panels, room, stacked) {
  const weights = panels.map((panel) => panel.width || 1);
  const shares = share(weights, Math.max(room, 60 * panels.length));
  const squares = shares.filter((_, k) => panels[k].square);
  if (squares.length === 0) {
    const [ratio, most] = panels.length > 1 ? [0.85, 380] : [0.52, stacked ? 330 : 400];
    return { widths: shares, height: clamp(Math.min(...shares) * ratio, 190, most) };
  }
  const fair = squares.length < panels.length ? Math.min(280, (0.45 * room) / squares.length) : 0;
  const height = clamp(Math.max(Math.min(...squares), fair), 120, 440);
  const rest = room - height * squares.length;
  const others = share(weights.map((weight, k) => (panels[k].square ? 0 : weight)), rest);
  return { widths: shares.map((_, k) => (panels[k].square ? height : others[k])), height };
}

/** @param {number[]} weights @param {number} room */
function share(weights, room) {
  const sum = weights.reduce((a, b) => a + b, 0) || 1;
  return weights.map((weight) => (weight / sum) * room);
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * @param {Item[]} row
 * @param {number} width
 * @param {number} top
 * @param {Measure} measure
 * @returns {Placed[]}
 */
function placeRow(row, width, top, measure) {
  const stacked = width < STACKED_BELOW;
  /** @type {Margins[]} */
  let margins = row.map(() => ({ left: 56, right: 14, top: 12, bottom: 44 }));
  let sizes = { widths: /** @type {number[]} */ ([]), height: 0 };
  for (let pass = 0; pass < 3; pass++) {
    const around = margins.reduce((sum, m) => sum + m.left + m.right, GAP * (row.length - 1));
    sizes = sizesOf(row.map((item) => item.panel), width - around, stacked);
    margins = row.map((item, k) => marginsOf(item, sizes.widths[k], sizes.height, measure));
  }
  const above = Math.max(...margins.map((m) => m.top));
  const below = Math.max(...margins.map((m) => m.bottom));
  let x = 0;
  return row.map((item, k) => {
    const { left, right } = margins[k];
    const inner = {
      x: Math.round(x + left),
      y: Math.round(top + above),
      w: Math.round(sizes.widths[k]),
      h: Math.round(sizes.height),
    };
    const outer = { x, y: top, w: left + sizes.widths[k] + right, h: above + sizes.height + below };
    x += outer.w + GAP;
    return place(item, outer, inner, measure);
  });
}

/**
 * @param {Item} item
 * @param {import("./types.js").Rect} outer
 * @param {import("./types.js").Rect} inner
 * @param {Measure} measure
 * @returns {Placed}
 */
function place({ index, panel, layers }, outer, inner, measure) {
  const x = makeScale(panel.xscale, panel.xlim, inner.x, inner.x + inner.w);
  const y = makeScale(panel.yscale, panel.ylim, inner.y + inner.h, inner.y);
  return {
    index,
    panel,
    outer,
    inner,
    x,
    y,
    xticks: xTicks(x, measure),
    yticks: yTicks(y),
    ...labelsOf(panel, inner.w, inner.h, measure),
    legend: legendRows(layers, inner.w, measure),
  };
}

/** @param {Panel} panel @param {number} w @param {number} h @param {Measure} measure */
function labelsOf(panel, w, h, measure) {
  const wrap = (/** @type {string | undefined} */ text, /** @type {number} */ room) =>
    wrapRich(parseRich(text), room, (runs) => measure(runs, SIZES.label));
  return {
    xlabel: wrap(panel.xlabel, w),
    ylabel: wrap(panel.ylabel, h),
    title: wrapRich(parseRich(panel.title), w, (runs) => measure(runs, SIZES.title, true)),
  };
}

/**
 * @param {Item} item
 * @param {number} w
 * @param {number} h
 * @param {Measure} measure
 * @returns {Margins}
 */
function marginsOf({ panel, layers }, w, h, measure) {
  const xticks = xTicks(makeScale(panel.xscale, panel.xlim, 0, w), measure);
  const widest = Math.max(
    0,
    ...yTicks(makeScale(panel.yscale, panel.ylim, h, 0)).map((tick) => widthOf(tick, measure)),
  );
  const { xlabel, ylabel, title } = labelsOf(panel, w, h, measure);
  const rows = legendRows(layers, w, measure).length;
  const head = title.length * (LINE + 2) + rows * LEGEND_LINE;
  const last = xticks.length ? widthOf(xticks[xticks.length - 1], measure) / 2 : 0;
  const left = EDGE + ylabel.length * LINE + (ylabel.length ? 6 : 0) + widest + TICK_LENGTH + 5;
  return {
    left: Math.ceil(left / 4) * 4, // so that a longer label seldom moves the panel
    right: Math.ceil(Math.max(12, last + 4)),
    top: head + (head ? 10 : 12),
    bottom: TICK_LENGTH + 5 + 13 + (xlabel.length ? 3 + xlabel.length * LINE : 0) + EDGE,
  };
}

/** @param {Tick} tick @param {Measure} measure */
function widthOf(tick, measure) {
  return measure(parseRich(tick.label), SIZES.tick);
}

/**
 * As many ticks as have room for their labels side by side.
 * @param {Scale} scale
 * @param {Measure} measure
 * @returns {Tick[]}
 */
export function xTicks(scale, measure) {
  const length = Math.abs(scale.to - scale.from);
  for (let count = Math.max(2, Math.floor(length / 70)); count > 1; count--) {
    const found = ticks(scale, count);
    const labelled = found.filter((tick) => tick.label !== "");
    const needed = Math.max(0, ...labelled.map((tick) => widthOf(tick, measure))) + 12;
    if (needed * labelled.length <= length + needed) return found;
  }
  return ticks(scale, 1);
}

/** @param {Scale} scale @returns {Tick[]} */
function yTicks(scale) {
  return ticks(scale, Math.max(2, Math.floor(Math.abs(scale.to - scale.from) / 44)));
}
