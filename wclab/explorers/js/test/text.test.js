import assert from "node:assert/strict";
import { test } from "node:test";
import { nameAndUnit, parseRich, plain, wrapRich } from "../src/text.js";

const count = (/** @type {import("../src/types.js").Runs} */ runs) =>
  runs.reduce((sum, run) => sum + run.text.length, 0);
const words = (/** @type {import("../src/types.js").Runs[]} */ lines) =>
  lines.map((line) => line.map((run) => run.text).join(""));

test("italic, lowered and raised parts are told apart", () => {
  assert.deepEqual(parseRich("<i>P</i><sub>1</sub> m<sup>2</sup>"), [
    { text: "P", italic: true, shift: 0 },
    { text: "1", italic: false, shift: -1 },
    { text: " m", italic: false, shift: 0 },
    { text: "2", italic: false, shift: 1 },
  ]);
});

test("any other mark-up is text", () => {
  const source = "<b>x</b> <script>alert(1)</script> a < b";
  assert.deepEqual(parseRich(source), [{ text: source, italic: false, shift: 0 }]);
});

test("an empty label has no runs", () => {
  assert.deepEqual(parseRich(""), []);
  assert.deepEqual(parseRich(undefined), []);
});

test("the words of a label are what is left without tags", () => {
  assert.equal(plain("τ<sub>i</sub> of <i>I</i>"), "τi of I");
});

test("a unit in brackets is told from the name; a description is dropped", () => {
  assert.deepEqual(nameAndUnit("time (ms)"), ["time", "ms"]);
  assert.deepEqual(nameAndUnit("<i>E</i> (excitatory activity)"), ["E", ""]);
  assert.deepEqual(nameAndUnit("activity"), ["activity", ""]);
});

test("a label that fits stays on one line", () => {
  const runs = parseRich("input <i>P</i>");
  assert.deepEqual(wrapRich(runs, 100, count), [runs]);
});

test("a long label is broken at spaces into lines that fit", () => {
  const lines = wrapRich(parseRich("input <i>P</i><sub>1</sub> to the excitatory cells"), 16, count);
  assert.ok(lines.every((line) => count(line) <= 16), words(lines).join("|"));
  assert.equal(words(lines).join(" "), "input P1 to the excitatory cells");
});

test("no line holds only the last word where the lines can be even", () => {
  const lines = words(wrapRich(parseRich("aaaa bbbb cccc dddd eeee ffff"), 25, count));
  assert.deepEqual(lines, ["aaaa bbbb cccc", "dddd eeee ffff"]);
});

test("a word longer than the line stands alone", () => {
  assert.deepEqual(words(wrapRich(parseRich("a incomprehensibilities b"), 6, count)), [
    "a",
    "incomprehensibilities",
    "b",
  ]);
});
