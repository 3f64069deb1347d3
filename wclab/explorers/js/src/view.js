/** One view of a model: keeps the newest frame, draws it once per frame of the screen. */

import { draw } from "./draw.js";
import { layOut } from "./layout.js";
import { floats } from "./references.js";
import { measureRich } from "./text.js";
import { backgroundOf, themeFor } from "./theme.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Layout} Layout */
/** @typedef {import("./types.js").Marks} Marks */
/** @typedef {import("./types.js").Model} Model */

/** @type {Frame} */
const NOTHING = { seq: 0, label: "", text: "", panels: [], layers: [] };

/** All of a frame that its layout depends on. @param {Frame} frame */
function shapeOf({ panels, layers }) {
  const named = layers.filter((layer) => layer.label);
  return JSON.stringify([panels, named.map((layer) => ({ ...layer, x: 0, y: 0, at: 0, values: 0 }))]);
}

export class View {
  /**
   * @param {Model} model
   * @param {HTMLElement} el
   */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.box = document.createElement("div");
    this.box.className = "wclab-canvas";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.box.append(this.canvas);
    el.append(this.box);
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser draws no 2-D pictures");
    this.context = context;
    /** @type {Frame} */
    this.frame = NOTHING;
    /** @type {Float32Array} */
    this.data = new Float32Array(0);
    /** @type {Layout} */
    this.layout = { width: 0, height: 0, panels: [] };
    /** @type {Marks} */
    this.marks = { hover: null, cross: null, time: null, held: null };
    this.theme = themeFor("#ffffff");
    /** What the layout was made for. */
    this.shape = "";
    this.pending = 0;
    /** Called after every drawing. */
    this.painted = () => {};
  }

  /** Take the newest frame of the model. */
  receive() {
    const frame = this.model.get("frame");
    this.frame = frame && frame.panels ? frame : NOTHING;
    this.data = floats(this.model.get("data"));
    this.canvas.setAttribute("aria-label", this.frame.label || "picture");
    this.dirty();
  }

  /** The size, the theme or the sharpness of the screen may be another. */
  refresh() {
    const font = getComputedStyle(this.box).fontFamily;
    this.theme = themeFor(backgroundOf(this.box), font || undefined);
    this.dirty();
  }

  /** Draw soon, once. */
  dirty() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.paint();
    });
  }

  paint() {
    const width = Math.floor(this.box.clientWidth);
    if (width === 0 || this.frame.panels.length === 0) return; // hidden: drawn when it is shown
    const shape = `${width} ${this.theme.font} ${shapeOf(this.frame)}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.layout = layOut(this.frame, width, (runs, size, bold) =>
        measureRich(this.context, runs, size, this.theme.font, bold),
      );
    }
    this.resize();
    draw(this.context, this);
    this.painted();
    this.el.dataset.seq = String(this.frame.seq);
    this.el.dataset.drawn = String(performance.now());
  }

  /** Give the canvas as many pixels as the screen has. */
  resize() {
    const { width, height } = this.layout;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    this.context.setTransform(w / width, 0, 0, h / height, 0, 0);
  }

  /**
   * Where a pointer is on the canvas in CSS pixels, also where the page is scaled.
   * @param {{clientX: number, clientY: number}} event
   * @returns {[number, number]}
   */
  locate(event) {
    const rect = this.canvas.getBoundingClientRect();
    const ratio = rect.width > 0 ? this.layout.width / rect.width : 1;
    return [(event.clientX - rect.left) * ratio, (event.clientY - rect.top) * ratio];
  }

  close() {
    cancelAnimationFrame(this.pending);
    this.box.remove();
  }
}
