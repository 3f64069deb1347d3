/** Labels with <i>, <sub> and <sup>: read, measured, broken into lines, drawn. */

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Runs} Runs */

const TAG = /<(\/?)(i|sub|sup)>/g;
const SMALL = 0.74; // size of what is raised or lowered
const RISE = 0.36; // and how far
const DROP = 0.2;

/**
 * The runs of a label. Anything but the three tags is text.
 * @param {string | undefined} label
 * @returns {Runs}
 */
export function parseRich(label) {
  const source = label ?? "";
  /** @type {Runs} */
  const runs = [];
  let italic = false;
  /** @type {-1 | 0 | 1} */
  let shift = 0;
  let last = 0;
  const add = (/** @type {string} */ text) => {
    if (text !== "") runs.push({ text, italic, shift });
  };
  for (const found of source.matchAll(TAG)) {
    add(source.slice(last, found.index));
    const opens = found[1] === "";
    if (found[2] === "i") italic = opens;
    else shift = opens ? (found[2] === "sub" ? -1 : 1) : 0;
    last = found.index + found[0].length;
  }
  add(source.slice(last));
  return runs;
}

/**
 * The words of a label.
 * @param {string | undefined} label
 * @returns {string}
 */
export function plain(label) {
  return (label ?? "").replace(TAG, "");
}

/**
 * Name and unit of an axis: "time (ms)" is ["time", "ms"].
 * @param {string | undefined} label
 * @returns {[string, string]}
 */
export function nameAndUnit(label) {
  const found = plain(label).match(/^(.*?)\s*\(([^()]*)\)\s*$/);
  return found && found[2].length <= 8 ? [found[1], found[2]] : [found ? found[1] : plain(label), ""];
}

/**
 * A font for the canvas.
 * @param {string} family
 * @param {number} size
 * @param {Run} [run]
 * @param {boolean} [bold]
 */
export function fontOf(family, size, run, bold) {
  const pixels = run && run.shift !== 0 ? size * SMALL : size;
  return `${run?.italic ? "italic " : ""}${bold ? "600 " : ""}${pixels.toFixed(1)}px ${family}`;
}

/** Widths known so far, by font and text. @type {Map<string, number>} */
const widths = new Map();

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Runs} runs
 * @param {number} size
 * @param {string} family
 * @param {boolean} [bold]
 * @returns {number} CSS pixels
 */
export function measureRich(context, runs, size, family, bold) {
  let width = 0;
  for (const run of runs) {
    const font = fontOf(family, size, run, bold);
    const key = `${font}|${run.text}`;
    let known = widths.get(key);
    if (known === undefined) {
      if (widths.size > 4000) widths.clear();
      context.font = font;
      known = context.measureText(run.text).width;
      widths.set(key, known);
    }
    width += known;
  }
  return width;
}

/**
 * Break a label at its spaces into lines that fit, and that are about equally long.
 * @param {Runs} runs
 * @param {number} room
 * @param {(runs: Runs) => number} measure
 * @returns {Runs[]}
 */
export function wrapRich(runs, room, measure) {
  if (runs.length === 0) return [];
  const whole = measure(runs);
  if (whole <= room) return [runs];
  const lines = fill(splitWords(runs), room, measure);
  const balanced = fill(splitWords(runs), Math.min(room, (1.15 * whole) / lines.length), measure);
  return balanced.length === lines.length ? balanced : lines;
}

/** @param {Runs[]} words @param {number} room @param {(runs: Runs) => number} measure @returns {Runs[]} */
function fill(words, room, measure) {
  /** @type {Runs[]} */
  const lines = [];
  /** @type {Runs} */
  let line = [];
  for (const word of words) {
    const longer = [...line, ...word];
    if (line.length > 0 && measure(trimmed(longer)) > room) {
      lines.push(trimmed(line));
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, trimmed(line)];
}

/** Words with the space after them. @param {Runs} runs @returns {Runs[]} */
function splitWords(runs) {
  /** @type {Runs[]} */
  const words = [[]];
  for (const run of runs) {
    const pieces = run.text.split(/(?<=\s)/);
    pieces.forEach((text, k) => {
      if (k > 0) words.push([]);
      words[words.length - 1].push({ ...run, text });
    });
    if (/\s$/.test(run.text)) words.push([]);
  }
  return words.filter((word) => word.length > 0);
}

/** @param {Runs} runs @returns {Runs} */
function trimmed(runs) {
  const last = runs[runs.length - 1];
  return last ? [...runs.slice(0, -1), { ...last, text: last.text.trimEnd() }] : runs;
}

/**
 * Draw a label; `x` is its left end, centre or right end, `y` its alphabetic base line.
 * @param {CanvasRenderingContext2D} context
 * @param {Runs} runs
 * @param {number} x
 * @param {number} y
 * @param {{size: number, family: string, bold?: boolean, align?: "left" | "center" | "right", halo?: string}} look
 */
export function drawRich(context, runs, x, y, look) {
  const width = measureRich(context, runs, look.size, look.family, look.bold);
  let left = x - (look.align === "right" ? width : look.align === "center" ? width / 2 : 0);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  for (const run of runs) {
    context.font = fontOf(look.family, look.size, run, look.bold);
    const base = y + (run.shift === 1 ? -RISE : run.shift === -1 ? DROP : 0) * look.size;
    if (look.halo) {
      context.strokeStyle = look.halo;
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeText(run.text, left, base);
    }
    context.fillText(run.text, left, base);
    left += measureRich(context, [run], look.size, look.family, look.bold);
  }
}
