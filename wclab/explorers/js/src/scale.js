/** Scales: data to pixels and back; ticks by d3-scale. */

import { scaleLinear, scaleLog } from "d3-scale";

/** @typedef {import("./types.js").Scale} Scale */
/** @typedef {import("./types.js").Tick} Tick */

const FAR = 1e5; // pixels; farther away nothing can be seen, and canvases lose precision

/**
 * A scale from `low`..`high` in data to `from`..`to` in pixels. What a logarithm cannot show is not shown.
 * @param {"linear" | "log" | undefined} kind
 * @param {[number, number]} limits
 * @param {number} from
 * @param {number} to
 * @returns {Scale}
 */
export function makeScale(kind, [low, high], from, to) {
  const log = kind === "log" && low > 0 && high > 0;
  const [start, end] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const a = end === start ? 0 : (to - from) / (end - start);
  return { log, from, to, low, high, a, b: from - a * start };
}

/**
 * @param {Scale} scale
 * @param {number} value
 * @returns {number} pixels; NaN where there is no place
 */
export function toPixel(scale, value) {
  const pixel = scale.a * (scale.log ? Math.log(value) : value) + scale.b;
  return pixel > FAR ? FAR : pixel < -FAR ? -FAR : pixel;
}

/**
 * @param {Scale} scale
 * @param {number} pixel
 * @returns {number}
 */
export function toData(scale, pixel) {
  const value = (pixel - scale.b) / scale.a;
  return scale.log ? Math.exp(value) : value;
}

/**
 * Pixels per unit of data at a value.
 * @param {Scale} scale
 * @param {number} value
 * @returns {number}
 */
export function slope(scale, value) {
  return scale.log ? scale.a / value : scale.a;
}

/**
 * Ticks with labels, about `count` of them.
 * @param {Scale} scale
 * @param {number} count
 * @returns {Tick[]}
 */
export function ticks(scale, count) {
  if (!(Number.isFinite(scale.low) && Number.isFinite(scale.high))) return [];
  const domain = [scale.low, scale.high];
  if (scale.log) return logTicks(domain, count);
  const linear = scaleLinear().domain(domain);
  const values = linear.ticks(count);
  const top = Math.max(...values.map(Math.abs), 0);
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) : 1;
  const format = top >= 1e5 || step < 1e-4 ? powers(step) : linear.tickFormat(count);
  return values.map((value) => ({ value, label: format(value) }));
}

/**
 * Whole powers of ten where there are some, or else what d3 finds; the ticks between have no label.
 * @param {number[]} domain
 * @param {number} count
 * @returns {Tick[]}
 */
function logTicks(domain, count) {
  const log = scaleLog().domain(domain);
  const decades = Math.log10(Math.max(...domain) / Math.min(...domain));
  if (decades < 0.8) {
    const plain = scaleLinear().domain(domain);
    const format = plain.tickFormat(count);
    return plain.ticks(count).map((value) => ({ value, label: format(value) }));
  }
  const every = Math.ceil(decades / Math.max(count, 1));
  const wanted = log.tickFormat(count, "~g");
  const labelled = (/** @type {number} */ value) => {
    if (decades < 2.5) return wanted(value) !== "";
    const exponent = Math.round(Math.log10(value));
    return Math.abs(value / 10 ** exponent - 1) < 1e-9 && exponent % every === 0;
  };
  const values = log.ticks(Math.max(count, 10));
  return values.map((value) => ({ value, label: labelled(value) ? power(value, 0) : "" }));
}

/** @param {number} step */
function powers(step) {
  return (/** @type {number} */ value) =>
    power(value, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1)) - Math.floor(Math.log10(step) + 1e-9)));
}

/**
 * A number as it is said: 0.01, 2000, 10<sup>6</sup>, 2.5×10<sup>−7</sup>.
 * @param {number} value
 * @param {number} digits after the point of the mantissa
 */
function power(value, digits) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e-3 && size < 1e5) return minus(String(Number(value.toPrecision(6))));
  const exponent = Math.floor(Math.log10(size) + 1e-9);
  const mantissa = (value / 10 ** exponent).toFixed(Math.min(digits, 6));
  const raised = `10<sup>${minus(String(exponent))}</sup>`;
  return Number(mantissa) === 1 ? raised : `${minus(mantissa)}×${raised}`;
}

/** @param {string} text */
export function minus(text) {
  return text.replace(/-/g, "−");
}

/**
 * A value with as many digits as one pixel tells apart.
 * @param {Scale} scale
 * @param {number} value
 * @returns {string}
 */
export function readout(scale, value) {
  const step = 1 / Math.abs(slope(scale, value));
  if (!Number.isFinite(value) || !Number.isFinite(step) || step === 0) return "–";
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const rounded = digits > 8 || Math.abs(value) >= 1e6 ? value.toExponential(3) : value.toFixed(digits);
  return minus(Number(rounded) === 0 ? rounded.replace("-", "") : rounded);
}
