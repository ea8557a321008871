import { describe, expect, it } from "vitest";
import { PANES, type Panes } from "../store";
import { arrange, BESIDE, CANVAS, grid, type Facts, type Room } from "./layout";

const NONE: Facts = { hasSelection: false, hasPins: false, isActive: false };
const plan = (room: Room, panes: Partial<Panes> = {}, facts: Partial<Facts> = {}): ReturnType<typeof arrange> =>
  arrange(room, { ...PANES, ...panes }, { ...NONE, ...facts });
const CELL = { width: 1100, height: 700 };
const TAB = { width: 1600, height: 950 };

describe("a cell", () => {
  it("begins with the palette and the canvas", () => {
    expect(plan(CELL)).toMatchObject({ mode: "cell", left: "palette", inspector: "none", plots: "none", code: "none" });
  });
  it("opens the inspector on selection", () => {
    expect(plan(CELL, {}, { hasSelection: true })).toMatchObject({ left: "palette", inspector: "column" });
  });
  it("collapses the palette for the plots and keeps the canvas wide enough", () => {
    const open = plan(CELL, { plots: true });
    expect(open).toMatchObject({ left: "rail", plots: "column" });
    expect(CELL.width - open.width.left - open.width.plots).toBeGreaterThanOrEqual(CANVAS);
  });
  it("lets canvas and plots make room for the inspector", () => {
    const open = plan(CELL, { plots: true }, { hasSelection: true });
    expect(open).toMatchObject({ inspector: "column", plots: "column" });
    expect(CELL.width - open.width.left - open.width.inspector - open.width.plots).toBeGreaterThanOrEqual(BESIDE);
  });
  it("puts the plots under the canvas where three columns do not fit, whatever is selected", () => {
    const narrow = { width: 900, height: 700 };
    for (const hasSelection of [false, true]) {
      const open = plan(narrow, { plots: true }, { hasSelection });
      expect(open).toMatchObject({ mode: "cell", plots: "dock", inspector: hasSelection ? "column" : "none" });
      expect(narrow.height - open.height.dock).toBeGreaterThan(340);
    }
    const open = plan(narrow, { plots: true }, { hasSelection: true });
    expect(grid(open)).toEqual({ columns: "44px minmax(0,1fr) 300px", rows: "minmax(0,1fr) 350px", areas: '"left mid insp" "left plots insp"' });
    expect(plan(narrow, {}, { hasSelection: true })).toMatchObject({ plots: "none", inspector: "column" });
    expect(plan(narrow, { plots: true }, { hasPins: true }).live).toBe("inspector");
  });
  it("makes the code a drawer over the plots", () => {
    expect(plan(CELL, { plots: true, code: true }).code).toBe("drawer");
    expect(plan(CELL, { code: true }).code).toBe("column");
  });
  it("shows pinned values under the canvas once there is life", () => {
    expect(plan(CELL, {}, { hasPins: true }).live).toBe("none");
    expect(plan(CELL, {}, { hasPins: true, isActive: true }).live).toBe("under");
  });
});

describe("a full tab", () => {
  it("keeps the inspector and docks plots and problems", () => {
    const open = plan(TAB, { plots: true, problems: true, code: true });
    expect(open).toMatchObject({ mode: "tab", left: "palette", inspector: "column", plots: "dock", problems: "dock", code: "column" });
    expect(grid(open)).toEqual({
      columns: "196px minmax(0,1fr) 80px 304px 420px",
      rows: "minmax(0,1fr) 372px",
      areas: '"left mid mid insp code" "left plots probs probs code"',
    });
  });
  it("gives a lone pane the whole dock", () => {
    expect(grid(plan(TAB, { plots: true })).areas).toBe('"left mid mid insp" "left plots plots plots"');
    expect(grid(plan(TAB, { problems: true })).areas).toBe('"left mid mid insp" "left probs probs probs"');
  });
  it("shows pinned values in the inspector while nothing is selected", () => {
    expect(plan(TAB, {}, { hasPins: true }).live).toBe("inspector");
    expect(plan(TAB, {}, { hasPins: true, hasSelection: true }).live).toBe("none");
  });
  it("is not taken for a wide but low cell", () => {
    expect(plan({ width: 1600, height: 600 }).mode).toBe("cell");
  });
});

it("shows one pane at a time where there is no room", () => {
  const room = { width: 640, height: 700 };
  expect(plan(room)).toMatchObject({ mode: "one", canvas: true, left: "rail" });
  expect(plan(room, { plots: true })).toMatchObject({ canvas: false, plots: "alone", code: "none" });
});
