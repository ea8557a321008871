// One a model, shared by its views: the mirror of the document and what waits for an answer.

import { createStore, type StoreApi } from "zustand/vanilla";
import { Bridge, decodeArrays, type Model, type Samples } from "./bridge";
import { EMPTY_CATALOGUE, EMPTY_DOCUMENT, applyPatch, foresee } from "./document";
import {
  PROTOCOL_VERSION,
  type BrowserMessage, type Catalogue, type Code, type Doc, type Estimate, type Example, type FileCommand, type FileDone,
  type FileState, type Frame, type History, type KernelMessage, type Layout, type Op, type Patch, type Problem, type RunState, type Snapshot,
} from "./protocol";

/** "waiting" for a first answer, "live", or "none": nobody answers. */
export type Connection = "waiting" | "live" | "none";

export interface Shared {
  document: Doc;
  catalogue: Catalogue;
  problems: Problem[];
  code: Code;
  estimate: Estimate | null;
  history: History;
  run: RunState;
  revision: number;
  file: FileState;
  examples: Example[];
  connection: Connection;
  readOnly: boolean;
}

export interface EditOptions {
  gesture?: number;
  done?: boolean;
  label?: string;
}

export interface Outcome {
  problems: Problem[];
  created: string[];
}

/** A frame that can be read. */
export interface Picture extends Omit<Frame, "layout" | "told" | "sizes">, Omit<Layout, "arrays"> {
  t0: number;
}
export type FrameListener = (frame: Picture, arrays: ReadonlyMap<string, Samples>) => void;

interface Waiting {
  intent: number;
  ops: Op[];
  since: number;
  resolve(outcome: Outcome): void;
}

const PATIENCE = { hello: 1500, run: 1500, answer: 6000, check: 1000, layout: 500 }; // ms

export const NO_RUN: RunState = {
  state: "empty", t: 0, step: 0, progress: null, speed: 1, factor: null, text: null, problem: null, applied: null,
  recording: false, left_out: 0,
};
export const NO_KERNEL = "No kernel. The drawing is safe and read-only. Run this cell again (Shift+Enter): edits that were not saved come back.";

const problem = (text: string): Problem => ({ code: "no-kernel", severity: "error", element: null, field: null, text, fixes: [] });

export class Session {
  readonly store: StoreApi<Shared>;
  private readonly bridge: Bridge;
  private confirmed: Doc;
  private waiting: Waiting[] = [];
  private files = new Map<number, (answer: FileDone) => void>();
  private assets = new Map<string, ((bytes: Uint8Array) => void)[]>();
  private listeners = new Set<FrameListener>();
  private arrivals = new Set<(seq: number) => void>();
  private layout: (Layout & { number: number }) | null = null; // of the last frame that told it
  private asked = -Infinity; // when that was asked for
  private knock = { at: 0, wait: PATIENCE.answer }; // at a kernel that gave no first answer
  private command: { message: BrowserMessage & { type: "run" }; since: number; again: boolean } | null = null; // without an answer
  private intent: number;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(model: Model, signal: AbortSignal) {
    this.bridge = new Bridge(model);
    const { document, catalogue } = this.bridge.saved();
    this.confirmed = document ?? EMPTY_DOCUMENT;
    // pages of one kernel must not take each other's answers for their own
    this.intent = crypto.getRandomValues(new Uint32Array(1))[0]! * 2 ** 20;
    this.store = createStore<Shared>(() => ({
      document: this.confirmed, catalogue: catalogue ?? EMPTY_CATALOGUE, problems: [],
      code: { text: "", map: {}, in_step: true }, estimate: null, history: { undo: null, redo: null }, run: NO_RUN, revision: 0,
      file: { path: null, saved: true }, examples: [], connection: "waiting",
      readOnly: false, // the first answer is under way: who begins at once is not held up
    }));
    this.bridge.onMessage((message, buffers) => this.take(message, buffers), signal);
    this.bridge.onConnection(() => this.lost(), signal);
    const watch = setInterval(() => this.checkPatience(), PATIENCE.check);
    signal.addEventListener("abort", () => {
      clearInterval(watch);
      clearTimeout(this.deadline);
    });
  }

