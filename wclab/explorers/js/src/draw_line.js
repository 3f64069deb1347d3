/** Lines and rules. */

import { at } from "./references.js";
import { toPixel } from "./scale.js";

/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").Dash} Dash */

const NEAR = 0.3; // pixels; a point this near to the last one is not seen

/**
 * The dash pattern of a line of some width.
 * @param {Dash | undefined} dash
 * @param {number} width
 * @returns {number[]}
 */
export function pattern(dash, width) {
  const unit = Math.max(width, 1);
  const units = { solid: [], dashed: [3.6, 2.2], dotted: [1, 1.9], dashdot: [4.6, 1.8, 1, 1.8] };
  return (units[dash ?? "solid"] ?? []).map((part) => part * unit);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} color
 * @param {number} width
 * @param {Dash} [dash]
 */
export function stroke(context, color, width, dash) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = "butt";
  context.setLineDash(pattern(dash, width));
}

/**
 * Hand the points of a line in pixels to a path; what is no number breaks it.
 * @param {{moveTo(x: number, y: number): void, lineTo(x: number, y: number): void}} path
 * @param {Placed} placed
 * @param {Numbers} x
 * @param {Numbers} y
 */
export function trace(path, placed, x, y) {
  let [lastX, lastY] = [NaN, NaN];
  let broken = true;
  const n = Math.min(x.n, y.n);
  for (let k = 0; k < n; k++) {
    const px = toPixel(placed.x, at(x, k));
    const py = toPixel(placed.y, at(y, k));
    if (px !== px || py !== py) {
      broken = true;
      continue;
    }
    if (broken) path.moveTo(px, py);
    else if (Math.abs(px - lastX) < NEAR && Math.abs(py - lastY) < NEAR && k < n - 1) continue;
    else path.lineTo(px, py);
    broken = false;
    lastX = px;
    lastY = py;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").LineLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawLine(context, layer, { placed, color, read }) {
  stroke(context, color, layer.width ?? 1.8, layer.dash);
  context.beginPath();
  trace(context, placed, read(layer.x), read(layer.y));
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").RuleLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawRule(context, layer, { placed, color, held }) {
  const { inner } = placed;
  const value = held(layer.drag, 0)?.[layer.axis] ?? layer.at;
  const width = layer.drag ? 2 : 1.2;
  stroke(context, color, width, layer.dash);
  context.beginPath();
  if (layer.axis === "x") {
    const x = toPixel(placed.x, value);
    context.moveTo(x, inner.y);
    context.lineTo(x, inner.y + inner.h);
  } else {
    const y = toPixel(placed.y, value);
    context.moveTo(inner.x, y);
    context.lineTo(inner.x + inner.w, y);
  }
  context.stroke();
  if (layer.drag) drawHandle(context, layer.axis, placed, value, color);
}

/**
 * A knob on a rule that can be moved.
 * @param {CanvasRenderingContext2D} context
 * @param {"x" | "y"} axis
 * @param {Placed} placed
 * @param {number} value
 * @param {string} color
 */
function drawHandle(context, axis, placed, value, color) {
  const { inner } = placed;
  const [x, y] =
    axis === "x"
      ? [toPixel(placed.x, value), inner.y + inner.h - 9]
      : [inner.x + 9, toPixel(placed.y, value)];
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fill();
}
