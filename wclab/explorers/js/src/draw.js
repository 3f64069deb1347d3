/** A frame on the canvas: panel by panel, layer by layer. */

import { drawAxes, drawGrid } from "./axes.js";
import { drawMarks } from "./cursor.js";
import { drawRegion, drawSpan } from "./draw_areas.js";
import { drawField } from "./draw_field.js";
import { drawHeat } from "./draw_heat.js";
import { drawLine, drawRule } from "./draw_line.js";
import { drawMarkers } from "./draw_markers.js";
import { drawNote } from "./draw_note.js";
import { drawLegend } from "./legend.js";
import { numbers } from "./references.js";
import { colorOf } from "./theme.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").Marks} Marks */
/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Reference} Reference */
/** @typedef {import("./types.js").Theme} Theme */

/**
 * What a layer is drawn with.
 * @typedef {object} Painting
 * @property {Placed} placed
 * @property {Theme} theme
 * @property {string} color
 * @property {(reference: Reference) => import("./types.js").Numbers} read
 * @property {(name: string | undefined, index: number) => import("./types.js").Held | null} held
 */

/** @type {Record<string, (context: CanvasRenderingContext2D, layer: any, painting: Painting) => void>} */
const KINDS = {
  line: drawLine,
  markers: drawMarkers,
  field: drawField,
  span: drawSpan,
  region: drawRegion,
  rule: drawRule,
  heat: drawHeat,
  note: drawNote,
};
const UNCLIPPED = new Set(["markers", "note"]);
const BEHIND_GRID = new Set(["span"]);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{frame: Frame, data: Float32Array, layout: Layout, theme: Theme, marks: Marks}} picture
 */
export function draw(context, picture) {
  const { layout, theme } = picture;
  context.globalAlpha = 1;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, layout.width, layout.height);
  for (const placed of layout.panels) drawPanel(context, placed, picture);
  drawMarks(context, picture);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} placed
 * @param {{frame: Frame, data: Float32Array, theme: Theme, marks: Marks}} picture
 */
function drawPanel(context, placed, { frame, data, theme, marks }) {
  const layers = frame.layers.filter((layer) => layer.panel === placed.index);
  const read = (/** @type {Reference} */ reference) => numbers(reference, data);
  const held = (/** @type {string | undefined} */ name, /** @type {number} */ index) => {
    const mine = marks.held;
    return name && mine?.panel === placed.index && mine.name === name && mine.index === index
      ? mine
      : null;
  };
  const paint = (/** @type {import("./types.js").Layer} */ layer) => {
    context.save();
    if (!UNCLIPPED.has(layer.kind)) clip(context, placed);
    context.globalAlpha = layer.alpha ?? 1;
    const color = colorOf(theme, layer.color);
    KINDS[layer.kind]?.(context, layer, { placed, theme, color, read, held });
    context.restore();
  };
  layers.filter((layer) => BEHIND_GRID.has(layer.kind)).forEach(paint);
  drawGrid(context, placed, theme);
  drawAxes(context, placed, theme);
  layers.filter((layer) => !BEHIND_GRID.has(layer.kind)).forEach(paint);
  drawLegend(context, placed, theme);
}

/** @param {CanvasRenderingContext2D} context @param {Placed} placed */
function clip(context, { inner }) {
  context.beginPath();
  context.rect(inner.x, inner.y, inner.w, inner.h);
  context.clip();
}
