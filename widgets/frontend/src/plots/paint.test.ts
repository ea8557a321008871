import { describe, expect, it } from "vitest";
import { paintSpikes } from "./paint";
import { spikeRing } from "./ring";

const RED = 0xff0000ff;

function picture(times: number[], rows: number[], total: number) {
  const spikes = spikeRing();
  spikes.push(times.length, (i) => times[i]!, (i) => rows[i]!);
  const pixels = new Uint32Array(120 * 40);
  const frame = { from: 0, to: 1, left: 10, right: 110 };
  const drawn = paintSpikes({ pixels, width: 120, height: 40 }, [{ spikes, rows: total, top: 0, height: 40, color: RED }], frame, 1);
  return { drawn, at: (x: number, y: number) => pixels[y * 120 + 10 + x] };
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
    expect(at(100, 39)).toBe(0);
  });
});
