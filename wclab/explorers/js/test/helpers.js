/** What the tests share. */

import { makeScale } from "../src/scale.js";

/** A clock that only moves when told. */
export function handClock() {
  let time = 0;
  /** @type {{at: number, callback: () => void, id: number}[]} */
  let timers = [];
  let ids = 1;
  return {
    now: () => time,
    set: (/** @type {() => void} */ callback, /** @type {number} */ wait) => {
      timers.push({ at: time + wait, callback, id: ids });
      return ids++;
    },
    clear: (/** @type {any} */ id) => {
      timers = timers.filter((timer) => timer.id !== id);
    },
    tick(/** @type {number} */ wait) {
      time += wait;
      const due = timers.filter((timer) => timer.at <= time);
      timers = timers.filter((timer) => timer.at > time);
      due.forEach((timer) => timer.callback());
    },
  };
}

/** A width for each letter, as if all were equally wide. @type {import("../src/layout.js").Measure} */
export const measure = (runs, size) =>
  runs.reduce((sum, run) => sum + run.text.length * size * 0.6, 0);

/**
 * A panel of 200 by 100 pixels at (50, 20).
 * @param {Partial<import("../src/types.js").Panel>} [more]
 * @returns {import("../src/types.js").Placed}
 */
export function placed(more = {}) {
  /** @type {import("../src/types.js").Panel} */
  const panel = { xlim: [0, 10], ylim: [0, 1], xlabel: "time (ms)", ylabel: "<i>E</i>", ...more };
  const inner = { x: 50, y: 20, w: 200, h: 100 };
  return {
    index: 0,
    panel,
    outer: { x: 0, y: 0, w: 270, h: 160 },
    inner,
    x: makeScale(panel.xscale, panel.xlim, 50, 250),
    y: makeScale(panel.yscale, panel.ylim, 120, 20),
    xticks: [],
    yticks: [],
    xlabel: [],
    ylabel: [],
    title: [],
    legend: [],
  };
}

/**
 * A frame of some panels and layers.
 * @param {import("../src/types.js").Panel[]} panels
 * @param {import("../src/types.js").Layer[]} [layers]
 * @returns {import("../src/types.js").Frame}
 */
export const frame = (panels, layers = []) => ({ seq: 1, label: "", text: "", panels, layers });
