import { expect, it } from "vitest";
import { EMPTY_CATALOGUE, EMPTY_DOCUMENT } from "../document";
import { NO_RUN } from "../session";
import { PANES, type EditorState } from "../store";
import { bytesText, canReset, canRun, canStep, chipOf, faceOf, manyText, speedText, wordsOf } from "./running";

const state = (change: Partial<EditorState> = {}, run: Partial<EditorState["run"]> = {}): EditorState => ({
  document: { ...EMPTY_DOCUMENT, nodes: [{ id: "n1", kind: "LIFRef", label: "E", position: [0, 0] }] }, catalogue: EMPTY_CATALOGUE,
  problems: [], code: { text: "", map: {}, in_step: true }, estimate: null, history: { undo: null, redo: null },
  run: { ...NO_RUN, state: "ready", ...run }, revision: 0, file: { path: null, saved: true }, examples: [], connection: "live",
  readOnly: false, selection: [], panes: PANES, reveal: null, rate: null, refusal: null, ...change,
});
const error = { code: "x", severity: "error" as const, element: "n1", field: null, text: "", fixes: [] };

it("gives the button the face of what it would do", () => {
  expect(faceOf(state())).toBe("run");
  expect(faceOf(state({ problems: [error] }))).toBe("fix");
  expect(faceOf(state({ problems: [error] }, { state: "running" }))).toBe("pause");
  expect(faceOf(state({}, { state: "building" }))).toBe("cancel");
  expect(faceOf(state({}, { state: "failed" }))).toBe("reset");
  expect(faceOf(state({ connection: "none" }, { state: "running" }))).toBe("run");
});
it("runs nothing without nodes or without a kernel", () => {
  expect(canRun(state())).toBe(true);
  expect(canRun(state({ connection: "none" }))).toBe(false);
  expect(canRun(state({ document: EMPTY_DOCUMENT }))).toBe(false);
  expect(canStep(state({ problems: [error] }))).toBe(false);
});
it("resets only what has begun", () => {
  expect(canReset(state())).toBe(false);
  expect(canReset(state({}, { step: 10, state: "paused" }))).toBe(true);
});
it("says where a run stands", () => {
  expect(chipOf(state({}, { state: "building", progress: { step: 2, of: 4, text: "", fraction: 0.1 } })).text).toBe("Building 2 of 4");
  expect(chipOf(state({}, { state: "failed", t: 0.412 }))).toEqual({ text: "Stopped at 0.412 s", tone: "error" });
  expect(chipOf(state({ connection: "none" })).text).toBe("No kernel");
});
it("says what the next run costs after a change", () => {
  const estimate = { neurons: 1, synapses: 1, bytes: 1, seconds: 2.7, free_bytes: null };
  expect(wordsOf(state({ estimate }, { state: "changed" }))).toBe("Next run rebuilds, about 3 s. Your sliders keep their values.");
  expect(wordsOf(state({ estimate }))).toBeNull();
});
it("writes amounts short", () => {
  expect([bytesText(900), bytesText(3.2e6), bytesText(68e6), bytesText(2.14e9)]).toEqual(["900 B", "3.2 MB", "68 MB", "2.1 GB"]);
  expect([manyText(800), manyText(324_000), manyText(2_130_000)]).toEqual(["800", "324 k", "2.1 M"]);
  expect([speedText(0.5), speedText(null)]).toEqual(["0.5×", "Max"]);
});
