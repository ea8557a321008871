// Everything that can be done, once: keys, menus, the command list and the sheet of keys all read this.

import type { CanvasApi } from "../canvas/Canvas";
import { arrowStep, isArrow } from "../canvas/geometry";
import { entries } from "../palette/entries";
import { hasActivity, isEdge, findElement, type Actions, type EditorState, type Panes } from "../store";
import { sorted } from "../problems/order";
import { copy, hasCopy, pasteOp } from "./clipboard";
import type { Mode } from "./layout";
import { canReset, canRun, canStep, faceOf } from "./running";
import type { PanelName } from "./useShell";

export const GROUPS = ["Run", "Edit", "Add", "View", "File", "Help"] as const;

export interface Command {
  id: string;
  label: string;
  group: (typeof GROUPS)[number];
  chords: string[];
  enabled: boolean;
  /** Shown in the menu of the selection. */
  context: boolean;
  run(): void;
}

/** What a command may reach. */
export interface Reach {
  read(): EditorState;
  actions: Actions;
  canvas(): CanvasApi | null;
  mode(): Mode;
  open(panel: PanelName): void;
  focusRoot(): void;
  focusRename(): void;
  focusField(field: string): void;
  search(): void;
  nextPane(by: 1 | -1): void;
  toggleFull(): void;
}

type Toggled = "plots" | "code" | "problems" | "inspector" | "table";

/** Open or close a pane; where one is shown at a time, the others make way. */
export function togglePane({ read, actions, mode }: Pick<Reach, "read" | "actions" | "mode">, name: Toggled, wish?: boolean): void {
  const open = wish ?? !read().panes[name];
  const others: Partial<Panes> = mode() === "one" && open ? { plots: false, code: false, problems: false, inspector: false, table: false } : {};
  actions.setPanes({ ...others, [name]: open });
}

/** Run, pause, cancel, or go to the first thing that is wrong. */
export function pressRun(reach: Reach): void {
  const { read, actions } = reach;
  const state = read();
  switch (faceOf(state)) {
    case "pause":
      return actions.run("pause");
    case "cancel":
      return actions.run("cancel");
    case "reset":
      return actions.run("reset");
    case "fix":
      return showFirst(reach);
    case "run":
      if (!canRun(state)) return;
      // life is worth seeing: the first run opens the plots, and never again after they were closed
      if (!hasActivity(state) && !state.panes.plots && reach.mode() !== "one") actions.setPanes({ plots: true });
      return actions.run("run");
  }
}

function showFirst(reach: Reach): void {
  const first = sorted(reach.read().problems).find((problem) => problem.severity === "error");
  if (!first) return;
  if (first.element === null) return togglePane(reach, "problems", true);
  reach.actions.reveal(first.element, first.field);
  reach.canvas()?.center(first.element);
}

export function removeSelection({ read, actions, focusRoot }: Reach): void {
  const { selection, readOnly } = read();
  if (readOnly || selection.length === 0) return;
  void actions.perform([{ op: "remove", ids: selection }], { label: "Delete" });
  focusRoot(); // what had the focus is gone, and the next key must not reach the notebook
}

/** Move the selected nodes by an arrow key. */
export function nudge({ read, actions }: Reach, key: string): void {
  const { selection, document, readOnly } = read();
  if (readOnly || !isArrow(key)) return;
  const [dx, dy] = arrowStep(key);
  const positions: Record<string, [number, number]> = {};
  for (const { id, position } of document.nodes) {
    if (selection.includes(id)) positions[id] = [position[0] + 10 * dx, position[1] + 10 * dy];
  }
  if (Object.keys(positions).length) void actions.perform([{ op: "move", positions }]);
}

