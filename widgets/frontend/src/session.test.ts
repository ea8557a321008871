import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Model } from "./bridge";
import type { KernelMessage } from "./protocol";
import { NO_RUN, Session } from "./session";

const SNAPSHOT = {
  type: "snapshot", protocol: 1, document: { name: "A", dt: "0.1 ms", seed: 0, precision: 32, nodes: [], edges: [] }, catalogue: {}, problems: [],
  code: { text: "", map: {}, in_step: true }, estimate: null, history: { undo: null, redo: null }, run: NO_RUN, revision: 0,
  file: { path: null, saved: true }, examples: [],
};

function opened(): { session: Session; sent: { type: string }[]; say(message: object): void } {
  const sent: { type: string }[] = [];
  const listeners: ((content: KernelMessage) => void)[] = [];
  const model: Model = {
    get: () => undefined, off: () => undefined, send: (content) => void sent.push(content as { type: string }),
    on: (event, callback) => void (event === "msg:custom" && listeners.push(callback as (content: KernelMessage) => void)),
  };
  const session = new Session(model, new AbortController().signal);
  const say = (message: object): void => listeners.forEach((listener) => listener(message as KernelMessage));
  session.hello("v");
  say(SNAPSHOT);
  return { session, sent, say };
}
const types = (sent: { type: string }[]): string[] => sent.map((message) => message.type);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
it("says that nobody is there when nobody answers", () => {
  const { session } = opened();
  session.send({ type: "run", command: "run" });
  vi.advanceTimersByTime(12_000);
  expect(session.store.getState().connection).toBe("none");
});
