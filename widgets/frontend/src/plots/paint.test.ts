import { describe, expect, it } from "vitest";
import { paintSpikes, strokeCurve, type Pen } from "./paint";
import { curveRing, spikeRing } from "./ring";

const RED = 0xff0000ff;

function picture(times: number[], rows: number[], total: number) {
  const spikes = spikeRing();
  spikes.push(times.length, (i) => times[i]!, (i) => rows[i]!);
  const pixels = new Uint32Array(100 * 40).fill(7);
  const drawn = paintSpikes(pixels, 100, 40, [{ spikes, rows: total, top: 0, height: 40, color: RED }], 0, 1, 1);
  return { drawn, at: (x: number, y: number) => pixels[y * 100 + x] };
}

describe("paintSpikes", () => {
  it("puts a spike at its time and row", () => {
    const { drawn, at } = picture([0.25, 0.5], [0, 10], 20);
    expect(drawn).toBe(2);
    expect(at(25, 0)).toBe(RED);
    expect(at(50, 20)).toBe(RED);
    expect(at(24, 0)).toBe(0);
    expect(at(50, 19)).toBe(0);
  });
  it("leaves out what is outside of the window", () => {
    expect(picture([-0.001, 1, 2], [0, 0, 0], 20).drawn).toBe(0);
  });
  it("stays inside its band", () => {
    const { drawn, at } = picture([0.999], [19], 20);
    expect(drawn).toBe(1);
    expect(at(99, 39)).toBe(RED);
  });
});

describe("strokeCurve", () => {
  const calls: [number, number][] = [];
  const context = {
    beginPath: () => (calls.length = 0),
    moveTo: (x: number, y: number) => calls.push([x, y]),
    lineTo: (x: number, y: number) => calls.push([x, y]),
    stroke: () => undefined,
  } as unknown as Pen;
  const frame = { from: 0, to: 1, left: 10, right: 110 };
  it("draws sparse samples as they are", () => {
    const curve = curveRing();
    curve.push(3, (i) => i / 2, (i) => i);
    strokeCurve(context, curve, frame, (v) => v);
    expect(calls).toEqual([[10, 0], [60, 1], [110, 2]]);
  });
  it("keeps the peak of a crowded column", () => {
    const curve = curveRing();
    curve.push(10000, (i) => i / 10000, (i) => (i === 5005 ? 99 : 0));
    strokeCurve(context, curve, frame, (v) => v);
    expect(calls.length).toBeLessThan(250);
    expect(Math.max(...calls.map(([, y]) => y))).toBe(99);
  });
});
