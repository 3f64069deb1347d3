import assert from "node:assert/strict";
import { test } from "node:test";
import { at, floats, nearest, numbers } from "../src/references.js";

const three = new Float32Array([1.5, -2, NaN]);

test("bytes become floats wherever they begin", () => {
  for (const offset of [0, 1, 2, 3, 4]) {
    const bytes = new Uint8Array(offset + 12);
    bytes.set(new Uint8Array(three.buffer), offset);
    assert.deepEqual(floats(new DataView(bytes.buffer, offset, 12)), three);
  }
});

test("no bytes are no floats", () => {
  assert.equal(floats(null).length, 0);
  assert.equal(floats(new DataView(new ArrayBuffer(0))).length, 0);
});

test("a reference names a part of the data, or steps that need none", () => {
  const data = new Float32Array([0, 1, 2, 3, 4]);
  const part = numbers({ at: 1, n: 3 }, data);
  assert.deepEqual([0, 1, 2].map((k) => at(part, k)), [1, 2, 3]);
  const steps = numbers({ start: 2, step: 0.5, n: 4 }, data);
  assert.deepEqual([0, 3].map((k) => at(steps, k)), [2, 3.5]);
});

test("a reference past the end of the data names only what is there", () => {
  assert.equal(numbers({ at: 3, n: 10 }, new Float32Array(5)).n, 2);
});

test("the nearest number of a growing list is found by its index", () => {
  const steps = numbers({ start: 0, step: 0.1, n: 1251 }, new Float32Array(0));
  for (const k of [0, 1, 624, 1249, 1250]) {
    assert.equal(nearest(steps, 0.1 * k + 0.04), k);
    assert.equal(nearest(steps, 0.1 * k - 0.04), k);
  }
  assert.equal(nearest(steps, -5), 0);
  assert.equal(nearest(steps, 500), 1250);
  assert.equal(nearest({ n: 0, array: null, start: 0, step: 1 }, 1), -1);
});
