/** A small sample of a layer, for the legend. */

import { heatColors } from "./draw_heat.js";
import { stroke } from "./draw_line.js";
import { drawMark } from "./draw_markers.js";
import { colorOf } from "./theme.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").Theme} Theme */
/** @typedef {{x: number, y: number, w: number}} Place left end, centre line, width */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layer} layer
 * @param {Place} place
 * @param {Theme} theme
 */
export function drawSample(context, layer, place, theme) {
  context.save();
  context.globalAlpha = layer.alpha ?? 1;
  const color = colorOf(theme, layer.color);
  if (layer.kind === "line" || layer.kind === "rule") {
    stroke(context, color, layer.kind === "line" ? (layer.width ?? 1.8) : 1.2, layer.dash);
    context.beginPath();
    context.moveTo(place.x, place.y);
    context.lineTo(place.x + place.w, place.y);
    context.stroke();
  } else if (layer.kind === "markers") {
    const inside = layer.filled === false ? theme.background : color;
    const size = Math.min(layer.size ?? 9, 10);
    drawMark(context, layer.shape, place.x + place.w / 2, place.y, size, color, inside);
  } else if (layer.kind === "heat") {
    heatSample(context, layer, place, theme);
  } else if (layer.kind === "field") {
    fieldSample(context, color, place);
  } else {
    context.fillStyle = color;
    context.fillRect(place.x + 2, place.y - 6, place.w - 4, 12);
  }
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").HeatLayer} layer
 * @param {Place} place
 * @param {Theme} theme
 */
function heatSample(context, layer, place, theme) {
  const low = layer.vmin ?? 0;
  const high = layer.vmax ?? 1;
  const colors = heatColors(layer, theme);
  for (let k = 0; k < place.w; k++) {
    const [r, g, b] = colors(low + ((high - low) * (k + 0.5)) / place.w);
    context.fillStyle = `rgb(${r}, ${g}, ${b})`;
    context.fillRect(place.x + k, place.y - 6, 1, 12);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} color @param {Place} place */
function fieldSample(context, color, { x, y, w }) {
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1.1;
  context.beginPath();
  context.moveTo(x + 4, y);
  context.lineTo(x + w - 8, y);
  context.stroke();
  context.beginPath();
  context.moveTo(x + w - 4, y);
  context.lineTo(x + w - 9, y - 2.5);
  context.lineTo(x + w - 9, y + 2.5);
  context.fill();
}
