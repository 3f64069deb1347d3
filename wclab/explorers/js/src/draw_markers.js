/** Marks: filled ones, and hollow ones with the background inside. */

import { at } from "./references.js";
import { toPixel } from "./scale.js";

/** @typedef {import("./types.js").Shape} Shape */

const EDGE = 1.6;

/**
 * The corners of a mark of diameter 1 around the origin; none for a circle.
 * @param {Shape | undefined} shape
 * @returns {[number, number][]}
 */
export function corners(shape) {
  if (shape === "square") return [[-0.44, -0.44], [0.44, -0.44], [0.44, 0.44], [-0.44, 0.44]];
  if (shape === "diamond") return [[0, -0.6], [0.6, 0], [0, 0.6], [-0.6, 0]];
  if (shape === "triangle") return [[0, -0.58], [0.54, 0.42], [-0.54, 0.42]];
  return [];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shape | undefined} shape
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {string} color
 * @param {string} inside
 */
export function drawMark(context, shape, x, y, size, color, inside) {
  context.setLineDash([]);
  context.lineJoin = "miter";
  context.strokeStyle = color;
  context.fillStyle = inside;
  context.lineWidth = shape === "cross" ? 2 : EDGE;
  context.beginPath();
  if (shape === "cross") {
    const r = size * 0.42;
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x + r, y - r);
    context.lineTo(x - r, y + r);
    context.stroke();
    return;
  }
  const points = corners(shape);
  const span = size - EDGE;
  if (points.length === 0) context.arc(x, y, span / 2, 0, 2 * Math.PI);
  points.forEach(([dx, dy], k) => {
    if (k === 0) context.moveTo(x + dx * span, y + dy * span);
    else context.lineTo(x + dx * span, y + dy * span);
  });
  if (points.length > 0) context.closePath();
  context.fill();
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").MarkersLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawMarkers(context, layer, { placed, color, theme, read, held }) {
  const [x, y] = [read(layer.x), read(layer.y)];
  const { inner } = placed;
  const size = layer.size ?? 9;
  const inside = layer.filled === false ? theme.background : color;
  for (let k = 0; k < Math.min(x.n, y.n); k++) {
    const moved = held(layer.drag, k);
    const px = toPixel(placed.x, moved ? moved.x : at(x, k));
    const py = toPixel(placed.y, moved ? moved.y : at(y, k));
    const seen = px >= inner.x - 1 && px <= inner.x + inner.w + 1;
    if (!seen || !(py >= inner.y - 1 && py <= inner.y + inner.h + 1)) continue;
    if (layer.drag) drawAura(context, px, py, size, color);
    drawMark(context, layer.shape, px, py, size, color, inside);
  }
}

/**
 * A pale disc around a mark that can be moved.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {string} color
 */
function drawAura(context, x, y, size, color) {
  context.save();
  context.globalAlpha *= 0.22;
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, size / 2 + 6, 0, 2 * Math.PI);
  context.fill();
  context.restore();
}
