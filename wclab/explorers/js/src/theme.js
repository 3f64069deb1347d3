/** Colours: from the real background behind the picture, light or dark. */

/** @typedef {import("./types.js").Theme} Theme */

const LIGHT = {
  roles: {
    E: "#b2182b",
    I: "#2166ac",
    ink: "#1b1b1b",
    muted: "#6b6b6b",
    accent: "#7a5195",
    second: "#00797a",
    band: "#ebebeb",
    warn: "#a05a00",
  },
  grid: "#ebebeb",
  axis: "#5c5c5c",
  basins: ["#f4f4f4", "#c9d8e8", "#f2d5cf", "#d9e8cf", "#e6d9ef", "#f3e8c3", "#cfe8e6"],
  counts: ["#ffffff", "#e9e9e9", "#f2d5cf", "#e0a090", "#c9d8e8", "#2166ac", "#7a5195"],
};

const DARK = {
  roles: {
    E: "#ff8a80",
    I: "#7cb7f5",
    ink: "#ececec",
    muted: "#a9a9a9",
    accent: "#cba6e3",
    second: "#5fcfce",
    band: "#333333",
    warn: "#f0b060",
  },
  grid: "#303030",
  axis: "#a9a9a9",
  basins: ["#242424", "#24405c", "#5a332d", "#34502a", "#48365a", "#55491f", "#1f4f4c"],
  counts: ["#161616", "#343434", "#5a332d", "#96503f", "#24405c", "#3f86cc", "#9a6fb8"],
};

export const CIVIDIS = [
  "#00224e", "#083370", "#35456c", "#4f576c", "#666970", "#7d7c78",
  "#948e77", "#aea371", "#c8b866", "#e5cf52", "#fee838",
];

/**
 * Red, green, blue and opacity of a CSS colour as browsers print it, or #rrggbb.
 * @param {string} text
 * @returns {[number, number, number, number] | null}
 */
export function parseColor(text) {
  const hex = text.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i);
  if (hex) return [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16), 1];
  const found = text.match(/^rgba?\(([^)]*)\)$/);
  if (!found) return null;
  const parts = found[1].split(/[\s,/]+/).filter(Boolean).map(Number);
  if (parts.length < 3 || parts.some(Number.isNaN)) return null;
  return [parts[0], parts[1], parts[2], parts[3] ?? 1];
}

/**
 * Relative luminance as WCAG defines it, from 0 to 1.
 * @param {number[]} color
 */
export function luminance([r, g, b]) {
  const [red, green, blue] = [r, g, b].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Contrast of two colours as WCAG defines it, from 1 to 21.
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [a, b] = [one, other].map((text) => luminance(parseColor(text) ?? [0, 0, 0]));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/**
 * The theme for a background.
 * @param {string} background
 * @param {string} [font]
 * @returns {Theme}
 */
export function themeFor(background, font = "system-ui, sans-serif") {
  const color = parseColor(background);
  const dark = color !== null && luminance(color) < 0.2;
  return { dark, background: color ? background : "#ffffff", font, ...(dark ? DARK : LIGHT) };
}

/**
 * The first background behind an element that is not transparent.
 * @param {Element} element
 * @returns {string}
 */
export function backgroundOf(element) {
  for (let at = /** @type {Element | null} */ (element); at; at = parentOf(at)) {
    const color = parseColor(getComputedStyle(at).backgroundColor);
    if (color && color[3] > 0.5) return `rgb(${color[0]}, ${color[1]}, ${color[2]})`;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches && schemeIsDark() ? "#121212" : "#ffffff";
}

/** @param {Element} element @returns {Element | null} */
function parentOf(element) {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Whether the page lets the browser paint a dark page. */
function schemeIsDark() {
  return /dark/.test(getComputedStyle(document.documentElement).colorScheme);
}

/**
 * Call back when the page may have got another theme.
 * @param {() => void} changed
 * @returns {() => void} stops watching
 */
export function watchTheme(changed) {
  /** @type {ReturnType<typeof setTimeout>[]} */
  let timers = [];
  const soon = () => {
    timers.forEach(clearTimeout);
    timers = [0, 150, 600].map((wait) => setTimeout(changed, wait)); // style sheets may still load
  };
  const observer = new MutationObserver(soon);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true });
  }
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", soon);
  return () => {
    timers.forEach(clearTimeout);
    observer.disconnect();
    scheme.removeEventListener("change", soon);
  };
}

/**
 * A colour of the sequential palette, share from 0 to 1.
 * @param {number} share
 * @returns {[number, number, number]}
 */
export function sequential(share) {
  const place = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const k = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [a, b] = [CIVIDIS[k], CIVIDIS[k + 1]].map((text) => parseColor(text) ?? [0, 0, 0]);
  const mix = (/** @type {number} */ j) => Math.round(a[j] + (place - k) * (b[j] - a[j]));
  return [mix(0), mix(1), mix(2)];
}

/**
 * The colour of a role; a name that is no role is a colour itself.
 * @param {Theme} theme
 * @param {string | undefined} role
 * @returns {string}
 */
export function colorOf(theme, role) {
  return theme.roles[role ?? "ink"] ?? role ?? theme.roles.ink;
}
