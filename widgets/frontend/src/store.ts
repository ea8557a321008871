// One a view: the shared state of the model, and what only this view knows. Panels read it by `useEditor`.

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { Answers } from "./answers";
import { findElement, isEdge } from "./document";
import type { FileCommand, FileDone, Op, Problem, RunCommand, BrowserMessage } from "./protocol";
import type { EditOptions, FrameListener, Outcome, Session, Shared } from "./session";

export type { EditOptions, FrameListener, Outcome, Shared } from "./session";

/** Panes a view shows; sizes in px. Never synced. */
export interface Panes {
  palette: boolean;
  inspector: boolean;
  plots: boolean;
  code: boolean;
  problems: boolean;
  map: boolean | null; // null: as the size of the drawing asks
  table: boolean;
  width: { palette: number; inspector: number; plots: number; code: number };
  height: { dock: number; live: number; root: number };
}

/** Something to bring into view; `count` tells two requests for the same apart. */
export interface Reveal {
  id: string;
  field: string | null;
  count: number;
}

export interface EditorState extends Shared {
  selection: string[];
  panes: Panes;
  reveal: Reveal | null;
  rate: number | null; // top of the legend in Hz, null before a run
  refusal: Problem | null; // of the last edit that no field shows
}

export interface Actions {
  send(message: BrowserMessage): void;
  /** Send edits; resolves with the reasons when they are refused, else with none. */
  edit(ops: Op[], options?: EditOptions): Promise<Problem[]>;
  /** The same, telling which elements it made; a refusal is shown on the canvas. */
  perform(ops: Op[], options?: EditOptions): Promise<Outcome>;
  undo(): void;
  redo(): void;
  run(command: RunCommand, value?: number | boolean | null): void;
  select(ids: string[]): void;
  reveal(id: string, field: string | null): void;
  silence(element: string | null, code: string): void;
  view(rows: number | null, window: number): void;
  asset(name: "plotly"): Promise<Uint8Array>;
  file(command: FileCommand, path?: string): Promise<FileDone>;
  onFrame(listener: FrameListener): () => void;
  setPanes(change: Partial<Panes>): void;
  dismiss(): void;
}

export const PANES: Panes = {
  palette: true, inspector: false, plots: false, code: false, problems: false, map: null, table: false,
  width: { palette: 168, inspector: 300, plots: 584, code: 420 },
  height: { dock: 372, live: 170, root: 700 },
};

let views = 0;

/** A view of a session: its store, its actions, its acknowledgements. */
export class EditorView {
  readonly id: string;
  readonly store: StoreApi<EditorState>;
  readonly actions: Actions;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly session: Session) {
    this.id = `view-${Date.now().toString(36)}-${++views}`;
    this.store = createStore<EditorState>(() => ({
      ...session.store.getState(), selection: [], panes: PANES, reveal: null, rate: null, refusal: null,
    }));
    this.actions = this.makeActions();
    this.ends.push(session.store.subscribe((shared) => this.follow(shared)));
    const answers = new Answers((seq) => session.send({ type: "ack", view: this.id, seq }));
    this.ends.push(session.onArrival((seq) => answers.note(seq)), () => answers.close());
    session.hello(this.id);
  }

  close(): void {
    for (const end of this.ends) end();
    this.session.send({ type: "bye", view: this.id });
  }

  /** Take over what changed, and let go of a selection that is gone. */
  private follow(shared: Shared): void {
    const { selection, document } = this.store.getState();
    const isSame = shared.document === document || selection.every((id) => findElement(shared.document, id));
    this.store.setState(isSame ? shared : { ...shared, selection: selection.filter((id) => findElement(shared.document, id)) });
  }

  private makeActions(): Actions {
    const { session, store, id } = this;
    const perform: Actions["perform"] = async (ops, options) => {
      const outcome = await session.edit(id, ops, options);
      store.setState({ refusal: outcome.problems[0] ?? null });
      return outcome;
    };
    return {
      send: (message) => session.send(message),
      edit: async (ops, options) => (await session.edit(id, ops, options)).problems,
      perform,
      undo: () => session.undo(),
      redo: () => session.redo(),
      run: (command, value) => session.send(value === undefined ? { type: "run", command } : { type: "run", command, value }),
      select: (ids) => store.setState(({ selection }) => (sameIds(selection, ids) ? {} : { selection: ids })),
      reveal: (element, field) =>
        store.setState(({ reveal, panes }) => ({
          selection: [element], reveal: { id: element, field, count: (reveal?.count ?? 0) + 1 }, panes: { ...panes, inspector: true },
        })),
      silence: (element, code) => session.silence(element, code),
      view: (rows, window) => session.send({ type: "view", view: id, rows, window }),
      asset: (name) => session.asset(name),
      file: (command, path) => session.file(command, path),
      onFrame: (listener) => session.onFrame(listener),
      setPanes: (change) => store.setState(({ panes }) => ({ panes: { ...panes, ...change } })),
      dismiss: () => store.setState({ refusal: null }),
    };
  }
}

const sameIds = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((id, i) => id === b[i]);

export const ViewContext = createContext<EditorView | null>(null);

function useView(): EditorView {
  const view = useContext(ViewContext);
  if (!view) throw new Error("The editor's state is read outside of an editor.");
  return view;
}

/** Read the editor; renders again only when what the selector returns changes. */
export function useEditor<T>(selector: (state: EditorState) => T): T {
  return useStore(useView().store, selector);
}

export const useActions = (): Actions => useView().actions;

/** The state at this moment, for handlers that do not render it. */
export const useRead = (): (() => EditorState) => useView().store.getState;

// Selectors

export const problemsOf = (problems: readonly Problem[], id: string | null, field?: string): Problem[] =>
  problems.filter((problem) => problem.element === id && (field === undefined || problem.field === field));
export const errorsIn = (state: EditorState): number => state.problems.filter((problem) => problem.severity === "error").length;
export const isRunning = (state: EditorState): boolean => state.run.state === "running" && state.connection !== "none";
export const isBuilding = (state: EditorState): boolean => state.run.state === "building";
/** Whether a run has begun, so that there is activity to show. */
export const hasActivity = (state: EditorState): boolean => state.run.step > 0 || state.run.state === "running";
export { findElement, isEdge };