export function makeCommands(reach: Reach): Command[] {
  const { actions, read, open } = reach;
  const state = read();
  const { selection, document: doc, history, readOnly, connection, panes, run } = state;
  const canEdit = !readOnly;
  const isLive = connection === "live";
  const chosen = selection.map((id) => findElement(doc, id)).filter((element) => element !== undefined);
  const nodes = chosen.filter((element) => !isEdge(element));
  const one = chosen.length === 1 ? chosen[0]! : null;
  const node = one && !isEdge(one) ? one : null;
  const created = (ids: string[]): void => void (ids.length && actions.select(ids.filter((id) => read().document.nodes.some((each) => each.id === id))));
  const list: Command[] = [];
  const add = (group: Command["group"], id: string, label: string, chords: string | string[], enabled: boolean, act: () => void, context = false): void =>
    void list.push({ id, label, group, chords: typeof chords === "string" ? (chords ? [chords] : []) : chords, enabled, context, run: act });

  const isRunning = run.state === "running";
  add("Run", "run", isRunning ? "Pause" : "Run", "Space", canRun(state), () => pressRun(reach));
  add("Run", "step", "Step one dt", ".", canStep(state), () => actions.run("step"));
  add("Run", "step-ms", "Step 1 ms", "", canStep(state), () => actions.run("step-ms"));
  add("Run", "reset", "Reset to t = 0", "0", canReset(state), () => actions.run("reset"));
  add("Run", "record", run.recording ? "Stop recording" : "Record everything", "", isLive, () => actions.run("record", !run.recording));

  add("Edit", "open", "Show all parameters", "Enter", one !== null, () => one && actions.reveal(one.id, null), true);
  add("Edit", "rename", "Rename", "F2", canEdit && node !== null, () => reach.focusRename(), true);
  add("Edit", "connect", "Connect to…", "C", canEdit && node !== null, () => node && reach.canvas()?.connectFrom(node.id), true);
  add("Edit", "mute", node?.muted ? "Unmute" : "Mute", "", canEdit && node !== null, () => {
    if (node) void actions.perform([{ op: "set", element: node.id, field: "muted", value: !node.muted }], { label: node.muted ? "Unmute" : "Mute" });
  }, true);
  add("Edit", "duplicate", "Duplicate", "Ctrl+D", canEdit && nodes.length > 0, () => {
    void actions.perform([{ op: "duplicate", ids: nodes.map(({ id }) => id), offset: [40, 40] }], { label: "Duplicate" }).then((outcome) => created(outcome.created));
  }, true);
  add("Edit", "copy", "Copy", "Ctrl+C", nodes.length > 0, () => void copy(doc, selection), true);
  add("Edit", "paste", "Paste", "Ctrl+V", canEdit && hasCopy(), () => {
    const op = pasteOp();
    if (op) void actions.perform([op], { label: "Paste" }).then((outcome) => created(outcome.created));
  });
  add("Edit", "delete", "Delete", ["Delete", "Backspace"], canEdit && chosen.length > 0, () => removeSelection(reach), true);
  add("Edit", "all", "Select all", "Ctrl+A", doc.nodes.length > 0, () => actions.select(doc.nodes.map(({ id }) => id)));
  add("Edit", "undo", history.undo ? `Undo: ${history.undo}` : "Undo", "Ctrl+Z", canEdit && history.undo !== null, () => actions.undo());
  add("Edit", "redo", history.redo ? `Redo: ${history.redo}` : "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], canEdit && history.redo !== null, () => actions.redo());

  add("Add", "add", "Add by name…", "A", canEdit, () => open("add"));
  for (const entry of entries(state.catalogue)) {
    if (entry.model) continue;
    add("Add", `add:${entry.id}`, `Add ${entry.label}`, entry.hotkey, canEdit, () => reach.canvas()?.add(entry));
  }

  add("View", "search", "Find in the palette", "/", true, () => reach.search());
  add("View", "find", "Find a node…", "Ctrl+F", doc.nodes.length > 0, () => open("find"));
  add("View", "fit", "Fit the drawing", "1", doc.nodes.length > 0, () => reach.canvas()?.fit());
  add("View", "tidy", "Tidy the layout", "", canEdit && doc.nodes.length > 1, () => reach.canvas()?.tidy());
  add("View", "map", "Map", "M", true, () => actions.setPanes({ map: panes.map === true ? null : true }));
  add("View", "plots", "Plots", "", true, () => togglePane(reach, "plots"));
  add("View", "code", "Code", "", true, () => togglePane(reach, "code"));
  add("View", "problems", "Problems", "", true, () => togglePane(reach, "problems"));
  add("View", "table", "Table view", "", true, () => togglePane(reach, "table"));
  add("View", "settings", "Settings of the drawing", "", true, () => {
    actions.select([]);
    togglePane(reach, "inspector", true);
  });
  add("View", "next", "Next pane", "F6", true, () => reach.nextPane(1));
  add("View", "previous", "Previous pane", "Shift+F6", true, () => reach.nextPane(-1));
  add("View", "full", "Full screen", "", true, () => reach.toggleFull());

  add("File", "new", "New drawing", "", isLive, () => void actions.file("new"));
  add("File", "open-file", "Open…", "", isLive, () => open("open"));
  add("File", "save", "Save", "", isLive, () => saveOrAsk(reach));
  add("File", "save-as", "Save as…", "", isLive, () => open("save"));
  add("File", "export", "Export…", "", true, () => open("export"));

  add("Help", "commands", "Any command…", "Ctrl+K", true, () => open("commands"));
  add("Help", "keys", "All keys", "?", true, () => open("keys"));
  return list;
}

/** Save where the document has its place; ask for one where it has none. */
export function saveOrAsk({ read, actions, open }: Pick<Reach, "read" | "actions" | "open">): void {
  if (read().file.path === null) return open("save");
  void actions.file("save").then((answer) => {
    if (answer.problems?.length) open("save");
  });
}
