/** A grid of values as colours. */

import { at } from "./references.js";
import { toPixel } from "./scale.js";
import { parseColor, sequential } from "./theme.js";

/** @typedef {import("./types.js").HeatLayer} HeatLayer */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").Theme} Theme */

/** @typedef {[number, number, number]} Color */

const SHADES = Array.from({ length: 256 }, (_, k) => sequential(k / 255));

/**
 * A function from values to colours; basins come round again, counts stay at the last one.
 * @param {HeatLayer} layer
 * @param {Theme} theme
 * @returns {(value: number) => Color}
 */
export function heatColors(layer, theme) {
  if (layer.palette === "basins" || layer.palette === "counts") {
    const cyclic = layer.palette === "basins";
    const colors = (cyclic ? theme.basins : theme.counts).map(colorAsNumbers);
    return (value) => {
      const k = Math.max(0, Math.round(value));
      return colors[cyclic ? k % colors.length : Math.min(k, colors.length - 1)];
    };
  }
  const low = layer.vmin ?? 0;
  const range = (layer.vmax ?? 1) - low || 1;
  return (value) => SHADES[Math.round(255 * Math.min(Math.max((value - low) / range, 0), 1))];
}

/** @param {string} text @returns {Color} */
function colorAsNumbers(text) {
  const [r, g, b] = parseColor(text) ?? [0, 0, 0];
  return [r, g, b];
}

/**
 * Red, green, blue and opacity of every value, the top row first.
 * @param {HeatLayer} layer
 * @param {Numbers} values
 * @param {Theme} theme
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function heatPixels(layer, values, theme) {
  const { nx, ny } = layer;
  const pixels = new Uint8ClampedArray(4 * nx * ny);
  const colors = heatColors(layer, theme);
  for (let row = 0; row < ny; row++) {
    for (let column = 0; column < nx; column++) {
      const value = at(values, row * nx + column);
      if (!Number.isFinite(value)) continue;
      const place = 4 * ((ny - 1 - row) * nx + column);
      pixels.set(colors(value), place);
      pixels[place + 3] = 255;
    }
  }
  return pixels;
}

/** Images made so far. @type {WeakMap<HeatLayer, {dark: boolean, image: HTMLCanvasElement}>} */
const made = new WeakMap();

/** @param {HeatLayer} layer @param {Numbers} values @param {Theme} theme */
function imageOf(layer, values, theme) {
  const known = made.get(layer);
  if (known && known.dark === theme.dark) return known.image;
  const image = document.createElement("canvas");
  image.width = layer.nx;
  image.height = layer.ny;
  const pixels = new ImageData(heatPixels(layer, values, theme), layer.nx, layer.ny);
  image.getContext("2d")?.putImageData(pixels, 0, 0);
  made.set(layer, { dark: theme.dark, image });
  return image;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HeatLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawHeat(context, layer, { placed, theme, read }) {
  if (layer.nx < 1 || layer.ny < 1) return;
  const image = imageOf(layer, read(layer.values), theme);
  context.imageSmoothingEnabled = false;
  const [left, right] = layer.x.map((edge) => toPixel(placed.x, edge));
  const [bottom, top] = layer.y.map((edge) => toPixel(placed.y, edge));
  if (!placed.x.log && !placed.y.log) {
    context.drawImage(image, left, top, right - left, bottom - top);
    return;
  }
  const { nx, ny } = layer;
  const xs = edges(placed.x, layer.x, nx);
  const ys = edges(placed.y, layer.y, ny);
  for (let row = 0; row < ny; row++) {
    for (let column = 0; column < nx; column++) {
      const [x, y] = [xs[column], ys[row + 1]];
      const [w, h] = [xs[column + 1] - x, ys[row] - y];
      context.drawImage(image, column, ny - 1 - row, 1, 1, x, y, w + 0.5, h + 0.5);
    }
  }
}

/**
 * Edges of equal cells in pixels.
 * @param {import("./types.js").Scale} scale
 * @param {[number, number]} ends
 * @param {number} n
 */
function edges(scale, [low, high], n) {
  return Array.from({ length: n + 1 }, (_, k) => toPixel(scale, low + ((high - low) * k) / n));
}
