import assert from "node:assert/strict";
import { test } from "node:test";
import { boxAt, momentAt, momentText, pointText } from "../src/cursor.js";
import { arrowLength, arrows, outline, shadeOf } from "../src/draw_field.js";
import { heatColors, heatPixels } from "../src/draw_heat.js";
import { pattern, trace } from "../src/draw_line.js";
import { corners } from "../src/draw_markers.js";
import { noteLeft } from "../src/draw_note.js";
import { parseColor, themeFor } from "../src/theme.js";
import { frame, placed } from "./helpers.js";

const panel = placed();
const list = (/** @type {number[]} */ ...values) => ({
  n: values.length,
  array: new Float32Array(values),
  start: 0,
  step: 0,
});

test("dashes grow with the line, and a solid line has none", () => {
  assert.deepEqual(pattern("solid", 2), []);
  assert.deepEqual(pattern(undefined, 2), []);
  assert.deepEqual(pattern("dashed", 2), pattern("dashed", 1).map((part) => 2 * part));
  assert.equal(pattern("dashdot", 1).length, 4);
  assert.equal(new Set(["dashed", "dotted", "dashdot"].map((d) => String(pattern(/** @type {any} */ (d), 2)))).size, 3);
});

/** @param {import("../src/types.js").Numbers} x @param {import("../src/types.js").Numbers} y */
function path(x, y) {
  /** @type {[string, number, number][]} */
  const calls = [];
  const note = (/** @type {string} */ name) => (/** @type {number} */ a, /** @type {number} */ b) =>
    void calls.push([name, Math.round(a), Math.round(b)]);
  trace({ moveTo: note("move"), lineTo: note("line") }, panel, x, y);
  return calls;
}

test("a line goes through its points in pixels, and NaN breaks it", () => {
  assert.deepEqual(path(list(0, 5, NaN, 5, 10), list(0, 0.5, 0, 1, 1)), [
    ["move", 50, 120],
    ["line", 150, 70],
    ["move", 150, 20],
    ["line", 250, 20],
  ]);
});

test("points that cannot be told apart are left out, but never the last", () => {
  const calls = path(list(0, 5, 5.001, 5.002, 5.003), list(0, 0.5, 0.5, 0.5, 0.5));
  assert.equal(calls.length, 3);
});

test("an arrow points where the flow goes on the screen, upwards for growing y", () => {
  const [right, up, slow] = arrows(panel, list(5, 5, 5), list(0.5, 0.5, 0.5), list(1, 0, 1), list(0, 1, 0.2));
  assert.deepEqual([right.dx, right.dy + 0], [1, 0]);
  assert.deepEqual([up.dx, up.dy], [0, -1]);
  // 1 per time is 20 pixels along x; 0.2 is 20 pixels along y: 45 degrees
  assert.ok(Math.abs(slow.dx - Math.SQRT1_2) < 1e-6 && Math.abs(slow.dy + Math.SQRT1_2) < 1e-6);
});

test("no arrow stands where nothing moves or nothing is known", () => {
  assert.deepEqual(arrows(panel, list(5, 5), list(0.5, 0.5), list(0, NaN), list(0, 1)), []);
});

test("an arrow has its length, its centre and a head as wide on both sides", () => {
  const shape = outline({ x: 10, y: 20, dx: 0.6, dy: -0.8, speed: 1 }, 12);
  const between = (/** @type {number[]} */ a, /** @type {number[]} */ b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  assert.ok(Math.abs(between(shape.tail, shape.tip) - 12) < 1e-9);
  assert.ok(Math.abs((shape.tail[0] + shape.tip[0]) / 2 - 10) < 1e-9);
  assert.ok(Math.abs(between(shape.barbs[0], shape.tip) - between(shape.barbs[1], shape.tip)) < 1e-9);
});

test("faster arrows are darker, and arrows fit between grid points", () => {
  assert.equal(shadeOf(1, 1), 3);
  assert.ok(shadeOf(0.01, 1) < shadeOf(0.5, 1));
  assert.ok(arrowLength(400, 400, 400) < 20);
  assert.ok(arrowLength(100, 100, 1e6) >= 5);
});

test("each shape but the circle has corners around its centre", () => {
  assert.equal(corners("circle").length, 0);
  assert.deepEqual(["square", "diamond", "triangle"].map((s) => corners(/** @type {any} */ (s)).length), [4, 4, 3]);
});

/** @type {import("../src/types.js").HeatLayer} */
const heat = { kind: "heat", panel: 0, x: [0, 1], y: [0, 1], nx: 2, ny: 2, values: { at: 0, n: 4 } };

test("row 0 of a map is the lowest, and NaN is nothing", () => {
  const pixels = heatPixels({ ...heat, vmin: 0, vmax: 1 }, list(0, 1, NaN, 0), themeFor("#ffffff"));
  assert.deepEqual([...pixels.slice(8, 12)], [...(parseColor("#00224e") ?? []).slice(0, 3), 255]);
  assert.deepEqual([...pixels.slice(12, 15)], (parseColor("#fee838") ?? []).slice(0, 3));
  assert.equal(pixels[3], 0);
});

test("basins come round again, counts stay at the last colour", () => {
  const theme = themeFor("#ffffff");
  const color = (/** @type {any} */ palette, /** @type {number} */ value) =>
    String(heatColors({ ...heat, palette }, theme)(value));
  assert.equal(color("basins", 7), color("basins", 0));
  assert.equal(color("counts", 99), color("counts", 6));
  assert.notEqual(color("counts", 0), color("counts", 1));
});

test("a note is moved inward so that it is never clipped", () => {
  const inner = { x: 50, w: 200 };
  assert.equal(noteLeft(100, 40, "left", inner), 107);
  assert.equal(noteLeft(100, 40, "center", inner), 80);
  assert.equal(noteLeft(245, 40, "left", inner), 206);
  assert.equal(noteLeft(51, 40, "right", inner), 54);
});

test("the box with values stays inside the panel", () => {
  for (const [x, y] of [[50, 20], [250, 20], [50, 120], [250, 120], [150, 70]]) {
    const [left, top] = boxAt(x, y, 90, 23, panel.inner);
    assert.ok(left >= 50 && left + 90 <= 250 && top >= 20 && top + 23 <= 120, `${left} ${top}`);
  }
});

const data = new Float32Array([0.1, 0.2, 0.3, 0.4]);
/** @type {import("../src/types.js").Reference} */
const clock = { start: 0, step: 2.5, n: 4 };
const lines = frame(
  [panel.panel, panel.panel],
  [
    { kind: "line", panel: 0, x: clock, y: { at: 0, n: 4 }, label: "<i>E</i>", cursor: true },
    { kind: "line", panel: 1, x: { at: 0, n: 4 }, y: { at: 0, n: 4 }, cursor: true },
  ],
);

test("the time cursor finds the moment under the pointer and says the values there", () => {
  const index = momentAt(lines, data, 0, 4.9);
  assert.equal(index, 2);
  const layout = { width: 0, height: 0, panels: [panel, { ...panel, index: 1 }] };
  const marks = { hover: null, cross: null, held: null, time: { panel: 0, index } };
  const picture = { frame: lines, data, layout, marks, theme: themeFor("#ffffff") };
  assert.equal(momentText(picture), "time 5.00 ms, E 0.30");
});

test("a panel without linked lines has no moment", () => {
  assert.equal(momentAt(frame([panel.panel]), data, 0, 1), -1);
});

test("coordinates are said with the names and units of the axes", () => {
  assert.equal(pointText(panel, 5, 0.5), "time 5.00 ms, E 0.50");
});
