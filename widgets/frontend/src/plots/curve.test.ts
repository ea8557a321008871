import { describe, expect, it } from "vitest";
import { over, paintCurve } from "./curve";
import { curveRing } from "./ring";

const RED = 0xff0000ff;
const BLUE = 0xffff0000;
const [WIDTH, HEIGHT] = [120, 60];
const FRAME = { from: 0, to: 1, left: 10, right: 110 };

/** A curve in a picture, value 0 in the middle of row 40 and up from there. */
function paint(samples: [number, number][], dashed = false, width = 1) {
  const curve = curveRing();
  curve.push(samples.length, (i) => samples[i]![0], (i) => samples[i]![1]);
  const pixels = new Uint32Array(WIDTH * HEIGHT);
  paintCurve({ pixels, width: WIDTH, height: HEIGHT }, curve, FRAME, (v) => 40.5 - v, { color: RED, width, dashed });
  const alpha = (x: number, y: number): number => pixels[y * WIDTH + x]! >>> 24;
  const ink = (x: number): number => Array.from({ length: HEIGHT }, (_, y) => alpha(x, y)).reduce((sum, a) => sum + a / 255, 0);
  return { alpha, ink };
}

describe("paintCurve", () => {
  it("fills exactly the row of a level curve, from edge to edge", () => {
    const { alpha } = paint([[0, 0], [1, 0]]);
    for (const x of [11, 60, 108]) expect(alpha(x, 40)).toBeGreaterThan(235);
    for (const x of [11, 60, 108]) expect(alpha(x, 39) + alpha(x, 41)).toBe(0);
    expect(alpha(9, 40) + alpha(110, 40)).toBe(0);
  });
  it("lays as much ink as a line of its width: longer by its slope", () => {
    // per column a line of width w and slope m covers w * sqrt(1 + m^2)
    for (const rise of [0, 20, 39]) {
      for (const width of [1.5, 3]) {
        const slope = rise / 100;
        const ratio = paint([[0, 0], [1, rise]], false, width).ink(60) / (width * Math.hypot(1, slope));
        expect(Math.abs(ratio - 1)).toBeLessThan(0.08);
      }
    }
  });
  it("is as wide when it goes straight up", () => {
    const { ink } = paint([[0, 0], [0.5, 0], [0.5001, 30], [1, 30]], false, 2);
    const total = [...Array(WIDTH).keys()].reduce((sum, x) => sum + ink(x), 0);
    expect(total).toBeGreaterThan(2 * (100 + 28) * 0.95);
    expect(total).toBeLessThan(2 * (100 + 32) * 1.08);
  });
  it("keeps the peak of a crowded column", () => {
    const { alpha } = paint([...Array(1000).keys()].map((i) => [i / 1000, i === 505 ? 30 : 0]));
    expect(alpha(60, 12)).toBeGreaterThan(0);
    expect(alpha(57, 12) + alpha(63, 12)).toBe(0);
  });
  it("begins at the left edge when older samples reach in", () => {
    expect(paint([[-0.5, 0], [1, 0]]).alpha(10, 40)).toBeGreaterThan(235);
  });
  it("goes on behind values that are not numbers", () => {
    const { ink } = paint([[0, 0], [0.3, 0], [0.4, NaN], [0.6, Infinity], [0.7, 0], [1, 0]]);
    expect([ink(30) > 0.9, ink(60), ink(90) > 0.9]).toEqual([true, 0, true]);
  });
  it("leaves out two of seven columns when it is dashed", () => {
    const { ink } = paint([[0, 0], [1, 0]], true);
    const drawn = [...Array(98).keys()].filter((x) => ink(11 + x) > 0.5).length;
    expect(drawn).toBe(70);
  });
});

describe("over", () => {
  it("mixes an opaque colour into another", () => {
    expect(over(RED, 1, BLUE)).toBe(RED);
    expect(over(RED, 0, BLUE)).toBe(BLUE);
    expect(over(RED, 0.5, BLUE)).toBe(0xff800080);
  });
  it("keeps its colour over nothing", () => {
    expect(over(RED, 0.5, 0)).toBe(0x800000ff);
    expect(over(RED, 0, 0)).toBe(0);
  });
});
