// Which panes stand where, by the room there is: pure, so that every size can be tested.

import type { Panes } from "../store";

export interface Room {
  width: number;
  height: number;
}

export interface Facts {
  hasSelection: boolean;
  hasPins: boolean;
  isActive: boolean; // a run has begun
}

/** "one": a pane at a time; "cell": columns; "tab": a dock under the canvas. */
export type Mode = "one" | "cell" | "tab";

export interface Arrangement {
  mode: Mode;
  left: "palette" | "rail" | "none";
  canvas: boolean;
  inspector: "column" | "alone" | "none";
  plots: "column" | "dock" | "alone" | "none";
  code: "column" | "drawer" | "alone" | "none";
  problems: "sheet" | "dock" | "alone" | "none";
  live: "under" | "inspector" | "none";
  width: { left: number; inspector: number; plots: number; code: number };
  height: { dock: number; live: number };
}

export const CANVAS = 440; // px, the least while editing
export const BESIDE = 340; // px, the least between plots and inspector
export const RAIL = 44;
const BARS = 44 + 26;
export const ONE = 760; // px, from here on panes stand side by side
const TAB = { width: 1360, height: 760 };
const WIDER = { palette: 196, inspector: 304 };
const PLOTS = 360; // the least
const PROBLEMS = 384;
const ABOVE_DOCK = 220; // canvas kept over the dock
const ABOVE_PLOTS = 280; // the same in a cell
const ABOVE_LIVE = 240;

export function arrange(room: Room, panes: Panes, facts: Facts): Arrangement {
  if (room.width < ONE) return alone(room, panes, facts);
  return room.width >= TAB.width && room.height >= TAB.height ? tab(room, panes, facts) : cell(room, panes, facts);
}

function alone({ height }: Room, panes: Panes, facts: Facts): Arrangement {
  const shown = panes.code ? "code" : panes.plots ? "plots" : panes.problems ? "problems" : panes.inspector ? "inspector" : "canvas";
  const is = (pane: string): "alone" | "none" => (pane === shown ? "alone" : "none");
  return {
    mode: "one", left: shown === "canvas" ? "rail" : "none", canvas: shown === "canvas", inspector: is("inspector"), plots: is("plots"),
    code: is("code"), problems: is("problems"), live: shown === "canvas" && facts.hasPins && facts.isActive ? "under" : "none",
    width: { left: RAIL, inspector: 0, plots: 0, code: 0 }, height: { dock: 0, live: liveHeight(height, panes) },
  };
}

function cell(room: Room, panes: Panes, facts: Facts): Arrangement {
  // by the width alone: plots that moved at each selection could not be followed
  const isNarrow = room.width < RAIL + BESIDE + panes.width.inspector + PLOTS;
  return isNarrow && panes.plots ? stacked(room, panes, facts) : columns(room, panes, facts);
}

/** Everything side by side: plots and canvas make room for the inspector. */
function columns({ width, height }: Room, panes: Panes, facts: Facts): Arrangement {
  const wantsInspector = facts.hasSelection || panes.inspector;
  const code = panes.code ? panes.width.code : 0;
  const inspector = wantsInspector ? panes.width.inspector : 0;
  const plots = panes.plots ? Math.max(PLOTS, Math.min(panes.width.plots, width - RAIL - inspector - CANVAS)) : 0;
  const left = panes.palette && !panes.plots && width - panes.width.palette - inspector - code >= CANVAS ? panes.width.palette : RAIL;
  const fitsCode = width - left - plots - inspector - code >= CANVAS;
  return {
    mode: "cell", canvas: true,
    left: left === RAIL ? "rail" : "palette",
    inspector: wantsInspector ? "column" : "none",
    plots: panes.plots ? "column" : "none",
    code: !panes.code ? "none" : fitsCode ? "column" : "drawer",
    problems: panes.problems ? "sheet" : "none",
    live: facts.hasPins && (panes.plots || facts.isActive) ? "under" : "none",
    width: { left, inspector: panes.width.inspector, plots, code },
    height: { dock: 0, live: liveHeight(height, panes) },
  };
}

/** Plots under the canvas, and values beside both, where three columns do not fit. */
function stacked({ height }: Room, panes: Panes, facts: Facts): Arrangement {
  const hasValues = facts.hasSelection || panes.inspector;
  const hasLive = facts.hasPins && !facts.hasSelection;
  return {
    mode: "cell", canvas: true, left: "rail", inspector: hasValues || hasLive ? "column" : "none", plots: "dock",
    code: panes.code ? "drawer" : "none", problems: panes.problems ? "sheet" : "none", live: hasLive ? "inspector" : "none",
    width: { left: RAIL, inspector: panes.width.inspector, plots: 0, code: panes.code ? panes.width.code : 0 },
    height: { dock: Math.min(panes.height.dock, height - BARS - ABOVE_PLOTS), live: liveHeight(height, panes) },
  };
}

function tab({ width, height }: Room, panes: Panes, facts: Facts): Arrangement {
  const code = panes.code ? panes.width.code : 0;
  const inspector = Math.max(panes.width.inspector, WIDER.inspector);
  const palette = Math.max(panes.width.palette, WIDER.palette);
  const left = panes.palette && width - palette - inspector - code >= CANVAS ? palette : RAIL;
  const dock = panes.plots || panes.problems ? Math.min(panes.height.dock, height - BARS - ABOVE_DOCK) : 0;
  return {
    mode: "tab", canvas: true, left: left === RAIL ? "rail" : "palette", inspector: "column",
    plots: panes.plots ? "dock" : "none", code: panes.code ? "column" : "none", problems: panes.problems ? "dock" : "none",
    live: facts.hasPins && !facts.hasSelection ? "inspector" : "none", // the values of a selection need the room
    width: { left, inspector, plots: 0, code }, height: { dock, live: liveHeight(height, panes) },
  };
}

const liveHeight = (height: number, panes: Panes): number => Math.max(80, Math.min(panes.height.live, height - BARS - ABOVE_LIVE));

export interface Grid {
  columns: string;
  rows: string;
  areas: string;
}

/** The CSS grid of an arrangement; floating panes take no column. */
export function grid({ mode, left, inspector, plots, code, problems, width, height }: Arrangement): Grid {
  const parts: [area: string, dock: string, size: string][] = [];
  if (left !== "none") parts.push(["left", "left", `${width.left}px`]);
  const hasBoth = plots === "dock" && problems === "dock";
  const side = hasBoth || problems === "none" ? "plots" : "probs";
  const end = hasBoth ? "probs" : side;
  parts.push(["mid", side, "minmax(0,1fr)"]);
  // problems are wider than the inspector above them: the dock borrows a strip of the canvas
  if (mode === "tab") parts.push(["mid", end, `${Math.max(0, PROBLEMS - width.inspector)}px`]);
  if (inspector === "column") parts.push(["insp", mode === "tab" ? end : "insp", `${width.inspector}px`]);
  if (plots === "column") parts.push(["plots", "plots", `${width.plots}px`]);
  if (code === "column") parts.push(["code", "code", `${width.code}px`]);
  const row = (at: 0 | 1): string => `"${parts.map((part) => part[at]).join(" ")}"`;
  const hasDock = plots === "dock" || problems === "dock";
  return {
    columns: parts.map(([, , size]) => size).join(" "),
    rows: hasDock ? `minmax(0,1fr) ${height.dock}px` : "minmax(0,1fr)",
    areas: hasDock ? `${row(0)} ${row(1)}` : row(0),
  };
}
