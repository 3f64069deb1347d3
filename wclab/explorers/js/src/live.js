/** What a picture shows, in words, for those who hear it. */

import { CLOCK } from "./clock.js";

const PAUSE = 1000; // ms between two texts, so that a slider does not talk without end

let count = 0;

/**
 * Hand on the newest text, at most once a second; the last one always.
 * @param {(text: string) => void} write
 * @param {import("./clock.js").Clock} [clock]
 */
export function throttle(write, clock = CLOCK) {
  let last = -Infinity;
  let newest = "";
  let shown = "";
  /** @type {any} */
  let timer = null;
  const flush = () => {
    timer = null;
    if (newest === shown) return;
    last = clock.now();
    shown = newest;
    write(newest);
  };
  return {
    say: (/** @type {string} */ text) => {
      newest = text;
      timer ??= clock.set(flush, Math.max(0, last + PAUSE - clock.now()));
    },
    close: () => clock.clear(timer),
  };
}

/**
 * A region that only screen readers notice.
 * @param {HTMLElement} box
 */
export function liveRegion(box) {
  const element = document.createElement("div");
  element.className = "wclab-live";
  element.id = `wclab-live-${Date.now().toString(36)}-${count++}`;
  element.setAttribute("role", "status");
  element.setAttribute("aria-live", "polite");
  box.append(element);
  return { id: element.id, ...throttle((text) => (element.textContent = text)) };
}
