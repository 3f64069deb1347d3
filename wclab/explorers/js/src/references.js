/** References of a frame to the numbers that came with it. */

/** @typedef {import("./types.js").Reference} Reference */
/** @typedef {import("./types.js").Numbers} Numbers */

/**
 * The bytes of a frame as floats; copied only where they do not lie on a multiple of four.
 * @param {DataView | ArrayBuffer | null | undefined} data
 * @returns {Float32Array}
 */
export function floats(data) {
  if (!data || data.byteLength === 0) return new Float32Array(0);
  const [buffer, at] = data instanceof ArrayBuffer ? [data, 0] : [data.buffer, data.byteOffset];
  const n = Math.floor(data.byteLength / 4);
  if (at % 4 === 0) return new Float32Array(buffer, at, n);
  return new Float32Array(buffer.slice(at, at + 4 * n));
}

/**
 * The numbers that a reference names.
 * @param {Reference} reference
 * @param {Float32Array} data
 * @returns {Numbers}
 */
export function numbers(reference, data) {
  if ("at" in reference) {
    const array = data.subarray(reference.at, reference.at + reference.n);
    return { n: array.length, array, start: 0, step: 0 };
  }
  return { n: reference.n, array: null, start: reference.start, step: reference.step };
}

/**
 * @param {Numbers} list
 * @param {number} k
 * @returns {number}
 */
export function at(list, k) {
  return list.array ? list.array[k] : list.start + k * list.step;
}

/**
 * Index of the number nearest to a value in a list that grows.
 * @param {Numbers} list
 * @param {number} value
 * @returns {number} -1 for an empty list
 */
export function nearest(list, value) {
  if (list.n === 0) return -1;
  let low = 0;
  let high = list.n - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(list, middle) <= value) low = middle;
    else high = middle;
  }
  return Math.abs(at(list, high) - value) < Math.abs(at(list, low) - value) ? high : low;
}