  send(message: BrowserMessage): void {
    if (message.type === "run") this.command ??= { message, since: Date.now(), again: false };
    if (!this.bridge.send(message) && message.type !== "bye") this.giveUp();
  }

  /** A view opened: ask for everything, and doubt the kernel if it stays silent. */
  hello(view: string): void {
    this.lastView = view;
    this.expectSnapshot();
    this.send({ type: "hello", view, protocol: PROTOCOL_VERSION });
  }

  edit(view: string, ops: Op[], options: EditOptions = {}): Promise<Outcome> {
    const { connection, readOnly } = this.store.getState();
    if (connection === "none" || readOnly) return Promise.resolve({ problems: [problem(NO_KERNEL)], created: [] });
    const intent = this.nextIntent();
    return new Promise((resolve) => {
      this.waiting.push({ intent, ops, since: Date.now(), resolve });
      this.show();
      this.send({ type: "edit", intent, view, ops, ...options });
    });
  }

  undo(): void {
    this.send({ type: "undo", intent: this.nextIntent() });
  }

  redo(): void {
    this.send({ type: "redo", intent: this.nextIntent() });
  }

  silence(element: string | null, code: string): void {
    this.send({ type: "silence", element, code, intent: this.nextIntent() });
  }

  file(command: FileCommand, path?: string): Promise<FileDone> {
    const intent = this.nextIntent();
    return new Promise((resolve) => {
      this.files.set(intent, resolve);
      this.send(path === undefined ? { type: "file", command, intent } : { type: "file", command, intent, path });
    });
  }

  asset(name: "plotly"): Promise<Uint8Array> {
    return new Promise((resolve) => {
      const asking = this.assets.get(name);
      this.assets.set(name, [...(asking ?? []), resolve]);
      if (!asking) this.send({ type: "need", asset: name });
    });
  }

