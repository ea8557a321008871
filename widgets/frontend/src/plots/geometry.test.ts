import { describe, expect, it } from "vitest";
import { bands, stack, type PanelSpec } from "./geometry";

const ALL: PanelSpec[] = [
  { key: "input", kind: "input" },
  { key: "spikes", kind: "spikes" },
  { key: "rate", kind: "rate" },
  { key: "V", kind: "trace" },
];

describe("stack", () => {
  it.each([
    [583, 596],
    [590, 338],
    [1200, 800],
  ])("fills %d x %d without overlap", (width, height) => {
    const geometry = stack(width, height, 50, ALL);
    let last = 0;
    for (const panel of geometry.panels) {
      expect(panel.top).toBeGreaterThanOrEqual(last + 20);
      last = panel.top + panel.height;
    }
    expect(geometry.bottom).toBe(last);
    expect(last).toBeLessThanOrEqual(height - 28);
    expect(last).toBeGreaterThan(height - 34);
  });
  it("gives the room of a missing raster to the others", () => {
    const geometry = stack(500, 400, 50, ALL.filter((panel) => panel.kind !== "spikes"));
    expect(geometry.bottom).toBeGreaterThan(360);
  });
  it("never has a negative size", () => {
    for (const panel of stack(10, 10, 50, ALL).panels) expect(panel.height).toBeGreaterThan(0);
  });
});

describe("bands", () => {
  const panel = { key: "spikes", kind: "spikes", top: 40, height: 258 } as const;
  it("share the height by rows", () => {
    const [e, i] = bands(panel, [{ id: "e", rows: 80 }, { id: "i", rows: 24 }]);
    expect(e!.top).toBe(40);
    expect(e!.height / i!.height).toBeGreaterThan(2);
    expect(i!.top + i!.height).toBeCloseTo(298, 6);
  });
  it("leave out populations without rows", () => {
    expect(bands(panel, [{ id: "e", rows: 0 }])).toEqual([]);
  });
});
