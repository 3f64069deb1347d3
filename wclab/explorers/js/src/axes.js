/** Grid, axes, ticks and labels of a panel. */

import { LINE, SIZES, TICK_LENGTH } from "./layout.js";
import { LEGEND_LINE } from "./legend.js";
import { toPixel } from "./scale.js";
import { drawRich, parseRich } from "./text.js";

/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Theme} Theme */

/** A pixel's centre, so that a line of one pixel is sharp. @param {number} value */
const crisp = (value) => Math.round(value - 0.5) + 0.5;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} placed
 * @param {Theme} theme
 */
export function drawGrid(context, placed, theme) {
  const { inner } = placed;
  context.setLineDash([]);
  context.strokeStyle = theme.grid;
  context.lineWidth = 1;
  context.beginPath();
  for (const { value, label } of placed.xticks) {
    if (label === "") continue;
    const x = crisp(toPixel(placed.x, value));
    context.moveTo(x, inner.y);
    context.lineTo(x, inner.y + inner.h);
  }
  for (const { value, label } of placed.yticks) {
    if (label === "") continue;
    const y = crisp(toPixel(placed.y, value));
    context.moveTo(inner.x, y);
    context.lineTo(inner.x + inner.w, y);
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Placed} placed
 * @param {Theme} theme
 */
export function drawAxes(context, placed, theme) {
  const { inner } = placed;
  const bottom = inner.y + inner.h;
  context.setLineDash([]);
  context.strokeStyle = theme.axis;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(crisp(inner.x), inner.y);
  context.lineTo(crisp(inner.x), crisp(bottom));
  context.lineTo(inner.x + inner.w, crisp(bottom));
  for (const { value, label } of placed.xticks) {
    const x = crisp(toPixel(placed.x, value));
    context.moveTo(x, bottom);
    context.lineTo(x, bottom + (label === "" ? TICK_LENGTH / 2 : TICK_LENGTH));
  }
  for (const { value, label } of placed.yticks) {
    const y = crisp(toPixel(placed.y, value));
    context.moveTo(inner.x, y);
    context.lineTo(inner.x - (label === "" ? TICK_LENGTH / 2 : TICK_LENGTH), y);
  }
  context.stroke();
  drawTickLabels(context, placed, theme);
  drawLabels(context, placed, theme);
}

/** @param {CanvasRenderingContext2D} context @param {Placed} placed @param {Theme} theme */
function drawTickLabels(context, placed, theme) {
  const { inner } = placed;
  const look = { size: SIZES.tick, family: theme.font };
  context.fillStyle = theme.roles.ink;
  for (const { value, label } of placed.xticks) {
    const y = inner.y + inner.h + TICK_LENGTH + 5 + 9;
    drawRich(context, parseRich(label), toPixel(placed.x, value), y, { ...look, align: "center" });
  }
  for (const { value, label } of placed.yticks) {
    const y = toPixel(placed.y, value) + SIZES.tick * 0.36;
    drawRich(context, parseRich(label), inner.x - TICK_LENGTH - 4, y, { ...look, align: "right" });
  }
}

/** @param {CanvasRenderingContext2D} context @param {Placed} placed @param {Theme} theme */
function drawLabels(context, placed, theme) {
  const { inner, outer, title, xlabel, ylabel, legend } = placed;
  const look = { size: SIZES.label, family: theme.font, align: /** @type {const} */ ("center") };
  context.fillStyle = theme.roles.ink;
  const under = inner.y + inner.h + TICK_LENGTH + 5 + 13 + 3;
  xlabel.forEach((runs, k) => {
    drawRich(context, runs, inner.x + inner.w / 2, under + LINE * k + 12, look);
  });
  const head = inner.y - 10 - LEGEND_LINE * legend.length;
  title.forEach((runs, k) => {
    const y = head - (LINE + 2) * (title.length - 1 - k) - 4;
    drawRich(context, runs, inner.x, y, { size: SIZES.title, family: theme.font, bold: true });
  });
  context.save();
  context.translate(outer.x + 8, inner.y + inner.h / 2);
  context.rotate(-Math.PI / 2);
  ylabel.forEach((runs, k) => drawRich(context, runs, 0, LINE * k + 12, look));
  context.restore();
}