  onFrame(listener: FrameListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Call back with the number of each frame that arrives, whether it can be read or not. */
  onArrival(listener: (seq: number) => void): () => void {
    this.arrivals.add(listener);
    return () => void this.arrivals.delete(listener);
  }

  private lastView = "";

  private nextIntent(): number {
    return ++this.intent;
  }

  private take(message: KernelMessage, buffers: DataView[]): void {
    if (message.type === "run-state" || message.type === "frame") this.command = null;
    switch (message.type) {
      case "snapshot":
        return this.takeSnapshot(message);
      case "patch":
        return this.takePatch(message);
      case "refused": {
        const { intent, problems } = message;
        this.takeFile({ type: "file", intent, command: "list", path: null, problems });
        return this.settle(intent, { problems, created: [] });
      }
      case "run-state": {
        const { type: _type, ...run } = message;
        return this.store.setState({ run });
      }
      case "frame":
        return this.takeFrame(message, buffers[0]);
      case "asset": {
        const bytes = buffers[0];
        if (!bytes) return;
        for (const resolve of this.assets.get(message.name) ?? []) {
          resolve(new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
        }
        this.assets.delete(message.name);
        return;
      }
      case "catalogue":
        return this.store.setState({ catalogue: message.catalogue });
      case "file":
        return this.takeFile(message);
    }
  }

  private takeFrame({ layout: number, told, sizes, ...frame }: Frame, bytes: DataView | undefined): void {
    for (const listener of this.arrivals) listener(frame.seq);
    if (told) this.layout = { ...told, number };
    if (this.layout?.number !== number) return this.askForLayout();
    const { arrays, number: _number, ...layout } = this.layout;
    const samples = decodeArrays(arrays, sizes, bytes);
    for (const listener of this.listeners) listener({ ...frame, ...layout, t0: frame.step0 * layout.dt }, samples);
  }

  /** The message that told it was lost, or this page is newer: some frames are on the way, one question is enough. */
  private askForLayout(): void {
    const now = Date.now();
    if (now - this.asked < PATIENCE.layout) return;
    this.asked = now;
    this.send({ type: "missed", view: this.lastView });
  }

  private takeFile(answer: FileDone): void {
    this.files.get(answer.intent)?.(answer);
    this.files.delete(answer.intent);
  }

  private takeSnapshot({ type: _type, protocol: _protocol, document, ...rest }: Snapshot): void {
    clearTimeout(this.deadline);
    this.confirmed = document;
    this.store.setState({ ...rest, document: foresee(document, this.waiting.flatMap((entry) => entry.ops)), connection: "live", readOnly: false });
    for (const name of this.assets.keys()) this.send({ type: "need", asset: name as "plotly" });
  }

  private takePatch(patch: Patch): void {
    const known = new Set([...this.confirmed.nodes, ...this.confirmed.edges].map((element) => element.id));
    this.confirmed = applyPatch(this.confirmed, patch);
    const { revision, problems, history, code, estimate, file } = patch;
    this.store.setState({ revision, problems, history, ...(code && { code }), ...(estimate && { estimate }), ...(file && { file }) });
    const created = [...patch.nodes, ...patch.edges].map((element) => element.id).filter((id) => !known.has(id));
    if (patch.intent === null) this.show();
    else this.settle(patch.intent, { problems: [], created });
  }

  /** An intent is answered; the kernel keeps the order, so older ones are too. */
  private settle(intent: number, outcome: Outcome): void {
    const isMine = intent <= this.intent && intent > this.intent - 2 ** 20;
    const answered = isMine ? this.waiting.filter((entry) => entry.intent <= intent) : [];
    if (isMine) this.waiting = this.waiting.filter((entry) => entry.intent > intent);
    this.show();
    for (const entry of answered) entry.resolve(entry.intent === intent ? outcome : { problems: [], created: [] });
  }

  /** The document as confirmed, with what is under way on top. */
  private show(): void {
    this.store.setState({ document: foresee(this.confirmed, this.waiting.flatMap((entry) => entry.ops)) });
  }

  private expectSnapshot(): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.giveUp(), PATIENCE.hello);
  }

  private giveUp(): void {
    clearTimeout(this.deadline);
    const unanswered = this.waiting;
    this.waiting = [];
    if (this.store.getState().connection !== "none") this.knock = { at: Date.now(), wait: PATIENCE.answer };
    this.store.setState({ connection: "none", readOnly: true, document: this.confirmed });
    for (const entry of unanswered) entry.resolve({ problems: [problem(NO_KERNEL)], created: [] });
  }

  private lost(): void {
    this.layout = null; // another kernel counts anew
    this.store.setState({ connection: "waiting", readOnly: true });
    if (this.lastView) this.hello(this.lastView);
    else this.expectSnapshot();
  }

  /** A busy kernel answers late, and a question may be lost: it is asked again, ever more seldom. */
  private askAgain(): void {
    const { at, wait } = this.knock;
    if (!this.lastView || Date.now() - at < wait) return;
    const isSent = this.bridge.send({ type: "hello", view: this.lastView, protocol: PROTOCOL_VERSION });
    this.knock = { at: Date.now(), wait: isSent ? 2 * wait : Infinity };
  }

  /** Hosts lose messages, seldom: what was never answered is asked again. */
  private checkPatience(): void {
    const { connection } = this.store.getState();
    if (connection === "none") return this.askAgain();
    if (connection !== "live") return;
    const isOld = (since: number | undefined, than = PATIENCE.answer): boolean => since !== undefined && Date.now() - since > than;
    const { command } = this;
    if (command && !command.again && command.message.command === "run" && isOld(command.since, PATIENCE.run)) {
      // a run says at once that it builds or runs; the same again does no harm, a second step would
      command.again = true;
      this.bridge.send(command.message);
    }
    if (isOld(command?.since)) {
      this.command = null;
      this.lost();
    } else if (isOld(this.waiting[0]?.since)) {
      this.lost();
    }
  }
}
