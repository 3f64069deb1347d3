/** A vector field: arrows of one length on the screen, more distinct where the flow is faster. */

import { at } from "./references.js";
import { slope, toPixel } from "./scale.js";

/** @typedef {import("./types.js").Placed} Placed */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {{x: number, y: number, dx: number, dy: number, speed: number}} Arrow centre, unit direction, pixels per time */

const SHADES = [0.34, 0.5, 0.68, 0.88]; // opacities, from slow to fast

/**
 * Centres and directions of the arrows in pixels; points without a direction have no arrow.
 * @param {Placed} placed
 * @param {Numbers} x
 * @param {Numbers} y
 * @param {Numbers} u
 * @param {Numbers} v
 * @returns {Arrow[]}
 */
export function arrows(placed, x, y, u, v) {
  /** @type {Arrow[]} */
  const found = [];
  for (let k = 0; k < Math.min(x.n, y.n, u.n, v.n); k++) {
    const [cx, cy] = [at(x, k), at(y, k)];
    const dx = at(u, k) * slope(placed.x, cx);
    const dy = at(v, k) * slope(placed.y, cy);
    const speed = Math.hypot(dx, dy);
    if (!(speed > 0) || !Number.isFinite(speed)) continue;
    const [px, py] = [toPixel(placed.x, cx), toPixel(placed.y, cy)];
    found.push({ x: px, y: py, dx: dx / speed, dy: dy / speed, speed });
  }
  return found;
}

/**
 * Which shade an arrow has: equal steps of the square root of its share of the highest speed.
 * @param {number} speed
 * @param {number} fastest
 */
export function shadeOf(speed, fastest) {
  return Math.min(SHADES.length - 1, Math.floor(Math.sqrt(speed / fastest) * SHADES.length));
}

/**
 * Length of the arrows: a part of the distance between grid points.
 * @param {number} width
 * @param {number} height
 * @param {number} n
 */
export function arrowLength(width, height, n) {
  return Math.min(Math.max(0.6 * Math.sqrt((width * height) / Math.max(n, 1)), 5), 17);
}

/**
 * Tail, neck, tip and the two barbs of an arrow of a length.
 * @param {Arrow} arrow
 * @param {number} length
 */
export function outline({ x, y, dx, dy }, length) {
  const head = Math.min(0.42 * length, 5.5);
  const half = length / 2;
  const [nx, ny] = [x + dx * (half - head), y + dy * (half - head)];
  const wing = 0.42 * head;
  return {
    tail: [x - dx * half, y - dy * half],
    neck: [nx, ny],
    tip: [x + dx * half, y + dy * half],
    barbs: [
      [nx - dy * wing, ny + dx * wing],
      [nx + dy * wing, ny - dx * wing],
    ],
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").FieldLayer} layer
 * @param {import("./draw.js").Painting} painting
 */
export function drawField(context, layer, { placed, color, read }) {
  const x = read(layer.x);
  const list = arrows(placed, x, read(layer.y), read(layer.u), read(layer.v));
  const length = arrowLength(placed.inner.w, placed.inner.h, x.n);
  let fastest = 0;
  for (const arrow of list) fastest = Math.max(fastest, arrow.speed);
  const alpha = context.globalAlpha;
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1;
  context.setLineDash([]);
  SHADES.forEach((shade, level) => {
    const [shafts, heads] = [new Path2D(), new Path2D()];
    for (const arrow of list) {
      if (shadeOf(arrow.speed, fastest) !== level) continue;
      const { tail, neck, tip, barbs } = outline(arrow, length);
      shafts.moveTo(tail[0], tail[1]);
      shafts.lineTo(neck[0], neck[1]);
      heads.moveTo(tip[0], tip[1]);
      for (const barb of barbs) heads.lineTo(barb[0], barb[1]);
      heads.closePath();
    }
    context.globalAlpha = alpha * shade;
    context.stroke(shafts);
    context.fill(heads);
  });
}
