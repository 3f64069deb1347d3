/** The legend: a row of samples above a panel, off the data. */

import { drawSample } from "./samples.js";
import { minus } from "./scale.js";
import { drawRich, parseRich } from "./text.js";

/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").LegendEntry} LegendEntry */
/** @typedef {import("./types.js").LegendRow} LegendRow */
/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Theme} Theme */

export const LEGEND_LINE = 19;
export const SAMPLE = 24; // width of a sample
const SPACE = 7; // from a sample to its name
const BETWEEN = 18; // from an entry to the next
const SIZE = 12;

/**
 * Entries in rows that fit; layers of one name share an entry.
 * @param {Layer[]} layers
 * @param {number} room
 * @param {import("./layout.js").Measure} measure
 * @returns {LegendRow[]}
 */
export function legendRows(layers, room, measure) {
  /** @type {Map<string, LegendEntry>} */
  const entries = new Map();
  for (const layer of layers) {
    if (!layer.label) continue;
    const known = entries.get(layer.label);
    if (known) {
      known.layers.push(layer);
    } else {
      const runs = parseRich(layer.label + rangeOf(layer));
      const width = SAMPLE + SPACE + measure(runs, SIZE);
      entries.set(layer.label, { runs, layers: [layer], width });
    }
  }
  /** @type {LegendRow[]} */
  const rows = [];
  let used = Infinity;
  for (const entry of entries.values()) {
    if (used + BETWEEN + entry.width > room) {
      rows.push([]);
      used = -BETWEEN;
    }
    rows[rows.length - 1].push(entry);
    used += BETWEEN + entry.width;
  }
  return rows;
}

/** What the colours of a map reach from and to. @param {Layer} layer */
function rangeOf(layer) {
  if (layer.kind !== "heat" || layer.palette === "basins") return "";
  const [low, high] = [layer.vmin ?? 0, layer.vmax ?? 1].map((value) => minus(String(Number(value.toPrecision(3)))));
  return ` (${low} … ${high})`;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} placed
 * @param {Theme} theme
 */
export function drawLegend(context, placed, theme) {
  const { inner, legend } = placed;
  legend.forEach((row, k) => {
    const y = inner.y - 9 - LEGEND_LINE * (legend.length - 1 - k) - LEGEND_LINE / 2;
    let x = inner.x;
    for (const entry of row) {
      for (const layer of entry.layers) drawSample(context, layer, { x, y, w: SAMPLE }, theme);
      context.fillStyle = theme.roles.ink;
      drawRich(context, entry.runs, x + SAMPLE + SPACE, y + 4, { size: SIZE, family: theme.font });
      x += entry.width + BETWEEN;
    }
  });
}
