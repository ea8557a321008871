// What the run button and the chip beside it say, and whether they can be pressed.

import { count } from "../fields/quantity";
import { errorsIn, type EditorState } from "../store";

export type Face = "run" | "pause" | "cancel" | "fix" | "reset";

export function faceOf(state: EditorState): Face {
  if (state.connection === "none") return "run"; // what ran is gone
  if (state.run.state === "running") return "pause";
  if (state.run.state === "building") return "cancel";
  if (state.run.state === "failed") return "reset";
  return errorsIn(state) > 0 ? "fix" : "run";
}

/** Whether there is something that could run, and somebody to run it. */
export const canRun = (state: EditorState): boolean => state.connection === "live" && state.document.nodes.length > 0;

export const canStep = (state: EditorState): boolean =>
  canRun(state) && errorsIn(state) === 0 && state.run.state !== "building" && state.run.state !== "failed";

export const canReset = (state: EditorState): boolean =>
  state.connection === "live" && state.run.state !== "building" && (state.run.step > 0 || state.run.state === "failed" || state.run.state === "stopped");

export interface Chip {
  text: string;
  tone: "" | "run" | "busy" | "error" | "pause";
}

export function chipOf(state: EditorState): Chip {
  const { run, connection } = state;
  if (connection === "none") return { text: "No kernel", tone: "error" };
  if (connection === "waiting") return { text: "Waiting for the kernel", tone: "busy" };
  switch (run.state) {
    case "empty":
      return { text: "Nothing to run yet", tone: "" };
    case "draft":
      return { text: "Draft", tone: "" };
    case "ready":
      return { text: "Ready", tone: "" };
    case "changed":
      return { text: "Changed", tone: "" };
    case "building":
      return { text: run.progress ? `Building ${run.progress.step} of ${run.progress.of}` : "Building", tone: "busy" };
    case "running":
      return { text: "Running", tone: "run" };
    case "paused":
      return { text: "Paused", tone: "pause" };
    case "stopped":
      return { text: `Stopped at ${seconds(run.t)} s`, tone: "" };
    case "failed":
      return { text: `Stopped at ${seconds(run.t)} s`, tone: "error" };
  }
}

/** What goes on, in a sentence; a failure has more room over the canvas. */
export function wordsOf({ run, estimate, connection }: EditorState): string | null {
  if (connection === "none") return null;
  if (run.state === "building") return run.progress?.text ?? null;
  if (run.state === "failed") return null;
  if (run.text !== null || run.state !== "changed") return run.text;
  const wait = estimate ? `, about ${Math.max(1, Math.round(estimate.seconds))} s` : "";
  return `Next run rebuilds${wait}. Your sliders keep their values.`;
}

export const seconds = (t: number): string => t.toFixed(3);

/** "1.2 GB": what memory is asked for, to two digits. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, at] = [Math.max(0, bytes), 0];
  while (value >= 999.5 && at < units.length - 1) [value, at] = [value / 1000, at + 1];
  return `${value >= 10 || at === 0 ? value.toFixed(0) : Number(value.toFixed(1))} ${units[at]}`;
}

/** "324 k synapses": short enough for a bar. */
export function manyText(n: number): string {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(2))} M`;
  return n >= 1e4 ? `${Math.round(n / 1e3)} k` : count(n);
}

export const speedText = (speed: number | null): string => (speed === null ? "Max" : `${speed}×`);
export const SPEEDS: readonly (number | null)[] = [0.1, 0.5, 1, null];
