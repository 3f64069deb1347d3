/** What follows the pointer or the keys: coordinates, cross-hair, and one moment on linked lines. */

import { at, nearest, numbers } from "./references.js";
import { readout, toPixel } from "./scale.js";
import { drawRich, measureRich, nameAndUnit, parseRich, plain } from "./text.js";
import { colorOf } from "./theme.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").LineLayer} LineLayer */
/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Theme} Theme */
/** @typedef {import("./types.js").Marks} Marks */
/** @typedef {{frame: Frame, data: Float32Array, layout: import("./types.js").Layout, theme: Theme, marks: Marks}} Picture */

/**
 * The lines that a time cursor marks.
 * @param {Frame} frame
 * @returns {LineLayer[]}
 */
export function linked(frame) {
  return /** @type {LineLayer[]} */ (
    frame.layers.filter((layer) => layer.kind === "line" && layer.cursor)
  );
}

/**
 * Index of the moment nearest to x on the first linked line of a panel, or -1.
 * @param {Frame} frame
 * @param {Float32Array} data
 * @param {number} panel
 * @param {number} x
 * @returns {number}
 */
export function momentAt(frame, data, panel, x) {
  const line = linked(frame).find((layer) => layer.panel === panel);
  return line ? nearest(numbers(line.x, data), x) : -1;
}

/**
 * The values at a moment, in words: "time 31.2 ms, E 0.313, I 0.101".
 * @param {Picture} picture
 * @returns {string}
 */
export function momentText({ frame, data, layout, marks }) {
  const time = marks.time;
  if (!time) return "";
  const parts = [];
  const seen = new Set();
  for (const line of linked(frame)) {
    const placed = layout.panels[line.panel];
    if (line.panel !== time.panel || !placed) continue;
    if (parts.length === 0) parts.push(named(placed, "x", at(numbers(line.x, data), time.index)));
    const name = plain(line.label) || nameAndUnit(placed.panel.ylabel)[0];
    if (seen.has(name)) continue;
    seen.add(name);
    parts.push(`${name} ${readout(placed.y, at(numbers(line.y, data), time.index))}`);
  }
  return parts.join(", ");
}

/**
 * Name, value and unit on one axis.
 * @param {Placed} placed
 * @param {"x" | "y"} axis
 * @param {number} value
 */
function named(placed, axis, value) {
  const [name, unit] = nameAndUnit(axis === "x" ? placed.panel.xlabel : placed.panel.ylabel);
  return `${name || axis} ${readout(placed[axis], value)}${unit ? ` ${unit}` : ""}`;
}

/**
 * The coordinates of a point in words: "E 0.21, I 0.10".
 * @param {Placed} placed
 * @param {number} x
 * @param {number} y
 */
export function pointText(placed, x, y) {
  return `${named(placed, "x", x)}, ${named(placed, "y", y)}`;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 */
export function drawMarks(context, picture) {
  const { layout, theme, marks } = picture;
  if (marks.cross) drawCross(context, layout.panels[marks.cross.panel], marks.cross, theme);
  if (marks.time) drawMoment(context, picture);
  const point = marks.held ?? marks.cross ?? (marks.time ? null : marks.hover);
  const placed = point && layout.panels[point.panel];
  if (!point || !placed) return;
  const along = point === marks.held ? marks.held.kind : "point";
  const text =
    along === "point" ? pointText(placed, point.x, point.y) : named(placed, along, point[along]);
  drawBox(context, placed, toPixel(placed.x, point.x), toPixel(placed.y, point.y), text, theme);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed | undefined} placed
 * @param {{x: number, y: number}} point
 * @param {Theme} theme
 */
function drawCross(context, placed, point, theme) {
  if (!placed) return;
  const { inner } = placed;
  const [x, y] = [toPixel(placed.x, point.x), toPixel(placed.y, point.y)];
  context.setLineDash([]);
  context.strokeStyle = theme.roles.accent;
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(x, inner.y);
  context.lineTo(x, inner.y + inner.h);
  context.moveTo(inner.x, y);
  context.lineTo(inner.x + inner.w, y);
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture */
function drawMoment(context, picture) {
  const { frame, data, layout, theme, marks } = picture;
  const time = marks.time;
  const placed = time && layout.panels[time.panel];
  if (!time || !placed) return;
  const lines = linked(frame);
  const first = lines.find((line) => line.panel === time.panel);
  if (!first) return;
  const x = toPixel(placed.x, at(numbers(first.x, data), time.index));
  context.setLineDash([]);
  context.strokeStyle = theme.roles.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, placed.inner.y);
  context.lineTo(x, placed.inner.y + placed.inner.h);
  context.stroke();
  for (const line of lines) drawRing(context, layout.panels[line.panel], line, data, time.index, theme);
  drawBox(context, placed, x, placed.inner.y + 18, momentText(picture), theme);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed | undefined} placed
 * @param {LineLayer} line
 * @param {Float32Array} data
 * @param {number} index
 * @param {Theme} theme
 */
function drawRing(context, placed, line, data, index, theme) {
  if (!placed) return;
  const x = toPixel(placed.x, at(numbers(line.x, data), index));
  const y = toPixel(placed.y, at(numbers(line.y, data), index));
  const { inner } = placed;
  const inside = x >= inner.x && x <= inner.x + inner.w && y >= inner.y && y <= inner.y + inner.h;
  if (!inside) return;
  context.fillStyle = theme.background;
  context.strokeStyle = colorOf(theme, line.color);
  context.lineWidth = 2.2;
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

/**
 * Where a box of some size stands beside a point, inside a panel.
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {import("./types.js").Rect} inner
 * @returns {[number, number]} its upper left corner
 */
export function boxAt(x, y, w, h, inner) {
  const right = inner.x + inner.w;
  const left = x + 12 + w <= right ? x + 12 : Math.max(inner.x + 2, x - 12 - w);
  const top = y - 10 - h >= inner.y ? y - 10 - h : y + 14;
  return [Math.min(left, Math.max(inner.x + 2, right - w - 2)), Math.min(top, inner.y + inner.h - h)];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} placed
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Theme} theme
 */
function drawBox(context, placed, x, y, text, theme) {
  const runs = parseRich(text);
  const w = measureRich(context, runs, 12, theme.font) + 14;
  const [left, top] = boxAt(x, y, w, 23, placed.inner);
  context.globalAlpha = 0.94;
  context.fillStyle = theme.background;
  context.fillRect(left, top, w, 23);
  context.globalAlpha = 1;
  context.strokeStyle = theme.roles.muted;
  context.lineWidth = 1;
  context.setLineDash([]);
  context.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, Math.round(w) - 1, 22);
  context.fillStyle = theme.roles.ink;
  drawRich(context, runs, left + 7, top + 16, { size: 12, family: theme.font });
}
