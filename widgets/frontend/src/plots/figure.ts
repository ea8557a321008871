// The plotly figure of a scene. Texts of people are escaped here, and only data goes unescaped.

import type { Activity } from "./activity";
import type { Palette } from "./colors";
import { escapeText } from "./escape";
import type { Panel } from "./geometry";
import type { Ranges, Scene } from "./scene";
import { traceTitle } from "./scene";
import { pretty } from "../fields/quantity";
import { ticks } from "./ticks";

export interface Window {
  from: number;
  to: number;
}

export interface Mark {
  at: number; // s
  text: string;
}

export const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false };

type Axis = Record<string, unknown>;

const axisName = (index: number): string => (index === 0 ? "y" : `y${index + 1}`);
const layoutName = (index: number): string => (index === 0 ? "yaxis" : `yaxis${index + 1}`);

function yAxis(panel: Panel, scene: Scene, ranges: Ranges, palette: Palette): Axis {
  const { height } = scene.geometry;
  const common: Axis = {
    domain: [1 - (panel.top + panel.height) / height, 1 - panel.top / height],
    anchor: "x", fixedrange: true, zeroline: false, showline: false, ticks: "",
    gridcolor: palette.of("line"), gridwidth: 1, automargin: false, ticklabelstandoff: 5,
    tickfont: { size: 11, color: palette.of("ink-3") },
  };
  if (panel.kind === "spikes") {
    return { ...common, range: [panel.height, 0], showgrid: false, showticklabels: false };
  }
  if (panel.kind === "input") return { ...common, range: [-0.1, 1.15], showgrid: false, showticklabels: false };
  const range = panel.kind === "rate" ? ranges.rateAxis : ranges.traceAxis(panel.key.slice("trace:".length));
  const marks =
    panel.kind === "rate"
      ? [0, ranges.rate / 2, ranges.rate].map((at) => ({ at, text: pretty(String(at)) }))
      : ticks(range[0], range[1], 2);
  return { ...common, range, tickmode: "array", tickvals: marks.map((m) => m.at), ticktext: marks.map((m) => m.text) };
}

/** Axes without data: y axes by plotly, one per panel; the time axis is drawn by hand. */
export function axesLayout(scene: Scene, ranges: Ranges, palette: Palette, font: string, window: Window): Record<string, unknown> {
  const { width, height, left, right, panels } = scene.geometry;
  const layout: Record<string, unknown> = {
    width, height, margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 }, showlegend: false, hovermode: false,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: font, size: 11, color: palette.of("ink-3") },
    xaxis: {
      domain: [left / width, right / width], range: [window.from, window.to], fixedrange: true,
      showgrid: false, zeroline: false, showline: false, showticklabels: false, ticks: "", anchor: axisName(panels.length - 1),
    },
  };
  panels.forEach((panel, i) => (layout[layoutName(i)] = yAxis(panel, scene, ranges, palette)));
  return layout;
}

/** Invisible points that keep a panel's axis alive while it has no data of its own. */
export function anchors(scene: Scene): object[] {
  return scene.geometry.panels.map((_, i) => ({
    type: "scatter", x: [null], y: [null], xaxis: "x", yaxis: axisName(i), hoverinfo: "skip",
  }));
}

