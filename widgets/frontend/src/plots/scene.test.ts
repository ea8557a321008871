import { describe, expect, it } from "vitest";
import type { Samples } from "../bridge";
import { Activity } from "./activity";
import type { Palette } from "./colors";
import { axesLayout, dataTraces, exportFigure } from "./figure";
import { Ranges, buildScene, hues, stimulusOf, type Source } from "./scene";

const source = (id: string, over: Partial<Source> = {}): Source => ({
  id, label: id.toUpperCase(), shape: "population", sign: 1, recorded: false, spikes: true, stimulus: null, ...over,
});
const EVIL = '<a href="https://evil" style="background:url(https://evil)">$\\href{javascript:1}{E}$</a>';
const SOURCES = [
  source("e", { label: EVIL }), source("i", { sign: -1 }), source("p", { shape: "input", stimulus: { from: 0.2, to: 0.4 } }),
  source("probe", { shape: "probe" }),
];
const PALETTE: Palette = { of: (t) => t, pixel: () => 1, faint: (t) => t };
const SIZE = { width: 600, height: 600, gutter: 50 };

function running(): Activity {
  const activity = new Activity();
  const arrays: Record<string, Samples> = {
    "spikes/e/step": new Uint16Array([10, 20]), "spikes/e/row": new Uint16Array([0, 2]),
    "spikes/i/step": new Uint16Array([]), "spikes/i/row": new Uint16Array([]),
    "rate/e": new Float32Array([40, 60]), "trace/probe/V/17": new Float32Array([-61, -52]),
  };
  activity.take({
    run: 1, revision: 1, step0: 0, n_steps: 100, dt: 1e-3, t0: 0, rates: {}, left_out: 0, rate_bin: 50, trace_stride: 50,
    populations: [{ id: "e", n: 9, rows: [1, 2, 3], rows_key: 1 }, { id: "i", n: 1, rows: [0], rows_key: 1 }],
  }, new Map(Object.entries(arrays)));
  return activity;
}
const sceneOf = (activity: Activity, hidden: string[] = []) =>
  buildScene(SOURCES, activity, () => "e", SIZE, new Set(hidden));

describe("hues", () => {
  it("walk through a family and start again", () => {
    const many = [1, 1, -1, 1, 1, 0].map((sign, i) => source(`n${i}`, { sign }));
    expect([...hues(many).values()]).toEqual(["exc", "e2", "inh", "e3", "exc", "u1"]);
    expect(hues(SOURCES).get("p")).toBe("inp");
  });
});

describe("buildScene", () => {
  it("stacks what there is to see", () => {
    const scene = sceneOf(running());
    expect(scene.geometry.panels.map((p) => p.key)).toEqual(["input", "spikes", "rate", "trace:V"]);
    expect(scene.bands.map((b) => [b.id, b.rows])).toEqual([["e", 3], ["i", 1]]);
    expect(scene.traces[0]!.traces[0]!.name).toContain("neuron 17");
    expect(scene.traces[0]!.unit).toBe("mV");
    expect(scene.rates[1]!.dashed).toBe(true);
  });
  it("has no panel for inputs of which nothing is seen", () => {
    const silent = [source("e"), source("p", { shape: "input", spikes: false })];
    const keys = (sources: Source[]): string[] =>
      buildScene(sources, running(), () => "e", SIZE, new Set()).geometry.panels.map((p) => p.key);
    expect(keys(silent)).not.toContain("input");
    expect(keys([...silent, source("q", { shape: "input", spikes: false, stimulus: { from: 0, to: 1 } })])).toContain("input");
  });
  it("leaves out what is hidden", () => {
    const scene = sceneOf(running(), ["spikes", "input"]);
    expect(scene.geometry.panels.map((p) => p.key)).toEqual(["rate", "trace:V"]);
    expect(scene.bands).toEqual([]);
  });
});

describe("Ranges", () => {
  it("grow to the data and stay", () => {
    const activity = running();
    const scene = sceneOf(activity);
    const ranges = new Ranges();
    expect(ranges.grow(scene, activity)).toBe(true);
    const [low, high] = ranges.traceAxis("V");
    expect(low).toBeLessThanOrEqual(-61);
    expect(high).toBeGreaterThanOrEqual(-52);
    expect(high - low).toBeLessThan(20);
    expect(ranges.rate).toBeGreaterThanOrEqual(40);
    expect(ranges.grow(scene, activity)).toBe(false);
    activity.clear();
    expect(ranges.grow(scene, activity)).toBe(false);
  });
});

describe("the figure", () => {
  const activity = running();
  const scene = sceneOf(activity);
  const ranges = new Ranges();
  ranges.grow(scene, activity);
  const view = { from: 0, to: 1 };
  it("puts panels where the canvas has them", () => {
    const layout = axesLayout(scene, ranges, PALETTE, "sans", view) as Record<string, { domain: [number, number] }>;
    scene.geometry.panels.forEach((panel, i) => {
      const [from, to] = layout[i === 0 ? "yaxis" : `yaxis${i + 1}`]!.domain;
      expect((1 - to) * 600).toBeCloseTo(panel.top, 6);
      expect((to - from) * 600).toBeCloseTo(panel.height, 6);
    });
    expect(layout["xaxis"]!.domain).toEqual([scene.geometry.left / 600, scene.geometry.right / 600]);
  });
  it("has every series", () => {
    const traces = dataTraces(scene, activity, ranges, PALETTE, view, "scattergl") as { mode: string }[];
    expect(traces.filter((t) => t.mode === "markers")).toHaveLength(2);
    expect(traces.filter((t) => t.mode === "lines")).toHaveLength(3); // rate of e, input, voltage
  });
  it("escapes every text of a person", () => {
    const figure = exportFigure(scene, activity, ranges, PALETTE, "sans", view, [{ at: 0.5, text: EVIL }], "scatter");
    const texts: string[] = [];
    const walk = (value: unknown, key: string): void => {
      if (typeof value === "string" && ["text", "name"].includes(key)) texts.push(value);
      else if (value && typeof value === "object" && !ArrayBuffer.isView(value)) Object.entries(value).forEach(([k, v]) => walk(v, k));
    };
    walk(figure, "");
    expect(texts.filter((text) => text.includes("evil")).length).toBeGreaterThan(2);
    for (const text of texts) expect(text).not.toMatch(/[<>$"]/);
  });
});

it("knows when an input is on", () => {
  expect(stimulusOf({ start: "100 ms", stop: "0.4 s" })).toEqual({ from: 0.1, to: 0.4 });
  expect(stimulusOf({ stop: "0.4 s" })).toEqual({ from: 0, to: 0.4 });
  expect(stimulusOf({ start: "100 ms", stop: null })).toBeNull();
  expect(stimulusOf({ rate: "9 Hz" })).toBeNull();
});
