import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Model } from "./bridge";
import type { KernelMessage } from "./protocol";
import { NO_RUN, Session } from "./session";

const SNAPSHOT = {
  type: "snapshot", protocol: 1, document: { name: "A", dt: "0.1 ms", seed: 0, precision: 32, nodes: [], edges: [] }, catalogue: {}, problems: [],
  code: { text: "", map: {}, in_step: true }, estimate: null, history: { undo: null, redo: null }, run: NO_RUN, revision: 0,
  file: { path: null, saved: true }, examples: [],
};

interface Begun { session: Session; sent: { type: string }[]; say(message: object): void }

function begun(): Begun {
  const sent: { type: string }[] = [];
  const listeners: ((content: KernelMessage) => void)[] = [];
  const model: Model = {
    get: () => undefined, off: () => undefined, send: (content) => void sent.push(content as { type: string }),
    on: (event, callback) => void (event === "msg:custom" && listeners.push(callback as (content: KernelMessage) => void)),
  };
  const session = new Session(model, new AbortController().signal);
  const say = (message: object): void => listeners.forEach((listener) => listener(message as KernelMessage));
  return { session, sent, say };
}
function opened(): Begun {
  const all = begun();
  all.session.hello("v");
  all.say(SNAPSHOT);
  return all;
}
const types = (sent: { type: string }[]): string[] => sent.map((message) => message.type);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("sends what is drawn before the first answer", async () => {
  const { session, sent, say } = begun();
  session.hello("v");
  const outcome = session.edit("v", [{ op: "add-node", id: "n1", kind: "LIF", position: [0, 0] }]);
  expect(types(sent)).toEqual(["hello", "edit"]);
  say(SNAPSHOT);
  const { intent } = sent[1] as unknown as { intent: number };
  const node = { id: "n1", kind: "LIF", label: "A", position: [0, 0] };
  say({
    type: "patch", intent, revision: 1, nodes: [node], edges: [], removed: [], problems: [], invalidates: "structure",
    history: { undo: null, redo: null },
  });
  expect(await outcome).toEqual({ problems: [], created: ["n1"] });
  expect(session.store.getState().document.nodes.map((one) => one.id)).toEqual(["n1"]);
});
it("asks for a layout that never came, and answers for frames it cannot read", () => {
  const { session, sent, say } = opened();
  const arrived: number[] = [];
  const read: [number, number][] = [];
  session.onArrival((seq) => arrived.push(seq));
  session.onFrame((frame) => read.push([frame.seq, frame.t0]));
  const layout = { dt: 0.5, rate_bin: 1, trace_stride: 1, populations: [], arrays: [] };
  const frame = (seq: number, number: number, told?: object): void =>
    say({ type: "frame", seq, run: 1, revision: 1, step0: 4, n_steps: 1, rates: {}, sizes: [], left_out: 0, layout: number, told });
  frame(1, 1);
  frame(2, 1);
  expect(types(sent)).toEqual(["hello", "missed"]);
  vi.advanceTimersByTime(600);
  frame(3, 1); // the question was lost, too
  expect(types(sent)).toEqual(["hello", "missed", "missed"]);
  frame(4, 2, layout);
  frame(5, 2);
  expect(read).toEqual([[4, 2], [5, 2]]);
  vi.advanceTimersByTime(600);
  frame(6, 3); // another one was not told
  expect(types(sent)).toEqual(["hello", "missed", "missed", "missed"]);
  expect(read).toHaveLength(2);
  expect(arrived).toEqual([1, 2, 3, 4, 5, 6]);
});
it("asks again when a run was never answered", () => {
  const { session, sent, say } = opened();
  session.send({ type: "run", command: "run" });
  vi.advanceTimersByTime(2900);
  expect(types(sent)).toEqual(["hello", "run", "run"]);
  vi.advanceTimersByTime(5000);
  expect(types(sent)).toEqual(["hello", "run", "run", "hello"]);
  say(SNAPSHOT);
  expect(session.store.getState().connection).toBe("live");
  vi.advanceTimersByTime(20_000);
  expect(types(sent)).toHaveLength(4);
});
it("makes no step twice, but asks how things are", () => {
  const { session, sent } = opened();
  session.send({ type: "run", command: "step" });
  vi.advanceTimersByTime(9000);
  expect(types(sent)).toEqual(["hello", "run", "hello"]);
});
it("leaves an answered run alone", () => {
  const { session, sent, say } = opened();
  session.send({ type: "run", command: "run" });
  say({ type: "run-state", ...NO_RUN, state: "building" });
  vi.advanceTimersByTime(20_000);
  expect(types(sent)).toEqual(["hello", "run"]);
});
it("asks a kernel that gave no first answer again, ever more seldom", () => {
  const { session, sent, say } = begun();
  session.hello("v");
  vi.advanceTimersByTime(2000);
  expect(session.store.getState().connection).toBe("none");
  vi.advanceTimersByTime(118_000);
  expect(types(sent)).toEqual(["hello", "hello", "hello", "hello", "hello"]);
  say(SNAPSHOT);
  expect(session.store.getState().connection).toBe("live");
  vi.advanceTimersByTime(600_000);
  expect(types(sent)).toHaveLength(5);
});
it("says that nobody is there when nobody answers", () => {
  const { session } = opened();
  session.send({ type: "run", command: "run" });
  vi.advanceTimersByTime(12_000);
  expect(session.store.getState().connection).toBe("none");
});