export function dataTraces(
  scene: Scene, activity: Activity, ranges: Ranges, palette: Palette, window: Window, type: "scatter" | "scattergl",
): object[] {
  const traces: object[] = [];
  const index = (key: string): number => scene.geometry.panels.findIndex((panel) => panel.key === key);
  const line = (name: string, key: string, token: string, dashed: boolean, x: ArrayLike<number>, y: ArrayLike<number>): object => ({
    type, mode: "lines", name: escapeText(name), x, y, xaxis: "x", yaxis: axisName(index(key)),
    line: { color: palette.of(token), width: 1.5, dash: dashed ? "dash" : "solid" }, hoverinfo: "skip",
  });
  const raster = scene.panel("spikes");
  for (const band of scene.bands) {
    const { time, value } = activity.spikes.get(band.id)?.arrays() ?? { time: [], value: [] };
    const pitch = band.height / Math.max(1, band.rows);
    const y = Float32Array.from(value as ArrayLike<number>, (row) => band.top - raster!.top + (row + 0.5) * pitch);
    traces.push({
      type, mode: "markers", name: escapeText(band.name), x: time, y, xaxis: "x", yaxis: axisName(index("spikes")), hoverinfo: "skip",
      marker: { symbol: "square", size: Math.min(3, Math.max(1.6, pitch)), color: palette.of(band.token), line: { width: 0 } },
    });
  }
  if (scene.panel("rate")) {
    for (const { id, name, token, dashed } of scene.rates) {
      const curve = activity.rates.get(id)?.arrays();
      if (curve) traces.push(line(name, "rate", token, dashed, curve.time, curve.value));
    }
  }
  if (scene.panel("input")) {
    for (const input of scene.inputs) {
      const curve = activity.rates.get(input.id)?.arrays();
      const top = ranges.input.get(input.id) ?? 1;
      if (curve?.time.length) traces.push(line(input.name, "input", input.token, false, curve.time, curve.value.map((v) => v / top)));
      else if (input.stimulus) {
        const { from, to } = input.stimulus;
        const first = Math.min(window.from, from) - 1; // beyond the window on both sides
        const last = Math.max(window.to, to) + 1;
        traces.push(line(input.name, "input", input.token, false, [first, from, from, to, to, last], [0, 0, 1, 1, 0, 0]));
      }
    }
  }
  for (const { panel, traces: curves } of scene.traces) {
    for (const { curve, name, token } of curves) {
      const { time, value } = curve.arrays();
      traces.push(line(name, panel.key, token, false, time, value));
    }
  }
  return traces;
}

/** A picture to keep: data, axes, names, marks and the surface behind them. */
export function exportFigure(
  scene: Scene, activity: Activity, ranges: Ranges, palette: Palette, font: string,
  window: Window, marks: Mark[], type: "scatter" | "scattergl",
): { data: object[]; layout: Record<string, unknown> } {
  const layout = axesLayout(scene, ranges, palette, font, window);
  const { left, height } = scene.geometry;
  const text = (content: string, x: number, top: number, over: object = {}): object => ({
    text: escapeText(content), x: x / scene.geometry.width, y: 1 - top / height, xref: "paper", yref: "paper",
    xanchor: "left", yanchor: "middle", showarrow: false, font: { size: 12, color: palette.of("ink") }, ...over,
  });
  layout["paper_bgcolor"] = palette.of("surface");
  layout["xaxis"] = {
    ...(layout["xaxis"] as object), showticklabels: true, tickfont: { size: 11, color: palette.of("ink-3") }, anchor: "free",
    position: 1 - scene.geometry.bottom / height, title: { text: "t (s)", font: { size: 11 }, standoff: 2 },
  };
  layout["annotations"] = [
    ...scene.geometry.panels.map((panel) => text(panelTitle(panel), 12, panel.top - 13)),
    ...scene.bands.map((band) => text(band.name, left - 14, band.top + band.height / 2, {
      xanchor: "right", font: { size: 11, color: palette.of(band.token) },
    })),
    ...marks.map((mark) => ({
      text: escapeText(mark.text), x: mark.at, xref: "x", y: 1 - (scene.panel("spikes")?.top ?? 0) / height, yref: "paper",
      xanchor: "right", yanchor: "top", showarrow: false, bgcolor: palette.of("accent"), borderpad: 3,
      font: { size: 11, color: palette.of("on-accent") },
    })),
  ];
  layout["shapes"] = [
    ...scene.inputs.filter((input) => input.stimulus).map(({ stimulus }) => ({
      type: "rect", xref: "x", yref: "paper", x0: stimulus!.from, x1: stimulus!.to, y0: 1 - scene.geometry.bottom / height, y1: 1,
      fillcolor: palette.faint("inp", 0.09), line: { width: 0 }, layer: "below",
    })),
    ...marks.map((mark) => ({
      type: "line", xref: "x", yref: "paper", x0: mark.at, x1: mark.at, y0: 1 - scene.geometry.bottom / height, y1: 1,
      line: { color: palette.of("accent"), width: 1.5, dash: "dash" },
    })),
  ];
  return { data: [...anchors(scene), ...dataTraces(scene, activity, ranges, palette, window, type)], layout };
}

export function panelTitle(panel: Panel): string {
  const titles = { input: "Input", spikes: "Spikes", rate: "Rate (Hz)" } as Record<string, string>;
  return titles[panel.kind] ?? traceTitle(panel.key.slice("trace:".length));
}
