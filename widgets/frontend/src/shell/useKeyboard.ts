// The keys of the editor. They are heard on its root only, and what is the notebook's goes on to it.

import { useCallback, useRef } from "react";
import { isArrow, neighbour } from "../canvas/geometry";
import { isEdge, findElement } from "../store";
import { nudge, type Command, type Reach } from "./commands";
import { chordOf, isJupyters, isPressable, isTyping } from "./keys";

/** Chords that act from within a field too. */
const FROM_FIELDS = new Set(["Ctrl+K", "Ctrl+F", "F6", "Shift+F6"]);
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph"]);
const HISTORY = new Set(["Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y"]);
/** Chords that mean something else where text can be selected. */
const OF_TEXT = new Set(["Ctrl+C", "Ctrl+V", "Ctrl+A", "Ctrl+X"]);

export interface KeyboardOptions {
  reach: Reach;
  commands(): Command[];
  root: React.RefObject<HTMLElement | null>;
  hasPanel: boolean;
  closePanel(): void;
}

export function useKeyboard({ reach, commands, root, hasPanel, closePanel }: KeyboardOptions): (event: React.KeyboardEvent) => void {
  const walker = useRef<Walk>({ node: null });
  return useCallback(
    (event) => {
      const chord = chordOf(event);
      // the canvas looks out for Shift by itself, on the document
      if (isJupyters(chord) || MODIFIERS.has(event.key)) return;
      const consume = (): void => {
        event.preventDefault();
        event.stopPropagation();
      };
      const isText = isTyping(event.target);
      const canvas = reach.canvas();
      if (!isText && canvas?.aimKey(event.key)) return consume();
      if (chord === "Escape") return stepOut(event, reach, root.current, hasPanel, closePanel);
      const inPanel = (event.target as Element).closest?.("[data-panel]");
      if (isText || inPanel) {
        const isClean = (event.target as Element).closest(".nl-val,.nl-seed") && !(event.target as HTMLElement).dataset["dirty"];
        if (!(FROM_FIELDS.has(chord) || (HISTORY.has(chord) && isClean))) {
          if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
          else if (HISTORY.has(chord) || OF_TEXT.has(chord)) event.stopPropagation();
          return;
        }
      }
      if ((chord === "Space" || chord === "Enter") && isPressable(event.target)) return event.stopPropagation();
      const onCanvas = event.target === root.current || (event.target as Element).closest?.("[data-pane='canvas']") != null;
      if (onCanvas && moveAbout(event, reach, walker.current)) return consume();
      if (OF_TEXT.has(chord) && !onCanvas) return event.stopPropagation();
      if (event.repeat && chord !== "." && !HISTORY.has(chord)) return event.ctrlKey || event.metaKey ? undefined : event.stopPropagation();
      const command = commands().find(({ chords }) => chords.includes(chord));
      if (command) {
        consume();
        if (!command.enabled) return;
        command.run();
        if (command.id === "open") focusParameters(root.current);
      } else if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    },
    [reach, commands, root, hasPanel, closePanel],
  );
}

/** Menu, field, selection, canvas, notebook: one step a press. */
function stepOut(event: React.KeyboardEvent, reach: Reach, root: HTMLElement | null, hasPanel: boolean, closePanel: () => void): void {
  const { read, actions } = reach;
  event.stopPropagation();
  if (hasPanel) return closePanel();
  if (isTyping(event.target) || (event.target as Element).closest?.("[data-pane]:not([data-pane='canvas'])")) return reach.focusRoot();
  if (read().selection.length > 0) {
    actions.select([]);
    return reach.focusRoot();
  }
  // the notebook's own element takes keys in its command mode
  const cell = root?.closest<HTMLElement>(".jp-Cell");
  const notebook = root?.closest<HTMLElement>(".jp-Notebook, .jp-WindowedPanel-outer");
  const next = cell?.tabIndex !== undefined && cell.tabIndex >= 0 ? cell : notebook;
  if (next) next.focus({ preventScroll: true });
  else (document.activeElement as HTMLElement | null)?.blur();
}

interface Walk {
  node: string | null; // whose projections the brackets walk
}

/** Arrows walk nodes by place, brackets the projections of one, Alt and arrows move. */
function moveAbout(event: React.KeyboardEvent, reach: Reach, walk: Walk): boolean {
  const { read, actions } = reach;
  const canvas = reach.canvas();
  if (!canvas || event.ctrlKey || event.metaKey) return false;
  const { document: doc, selection } = read();
  const go = (id: string): void => {
    actions.select([id]);
    canvas.center(id);
    canvas.focus(id);
  };
  const focused = (event.target as Element).closest?.<HTMLElement>(".react-flow__node,[data-edge]");
  const at = focused?.dataset["id"] ?? focused?.dataset["edge"] ?? selection[0] ?? null;
  const element = at === null ? undefined : findElement(doc, at);
  if (isArrow(event.key)) {
    if (event.altKey) {
      nudge(reach, event.key);
      return true;
    }
    const boxes = canvas.boxes();
    const from = element && isEdge(element) ? null : at;
    const next = from ? neighbour(boxes, from, event.key) : (element && isEdge(element) ? element.source : boxes[0]?.id);
    if (next) go(next);
    return true;
  }
  if (event.key !== "]" && event.key !== "[") return false;
  const node = element && !isEdge(element) ? element.id : walk.node;
  if (!node) return true;
  walk.node = node;
  const own = doc.edges.filter(({ source, target }) => source === node || target === node).map(({ id }) => id);
  if (own.length === 0) return true;
  const by = event.key === "]" ? 1 : -1;
  const index = element && isEdge(element) ? own.indexOf(element.id) : by > 0 ? -1 : 0;
  go(own[(index + by + own.length) % own.length]!);
  return true;
}

function focusParameters(root: HTMLElement | null): void {
  requestAnimationFrame(() => root?.querySelector<HTMLElement>(".nl-inspector .body :is(input,select,[role='slider'])")?.focus({ preventScroll: true }));
}
