import assert from "node:assert/strict";
import { test } from "node:test";
import { dataAt, gripAt, gripName, gripsOf, panelAt, step } from "../src/hit.js";
import { gripAttributes, panelName } from "../src/keys.js";
import { frame, placed } from "./helpers.js";

const panel = placed();
const layout = { width: 270, height: 160, panels: [panel] };
const data = new Float32Array([2, 8, 0.25, 0.75]);
const scene = frame([panel.panel], [
  { kind: "markers", panel: 0, x: { at: 0, n: 2 }, y: { at: 2, n: 2 }, drag: "start", label: "<i>s</i>" },
  { kind: "markers", panel: 0, x: { at: 0, n: 2 }, y: { at: 2, n: 2 } },
  { kind: "rule", panel: 0, axis: "x", at: 2, drag: "on" },
]);
const grips = gripsOf(scene, data, null);
const near = (/** @type {number} */ a, /** @type {number} */ b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);

test("a point in pixels is found in data to less than a pixel", () => {
  const { x, y } = dataAt(panel, 150, 45);
  near(x, 5);
  near(y, 0.75);
});

test("beside a panel the data stop at its edge", () => {
  const { x, y } = dataAt(panel, -500, 500);
  near(x, 0);
  near(y, 0);
});

test("a panel answers within its axes only", () => {
  assert.equal(panelAt(layout, 51, 21), panel);
  assert.equal(panelAt(layout, 49, 21), null);
  assert.equal(panelAt(layout, 100, 121), null);
});

test("only what has a name for it can be moved", () => {
  assert.deepEqual(grips.map(({ name, index, kind }) => [name, index, kind]), [
    ["start", 0, "point"],
    ["start", 1, "point"],
    ["on", 0, "x"],
  ]);
});

test("the pointer takes hold of a mark near it, before a rule", () => {
  assert.equal(gripAt(grips, layout, 93, 97)?.name, "start"); // the mark is at (90, 95), on the rule
  assert.equal(gripAt(grips, layout, 93, 60)?.name, "on");
  assert.equal(gripAt(grips, layout, 212, 48)?.index, 1);
  assert.equal(gripAt(grips, layout, 150, 60), null);
});

test("what the reader holds is where the reader put it", () => {
  const held = { panel: 0, name: "on", index: 0, kind: /** @type {const} */ ("x"), x: 7, y: 0.5 };
  const moved = gripsOf(scene, data, held);
  assert.equal(moved[2].x, 7);
  assert.ok(Number.isNaN(moved[2].y));
  assert.equal(moved[0].x, 2);
});

test("arrow keys go a share of the axis and stop at its end", () => {
  const right = step(panel, { x: 5, y: 0.5 }, "ArrowRight", 0.02);
  near(right?.x ?? NaN, 5.2);
  assert.equal(right?.y, 0.5);
  near(step(panel, { x: 5, y: 0.5 }, "ArrowUp", 0.02)?.y ?? NaN, 0.52);
  near(step(panel, { x: 9.95, y: 0.5 }, "ArrowRight", 0.02)?.x ?? NaN, 10);
  assert.equal(step(panel, { x: 5, y: 0.5 }, "a", 0.02), null);
});

test("arrow keys go by equal factors on a logarithmic axis", () => {
  const log = placed({ xlim: [1, 100], xscale: "log" });
  near(step(log, { x: 10, y: 0.5 }, "ArrowRight", 0.25)?.x ?? NaN, 10 ** 1.5);
});

test("an arrow key along a rule leaves it where it is", () => {
  const moved = step(panel, grips[2], "ArrowUp", 0.02);
  assert.equal(moved?.x, 2);
});

test("a panel says which keys it answers", () => {
  const both = panelName({ ...panel.panel, events: ["click", "keys"] });
  assert.match(both, /^E against time \(ms\)\. Arrow keys move .* Enter starts .* B .* Escape leaves\.$/);
  assert.doesNotMatch(panelName({ ...panel.panel, events: ["keys"] }), /Enter/);
  assert.match(panelName({ ...panel.panel, events: [] }), /read the values/);
});

test("a rule that moves is a slider with a name, ends and a value", () => {
  assert.deepEqual(gripAttributes(grips[2], panel), {
    role: "slider",
    "aria-label": "on: move along time",
    "aria-orientation": "horizontal",
    "aria-valuemin": "0",
    "aria-valuemax": "10",
    "aria-valuenow": "2",
    "aria-valuetext": "2.00",
  });
  assert.equal(gripName(grips[0], panel), "s: move along time and E");
});
