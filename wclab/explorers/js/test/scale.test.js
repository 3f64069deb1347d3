import assert from "node:assert/strict";
import { test } from "node:test";
import { makeScale, readout, slope, ticks, toData, toPixel } from "../src/scale.js";

const linear = makeScale("linear", [-0.12, 0.52], 76, 834);
const log = makeScale("log", [0.01, 100], 300, 20);

test("the ends of an axis lie at the ends of the panel", () => {
  for (const scale of [linear, log]) {
    assert.ok(Math.abs(toPixel(scale, scale.low) - scale.from) < 1e-9);
    assert.ok(Math.abs(toPixel(scale, scale.high) - scale.to) < 1e-9);
  }
});

test("pixels to data undoes data to pixels", () => {
  for (const scale of [linear, log]) {
    for (const pixel of [20, 100.25, 299]) {
      assert.ok(Math.abs(toPixel(scale, toData(scale, pixel)) - pixel) < 1e-9);
    }
  }
});

test("the middle of a logarithmic axis is the geometric mean", () => {
  assert.ok(Math.abs(toPixel(log, 1) - 160) < 1e-9);
});

test("the slope is the derivative of the pixel", () => {
  for (const [scale, value] of /** @type {const} */ ([[linear, 0.3], [log, 3]])) {
    const h = 1e-6 * value;
    const difference = (toPixel(scale, value + h) - toPixel(scale, value - h)) / (2 * h);
    assert.ok(Math.abs(slope(scale, value) / difference - 1) < 1e-6);
  }
});

test("a logarithm shows no zero and no negative number", () => {
  assert.ok(!(toPixel(log, -1) >= 0));
  assert.equal(toPixel(log, 0), 1e5);
});

test("a value out of all bounds stays a number that a canvas can draw", () => {
  assert.equal(toPixel(linear, 1e30), 1e5);
  assert.equal(toPixel(linear, -1e30), -1e5);
});

test("ticks lie within the axis and read as they are said", () => {
  const found = ticks(makeScale("linear", [-0.12, 0.52], 0, 400), 6);
  assert.deepEqual(found.map((tick) => tick.label), ["−0.1", "0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
});

test("large and tiny numbers become powers of ten", () => {
  const large = ticks(makeScale("linear", [0, 3e6], 0, 400), 4).map((tick) => tick.label);
  assert.deepEqual(large, ["0", "10<sup>6</sup>", "2×10<sup>6</sup>", "3×10<sup>6</sup>"]);
  const tiny = ticks(makeScale("linear", [0, 2e-5], 0, 400), 4).map((tick) => tick.label);
  assert.ok(tiny.includes("1.5×10<sup>−5</sup>"), tiny.join());
  assert.equal(new Set(tiny).size, tiny.length);
});

test("logarithmic ticks are labelled at whole powers of ten", () => {
  const labels = ticks(log, 5).map((tick) => tick.label).filter(Boolean);
  assert.deepEqual(labels, ["0.01", "0.1", "1", "10", "100"]);
});

test("many decades get a label at every second or third one", () => {
  const wide = ticks(makeScale("log", [1e-9, 1e9], 0, 400), 5).map((tick) => tick.label).filter(Boolean);
  assert.ok(wide.length >= 3 && wide.length <= 6, wide.join());
});

test("less than a decade of a logarithm still has ticks", () => {
  assert.ok(ticks(makeScale("log", [2, 6], 0, 400), 5).filter((tick) => tick.label).length >= 3);
});

test("a read-out has the digits that a pixel tells apart", () => {
  assert.equal(readout(makeScale("linear", [0, 125], 0, 500), 31.24), "31.2");
  assert.equal(readout(makeScale("linear", [0, 1], 0, 400), -0.1234), "−0.123");
  assert.equal(readout(makeScale("linear", [0, 1], 0, 400), -1e-9), "0.000");
  assert.equal(readout(makeScale("linear", [0, 1], 0, 400), NaN), "–");
});
