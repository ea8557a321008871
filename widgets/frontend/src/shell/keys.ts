// From a key press to a name such as "Ctrl+Shift+Z": what the map of keys is written in.

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The chord of a key press. Shift counts only where it does not make another character. */
export function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string {
  const isLetter = /^\p{L}$/u.test(key);
  const name = key === " " ? "Space" : isLetter ? key.toUpperCase() : key;
  const hasShift = shiftKey && (key.length > 1 || key === " " || (isLetter && (ctrlKey || metaKey)));
  return [ctrlKey || metaKey ? "Ctrl" : "", altKey ? "Alt" : "", hasShift ? "Shift" : "", name].filter(Boolean).join("+");
}

/** Chords that belong to the notebook, wherever the focus is. */
const JUPYTER = new Set(["Shift+Enter", "Ctrl+Enter", "Alt+Enter", "Ctrl+S", "Ctrl+Shift+C", "Ctrl+Shift+S", "Ctrl+Shift+Enter"]);

export const isJupyters = (chord: string): boolean => JUPYTER.has(chord);

/** Whether a key would write here, or move a caret. */
export function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.matches) return false;
  if (element.matches("input")) return !/^(checkbox|radio|button|range)$/.test((element as HTMLInputElement).type);
  return element.matches("textarea, select, [contenteditable='true']");
}

/** Whether Space and Enter already mean something to the element itself. */
export const isPressable = (target: EventTarget | null): boolean =>
  (target as HTMLElement | null)?.matches?.("button, a[href], summary, input, [role='menuitem'], [role='menuitemradio'], [role='switch']") ?? false;

/** A chord as it is printed: "Ctrl Z", "Space", "Del". */
export const printed = (chord: string): string =>
  chord.split("+").map((part) => ({ Delete: "Del", Escape: "Esc", ArrowUp: "↑", Enter: "⏎" })[part] ?? part).join(" ");
