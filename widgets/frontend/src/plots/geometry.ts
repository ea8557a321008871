// Where the panels are, in CSS pixels: one set of numbers for plotly, the canvas and the labels.

export type PanelKind = "input" | "spikes" | "rate" | "trace";

export interface PanelSpec {
  key: string;
  kind: PanelKind;
}

export interface Panel extends PanelSpec {
  top: number; // of the plot area; the title stands above it
  height: number;
}

export interface Geometry {
  width: number;
  height: number;
  left: number;
  right: number; // the x of the right edge
  bottom: number; // of the lowest panel, where the time axis is
  panels: Panel[];
}

const TITLE = 22; // a line of text above each panel, clear of its highest tick label
const AXIS = 28; // the time axis under the last one
const TOP = 6;
const RIGHT = 14;
// shares of the free height, and the least a panel needs to be read
const SHARE: Record<PanelKind, [share: number, least: number, most: number]> = {
  input: [0.05, 12, 28],
  spikes: [0.56, 60, Infinity],
  rate: [0.2, 36, 120],
  trace: [0.18, 32, 110],
};

/** Stack panels over one time axis; the raster takes what the others leave. */
export function stack(width: number, height: number, gutter: number, specs: PanelSpec[]): Geometry {
  const free = Math.max(0, height - TOP - AXIS - TITLE * specs.length);
  const heights = specs.map(({ kind }) => {
    const [share, least, most] = SHARE[kind];
    return Math.min(most, Math.max(least, Math.floor(free * share)));
  });
  const greedy = specs.findIndex((spec) => spec.kind === "spikes");
  const others = heights.reduce((sum, h, i) => (i === greedy ? sum : sum + h), 0);
  if (greedy >= 0) heights[greedy] = Math.max(SHARE.spikes[1], free - others);
  else if (others > 0) heights.forEach((h, i) => (heights[i] = Math.floor((h * free) / others)));
  let y = TOP;
  const panels = specs.map((spec, i) => {
    const panel = { ...spec, top: y + TITLE, height: heights[i]! };
    y = panel.top + panel.height;
    return panel;
  });
  return { width, height, left: gutter, right: Math.max(gutter + 1, width - RIGHT), bottom: y, panels };
}

export interface Band {
  id: string;
  top: number;
  height: number;
}

const GAP = 3;

/** Share the raster among populations by their rows; small ones keep a readable height. */
export function bands(panel: Panel, rows: { id: string; rows: number }[]): Band[] {
  const shown = rows.filter((entry) => entry.rows > 0);
  const total = shown.reduce((sum, entry) => sum + entry.rows, 0);
  if (total === 0) return [];
  const free = panel.height - GAP * (shown.length - 1);
  const least = Math.min(16, free / shown.length);
  const extra = free - least * shown.length;
  let top = panel.top;
  return shown.map(({ id, rows: n }) => {
    const height = least + (extra * n) / total;
    const band = { id, top, height };
    top += height + GAP;
    return band;
  });
}
