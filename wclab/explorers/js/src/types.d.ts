/** What travels from Python to the browser and back. */

export type Reference = { at: number; n: number } | { start: number; step: number; n: number };
export type Dash = "solid" | "dashed" | "dotted" | "dashdot";
export type Shape = "circle" | "square" | "diamond" | "triangle" | "cross";

export interface Panel {
  title?: string;
  xlabel?: string;
  ylabel?: string;
  xlim: [number, number];
  ylim: [number, number];
  xscale?: "linear" | "log";
  yscale?: "linear" | "log";
  width?: number;
  square?: boolean;
  events?: string[];
  cursor?: string;
}

interface Base {
  panel: number;
  color?: string;
  label?: string;
  alpha?: number;
}
export interface LineLayer extends Base {
  kind: "line";
  x: Reference;
  y: Reference;
  dash?: Dash;
  width?: number;
  cursor?: boolean;
}
export interface MarkersLayer extends Base {
  kind: "markers";
  x: Reference;
  y: Reference;
  shape?: Shape;
  filled?: boolean;
  size?: number;
  drag?: string;
}
export interface FieldLayer extends Base {
  kind: "field";
  x: Reference;
  y: Reference;
  u: Reference;
  v: Reference;
}
export interface SpanLayer extends Base {
  kind: "span";
  axis: "x" | "y";
  from: number;
  to: number;
}
export interface RegionLayer extends Base {
  kind: "region";
  x: Reference;
  y: Reference;
}
export interface RuleLayer extends Base {
  kind: "rule";
  axis: "x" | "y";
  at: number;
  dash?: Dash;
  drag?: string;
}
export interface HeatLayer extends Base {
  kind: "heat";
  x: [number, number];
  y: [number, number];
  nx: number;
  ny: number;
  values: Reference;
  palette?: "basins" | "counts" | "sequential";
  vmin?: number;
  vmax?: number;
}
export interface NoteLayer extends Base {
  kind: "note";
  x: number;
  y: number;
  text: string;
  align?: "left" | "center" | "right";
}
export type Layer =
  | LineLayer
  | MarkersLayer
  | FieldLayer
  | SpanLayer
  | RegionLayer
  | RuleLayer
  | HeatLayer
  | NoteLayer;

export interface Frame {
  seq: number;
  label: string;
  text: string;
  panels: Panel[];
  layers: Layer[];
}

/** Numbers of a layer: an array, or start, start + step, ... */
export interface Numbers {
  n: number;
  array: Float32Array | null;
  start: number;
  step: number;
}

/** A rectangle in CSS pixels. */
export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** One axis: data to pixels and back. */
export interface Scale {
  log: boolean;
  from: number;
  to: number;
  low: number;
  high: number;
  a: number;
  b: number;
}
export interface Tick {
  value: number;
  label: string;
}

export interface Run {
  text: string;
  italic: boolean;
  shift: -1 | 0 | 1;
}
export type Runs = Run[];

export interface Theme {
  dark: boolean;
  background: string;
  grid: string;
  axis: string;
  roles: Record<string, string>;
  basins: string[];
  counts: string[];
  font: string;
}

/** A panel with its place on the canvas. */
export interface Placed {
  index: number;
  panel: Panel;
  outer: Rect;
  inner: Rect;
  x: Scale;
  y: Scale;
  xticks: Tick[];
  yticks: Tick[];
  xlabel: Runs[];
  ylabel: Runs[];
  title: Runs[];
  legend: LegendRow[];
}
export interface LegendEntry {
  runs: Runs;
  layers: Layer[];
  width: number;
}
export type LegendRow = LegendEntry[];

export interface Layout {
  width: number;
  height: number;
  panels: Placed[];
}

/** Where something moved by the reader is shown until Python answers. */
export interface Held {
  panel: number;
  name: string;
  index: number;
  kind: "point" | "x" | "y";
  x: number;
  y: number;
}

/** Something that can be moved. */
export interface Grip {
  panel: number;
  name: string;
  label: string;
  index: number;
  kind: "point" | "x" | "y";
  x: number;
  y: number;
  size: number;
}

/** What the pointer or the keys mark on the canvas. */
export interface Marks {
  hover: { panel: number; x: number; y: number } | null;
  cross: { panel: number; x: number; y: number } | null;
  time: { panel: number; index: number } | null;
  held: Held | null;
}

export interface Model {
  get(name: string): any;
  on(name: string, callback: (...args: any[]) => void): void;
  off(name: string, callback: (...args: any[]) => void): void;
  send(content: any): void;
}
