import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut, rowsOf, sizesOf, xTicks } from "../src/layout.js";
import { legendRows } from "../src/legend.js";
import { makeScale, toData, toPixel } from "../src/scale.js";
import { frame, measure } from "./helpers.js";

/** @typedef {import("../src/types.js").Panel} Panel */

/** @type {Panel} */
const time = { xlim: [0, 125], ylim: [-0.12, 0.52], xlabel: "time (ms)", ylabel: "activity", width: 1.7 };
/** @type {Panel} */
const plane = { xlim: [-0.1, 0.5], ylim: [-0.1, 0.5], xlabel: "E", ylabel: "I", square: true };

for (const width of [220, 400, 600, 639, 640, 900, 1400, 2400]) {
  test(`no panel leaves a canvas ${width} pixels wide, and none overlap`, () => {
    for (const panels of [[time], [plane], [time, plane], [time, plane, plane, time]]) {
      const layout = layOut(frame(panels), width, measure);
      layout.panels.forEach(({ inner, outer }) => {
        assert.ok(outer.x >= 0 && outer.x + outer.w <= width + 1, `${outer.x} ${outer.w}`);
        assert.ok(inner.x >= outer.x && inner.x + inner.w <= outer.x + outer.w + 1);
        assert.ok(inner.w > 50 && inner.h > 50);
        assert.ok(outer.y + outer.h <= layout.height);
      });
      for (const [k, { outer: a }] of layout.panels.entries()) {
        for (const { outer: b } of layout.panels.slice(k + 1)) {
          const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
          assert.ok(apart);
        }
      }
    }
  });
}

test("panels stand one under another below 640 pixels, side by side above", () => {
  const tops = (/** @type {number} */ width) =>
    new Set(layOut(frame([time, plane]), width, measure).panels.map(({ inner }) => inner.y)).size;
  assert.equal(tops(639), 2);
  assert.equal(tops(640), 1);
});

test("rows hold about equally many panels", () => {
  assert.deepEqual(rowsOf([1, 2, 3, 4], 1400).map((row) => row.length), [2, 2]);
  assert.deepEqual(rowsOf([1, 2, 3, 4, 5], 1400).map((row) => row.length), [3, 2]);
  assert.deepEqual(rowsOf([], 1400), []);
});

test("a square panel is as high as wide", () => {
  for (const width of [400, 700, 1400]) {
    const { inner } = layOut(frame([time, plane]), width, measure).panels[1];
    assert.equal(inner.w, inner.h);
  }
});

test("a square beside a wide panel is not left too small", () => {
  const { widths, height } = sizesOf([time, plane], 470, false);
  assert.ok(height > 200 && widths[0] > height, `${widths}`);
  assert.ok(Math.abs(widths[0] + widths[1] - 470) < 1e-9);
});

test("widths beside each other have the asked ratio where none is square", () => {
  const { widths } = sizesOf([{ ...time, width: 2 }, { ...time, width: 1 }], 900, false);
  assert.deepEqual(widths, [600, 300]);
});

test("longer labels of ticks get a wider margin", () => {
  const left = (/** @type {[number, number]} */ ylim) =>
    layOut(frame([{ ...time, ylim }]), 600, measure).panels[0].inner.x;
  assert.ok(left([0, 20000]) > left([0, 2]));
});

test("a label too long for its axis is broken into lines, for which there is room", () => {
  const long = "a label that says at length what is on this axis, and then says it again in other words";
  const [short, tall] = [time, { ...time, xlabel: long }].map(
    (panel) => layOut(frame([panel]), 400, measure).panels[0],
  );
  assert.ok(tall.xlabel.length > 1);
  assert.ok(tall.outer.h - tall.inner.h > short.outer.h - short.inner.h);
});

test("labels of ticks on the lower axis do not touch", () => {
  for (const length of [80, 150, 400, 900]) {
    const scale = makeScale("linear", [-20000, 25000], 0, length);
    const found = xTicks(scale, measure);
    for (let k = 1; k < found.length; k++) {
      const gap = toPixel(scale, found[k].value) - toPixel(scale, found[k - 1].value);
      const widths = found.map((tick) => tick.label.length * 6.6);
      assert.ok(gap > (widths[k] + widths[k - 1]) / 2, `${length}: ${gap}`);
    }
  }
});

test("a point of a panel's corner is the corner of its limits", () => {
  const { inner, x, y } = layOut(frame([time, plane]), 1000, measure).panels[0];
  assert.ok(Math.abs(toData(x, inner.x) - 0) < 1e-9 && Math.abs(toData(x, inner.x + inner.w) - 125) < 1e-9);
  assert.ok(Math.abs(toData(y, inner.y) - 0.52) < 1e-9);
});

test("a legend has one entry for each name, in rows that fit", () => {
  const line = (/** @type {string} */ label) =>
    /** @type {import("../src/types.js").Layer} */ ({ kind: "rule", panel: 0, axis: "x", at: 0, label });
  const rows = legendRows(["E", "I", "E", "", "a long name"].map(line), 150, measure);
  const entries = rows.flat();
  assert.equal(entries.length, 3);
  assert.equal(entries[0].layers.length, 2);
  for (const row of rows) {
    const used = row.reduce((sum, entry) => sum + entry.width, 18 * (row.length - 1));
    assert.ok(used <= 150);
  }
  assert.equal(rows.length, 2);
});
