import assert from "node:assert/strict";
import { test } from "node:test";
import { throttle } from "../src/live.js";
import { Queue } from "../src/queue.js";
import { handClock } from "./helpers.js";

/** A queue, what it has sent, and Python's answers. */
function desk(acknowledged = 0) {
  const clock = handClock();
  /** @type {any[]} */
  const sent = [];
  const model = { get: () => acknowledged, send: (/** @type {any} */ content) => void sent.push(content) };
  const queue = new Queue(model, clock);
  const answer = (/** @type {number} */ k) => {
    acknowledged = k;
    queue.acknowledged();
  };
  return { clock, sent, model, queue, answer };
}
const drag = (/** @type {number} */ x, end = false, name = "P") => ({
  type: "drag", panel: 0, name, index: 0, x, y: 0, end,
});

test("events are counted from the last that Python has handled", () => {
  const { queue, sent } = desk(41);
  queue.send({ type: "click", panel: 0, x: 1, y: 2 });
  queue.send({ type: "click", panel: 0, x: 1, y: 2 });
  assert.deepEqual(sent.map(({ event }) => event), [42, 43]);
});

test("two views of one model never use a number twice", () => {
  const { model, sent, queue } = desk();
  const other = new Queue(model, handClock());
  queue.send({ type: "click", panel: 0, x: 1, y: 2 });
  other.send({ type: "click", panel: 0, x: 1, y: 2 });
  assert.deepEqual(sent.map(({ event }) => event), [1, 2]);
});

test("one step of a drag is on its way, and only the newest waits", () => {
  const { queue, sent, answer } = desk();
  for (const x of [1, 2, 3, 4]) queue.offer(drag(x));
  assert.deepEqual(sent.map(({ x }) => x), [1]);
  answer(1);
  assert.deepEqual(sent.map(({ x }) => x), [1, 4]);
  answer(2);
  assert.equal(sent.length, 2);
  assert.equal(queue.busy, false);
});

test("where a drag ends is always sent", () => {
  const { queue, sent, answer } = desk();
  queue.offer(drag(1));
  queue.offer(drag(2));
  queue.offer(drag(3, true));
  answer(1);
  assert.deepEqual([sent.at(-1).x, sent.at(-1).end], [3, true]);
});

test("an end is not lost when something else is taken hold of", () => {
  const { queue, sent, answer } = desk();
  queue.offer(drag(1));
  queue.offer(drag(2, true));
  queue.offer(drag(3, false, "Q"));
  assert.deepEqual(sent.map(({ x }) => x), [1, 2]);
  answer(2);
  assert.deepEqual(sent.map(({ x }) => x), [1, 2, 3]);
});

test("a click in between does not count as the answer to a drag", () => {
  const { queue, sent, answer } = desk();
  queue.send({ type: "click", panel: 0, x: 9, y: 9 });
  queue.offer(drag(1));
  queue.offer(drag(2));
  answer(1);
  assert.equal(sent.length, 2);
  answer(2);
  assert.equal(sent.at(-1).x, 2);
});

test("without an answer the next step goes after two seconds", () => {
  const { queue, sent, clock } = desk();
  queue.offer(drag(1));
  queue.offer(drag(2));
  clock.tick(1999);
  assert.equal(sent.length, 1);
  clock.tick(1);
  assert.equal(sent.at(-1).x, 2);
});

test("texts are said at most once a second, and the last one always", () => {
  const clock = handClock();
  /** @type {string[]} */
  const said = [];
  const live = throttle((text) => void said.push(text), clock);
  live.say("a");
  clock.tick(0);
  for (const text of ["b", "c", "d"]) {
    live.say(text);
    clock.tick(200);
  }
  assert.deepEqual(said, ["a"]);
  clock.tick(400);
  assert.deepEqual(said, ["a", "d"]);
});

test("a text that has not changed is not said again", () => {
  const clock = handClock();
  /** @type {string[]} */
  const said = [];
  const live = throttle((text) => void said.push(text), clock);
  for (let k = 0; k < 3; k++) {
    live.say("a");
    clock.tick(2000);
  }
  assert.deepEqual(said, ["a"]);
});
