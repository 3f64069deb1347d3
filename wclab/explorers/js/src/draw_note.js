/** A small text at a point. */

import { SIZES } from "./layout.js";
import { toPixel } from "./scale.js";
import { drawRich, measureRich, parseRich } from "./text.js";

/**
 * The left end of a text near a point, moved so that it lies inside.
 * @param {number} x of the point
 * @param {number} width of the text
 * @param {"left" | "center" | "right" | undefined} align
 * @param {{x: number, w: number}} inner
 * @returns {number}
 */
export function noteLeft(x, width, align, inner) {
  const wanted = align === "right" ? x - 7 - width : align === "center" ? x - width / 2 : x + 7;
  return Math.max(inner.x + 4, Math.min(wanted, inner.x + inner.w - width - 4));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").NoteLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawNote(context, layer, { placed, color, theme }) {
  const { inner } = placed;
  const runs = parseRich(layer.text);
  const width = measureRich(context, runs, SIZES.note, theme.font);
  const left = noteLeft(toPixel(placed.x, layer.x), width, layer.align, inner);
  const middle = toPixel(placed.y, layer.y) + SIZES.note * 0.35;
  const base = Math.max(inner.y + 14, Math.min(middle, inner.y + inner.h - 7));
  if (!Number.isFinite(left) || !Number.isFinite(base)) return;
  context.fillStyle = color;
  const look = { size: SIZES.note, family: theme.font, halo: theme.background };
  drawRich(context, runs, left, base, look);
}
