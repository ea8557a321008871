import { describe, expect, it } from "vitest";
import { makeScale, moved, nice, paged, place, valueAt } from "./scale";

const LINEAR = { unit: "mV", low: -60, high: -40 };
const LOG = { unit: "Hz", low: 1, high: 1000 };

describe("nice", () => {
  it.each([
    [3.2, 1, 5],
    [3.2, -1, 2],
    [-3.2, 1, -2],
    [-3.2, -1, -5],
    [0.07, 1, 0.1],
    [20, 1, 20],
    [20, -1, 20],
    [0, 1, 0],
  ] as const)("%d in direction %d is %d", (value, direction, result) =>
    expect(nice(value, direction)).toBeCloseTo(result, 12),
  );
});

describe("makeScale", () => {
  it("leaves room around the plausible range, within the limits", () => {
    const scale = makeScale(LINEAR)!;
    expect(scale.log).toBe(false);
    expect(scale.low).toBeLessThan(-60);
    expect(scale.high).toBeGreaterThan(-40);
    expect(makeScale({ unit: "", low: 0.01, high: 0.5, minimum: 0, maximum: 1 })).toMatchObject({ low: 0, high: 1 });
  });
  it("is logarithmic over two decades, never at zero", () => {
    expect(makeScale(LOG)!.log).toBe(true);
    expect(makeScale({ unit: "", low: 1, high: 99 })!.log).toBe(false);
    expect(makeScale({ unit: "", low: 0, high: 1e6 })!.log).toBe(false);
  });
  it("grows to the values it shows", () => {
    expect(makeScale(LINEAR, 30)!.high).toBe(30);
    expect(makeScale(LOG, 1e6, -3, null)!).toMatchObject({ high: 1e6 });
  });
  it("needs a range", () => {
    expect(makeScale({ unit: "", low: null, high: null })).toBeNull();
    expect(makeScale({ unit: "", low: 2, high: 2 })).toBeNull();
  });
  it("does not go below zero for what has no negative values", () => {
    expect(makeScale({ unit: "ms", low: 5, high: 50 })!.low).toBe(0);
  });
});

describe.each([
  ["linear", LINEAR],
  ["log", LOG],
])("a %s track", (_name, spec) => {
  const scale = makeScale(spec)!;
  it("goes there and back", () => {
    for (let share = 0; share <= 1; share += 0.05) {
      expect(place(scale, valueAt(scale, share))).toBeCloseTo(share, 1);
    }
    expect(valueAt(scale, -1)).toBe(scale.low);
    expect(valueAt(scale, 2)).toBe(scale.high);
  });
  it("moves with every key, and stops at the ends", () => {
    let value = scale.low;
    for (let i = 0; i < 20; i++) {
      const next = moved(scale, value, 10);
      expect(next).toBeGreaterThan(value);
      value = next;
    }
    expect(paged(scale, value, 20)).toBe(scale.high);
    expect(moved(scale, scale.low, -1)).toBe(scale.low);
  });
});

it("counts in whole numbers", () => {
  const scale = makeScale({ unit: "", low: 1, high: 10000, integer: true })!;
  for (let share = 0; share <= 1; share += 0.01) expect(valueAt(scale, share) % 1).toBe(0);
  expect(moved(scale, 1, 1)).toBe(2);
  expect(moved(scale, 2, -1)).toBe(1);
});

it("gives numbers without dust", () => {
  const scale = makeScale({ unit: "", low: 0, high: 1, minimum: 0, maximum: 1 })!;
  for (let i = 0; i < 300; i++) expect(String(valueAt(scale, i / 300)).length).toBeLessThan(7);
});
