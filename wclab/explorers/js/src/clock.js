/** The clock of the browser, so that tests can have another. */

/** @typedef {{now: () => number, set: (callback: () => void, wait: number) => any, clear: (timer: any) => void}} Clock */

/** @type {Clock} */
export const CLOCK = {
  now: () => performance.now(),
  set: (callback, wait) => setTimeout(callback, wait),
  clear: (timer) => clearTimeout(timer),
};
