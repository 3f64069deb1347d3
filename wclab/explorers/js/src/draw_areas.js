/** Bands and filled polygons. */

import { trace } from "./draw_line.js";
import { toPixel } from "./scale.js";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").SpanLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawSpan(context, layer, { placed, color }) {
  const { inner } = placed;
  const scale = layer.axis === "x" ? placed.x : placed.y;
  const [a, b] = [toPixel(scale, layer.from), toPixel(scale, layer.to)].sort((p, q) => p - q);
  context.fillStyle = color;
  if (layer.axis === "x") context.fillRect(a, inner.y, b - a, inner.h);
  else context.fillRect(inner.x, a, inner.w, b - a);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").RegionLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawRegion(context, layer, { placed, color, read }) {
  context.fillStyle = color;
  context.beginPath();
  trace(context, placed, read(layer.x), read(layer.y));
  context.fill();
}
