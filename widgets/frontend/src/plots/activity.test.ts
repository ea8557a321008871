import { describe, expect, it } from "vitest";
import type { Samples } from "../bridge";
import { Activity, type FrameData } from "./activity";

const frame = (over: Partial<FrameData> = {}): FrameData => ({
  run: 1, revision: 3, step0: 0, n_steps: 100, dt: 1e-4, t0: 0, rates: {}, left_out: 0,
  populations: [{ id: "n1", n: 80, rows: [3, 5], rows_key: 1 }], rate_bin: 10, trace_stride: 5, ...over,
});
const arrays = (entries: Record<string, Samples>) => new Map(Object.entries(entries));
const SPIKES = arrays({
  "spikes/n1/step": new Uint16Array([1, 99]), "spikes/n1/row": new Uint16Array([0, 1]),
  "rate/n1": new Float32Array(10).fill(8), "trace/n9/V/17": new Float32Array(20).fill(-60),
});

describe("Activity", () => {
  it("puts samples at their times", () => {
    const activity = new Activity();
    activity.take(frame({ t0: 0.5 }), SPIKES);
    expect(activity.time).toBeCloseTo(0.51, 12);
    const { time, value } = activity.spikes.get("n1")!.arrays();
    expect([...time]).toEqual([0.5 + 1e-4, 0.5 + 99e-4]);
    expect([...value]).toEqual([0, 1]);
    expect(activity.rates.get("n1")!.arrays().value.at(-1)).toBeCloseTo(8, 6);
    const trace = activity.traces.get("trace/n9/V/17")!;
    expect(trace).toMatchObject({ probe: "n9", variable: "V", neuron: 17 });
    expect(trace.curve.arrays().time.at(-1)).toBeCloseTo(0.51, 12);
    expect(activity.rows.get("n1")).toEqual({ id: "n1", n: 80, rows: [3, 5] });
    expect(activity.points).toBe(2);
  });
  it("begins anew with another run and after a reset", () => {
    for (const next of [frame({ run: 2, t0: 5 }), frame({ t0: 0 })]) {
      const activity = new Activity();
      activity.take(frame({ t0: 1 }), SPIKES);
      activity.take(next, arrays({}));
      expect(activity.points).toBe(0);
    }
  });
  it("forgets what scrolled out, whatever the speed", () => {
    const activity = new Activity();
    for (let k = 0; k < 1000; k++) activity.take(frame({ t0: k * 0.01 }), SPIKES);
    expect(activity.points).toBeLessThan(2 * 310);
    activity.take(frame({ t0: 1000 }), arrays({}));
    expect(activity.points).toBe(0);
  });
  it("drops spikes of rows that show other neurons now", () => {
    const activity = new Activity();
    activity.take(frame(), SPIKES);
    activity.take(frame({ t0: 0.01 }), SPIKES);
    expect(activity.points).toBe(4);
    activity.take(frame({ t0: 0.02, populations: [{ id: "n1", n: 80, rows: [1], rows_key: 2 }] }), arrays({}));
    expect(activity.points).toBe(0);
    expect(activity.rows.get("n1")!.rows).toEqual([1]);
  });
  it("smooths the rate without changing its mean", () => {
    const activity = new Activity();
    const values = Float32Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 100 : 0));
    for (let k = 0; k < 20; k++) activity.take(frame({ t0: k * 0.1, n_steps: 1000 }), arrays({ "rate/n1": values }));
    const { value } = activity.rates.get("n1")!.arrays();
    const tail = value.slice(-1000);
    expect(tail.reduce((a, b) => a + b, 0) / tail.length).toBeCloseTo(10, 0);
    expect(Math.max(...tail)).toBeLessThan(50);
  });
  it("keeps only what is drawn", () => {
    const activity = new Activity();
    activity.take(frame(), SPIKES);
    const before = activity.layout;
    activity.keep(new Set(["n2"]));
    expect(activity.rows.size + activity.traces.size + activity.points).toBe(0);
    expect(activity.layout).toBeGreaterThan(before);
  });
});
