import { expect, it } from "vitest";
import { changeLabel, startLabel } from "./change";
import type { FieldSpec } from "./spec";

const spec = (change: Partial<FieldSpec> = {}): FieldSpec => ({
  path: "weight", label: "Weight", symbol: "w", unit: "nS", name: "Weight w", help: "", source: "", type: "number", choices: [], integer: false, log: false,
  low: null, high: null, minimum: null, maximum: null, default: null, value: null, isChanged: false, structural: false, distribution: false, ...change,
});

it("says what changed from where to where, with the unit once", () => {
  expect(changeLabel("I → E", spec(), "40 nS", "67 nS")).toBe("I → E weight 40 to 67 nS");
  expect(changeLabel("E", spec({ label: "Size", unit: "" }), 100, 3200)).toBe("E size 100 to 3\u2009200");
});
it("brings both to one unit, and writes a minus as a minus", () => {
  expect(changeLabel("E", spec({ label: "Threshold", unit: "mV" }), "-50 mV", "-0.048 V")).toBe("E threshold −50 to −48 mV");
  expect(changeLabel("E", spec({ label: "Threshold", unit: "mV" }), "-50 mV", "-48")).toBe("E threshold −50 to −48 mV");
});
it("names a drag by where it began", () => {
  expect(startLabel("I → E", spec(), "67 nS")).toBe("I → E weight from 67 nS");
});
it("knows defaults, switches, choices and what has no number", () => {
  expect(changeLabel("E", spec(), "40 nS", null)).toBe("E weight back to its default");
  expect(changeLabel("E", spec({ label: "To itself" }), true, false)).toBe("E to itself off");
  expect(changeLabel("", spec({ label: "Precision", unit: "", choices: [{ value: 64, label: "float64" }] }), 32, 64)).toBe("Precision 32 to float64");
  expect(changeLabel("E", spec(), "40 nS", { dist: "Normal", mean: "40 nS", std: "5 nS" })).toBe("E weight changed");
});
