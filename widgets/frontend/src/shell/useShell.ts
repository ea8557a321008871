// What only the frame of a view knows: which panel is open, and how to reach the canvas.

import { createContext, useContext } from "react";
import type { CanvasApi } from "../canvas/Canvas";
import type { Command } from "./commands";
import type { Arrangement } from "./layout";

export type PanelName = "name" | "save" | "open" | "export" | "speed" | "more" | "commands" | "add" | "find" | "keys" | "context";

export interface Panel {
  name: PanelName;
  /** Where it opens, for menus at the pointer or under a button; px in the root. */
  x?: number;
  y?: number;
}

export interface Shell {
  panel: Panel | null;
  plan: Arrangement;
  commands(): Command[];
  isFull: boolean;
  open(name: PanelName, anchor?: Element | { x: number; y: number } | null): void;
  /** Close the panel; the focus goes back unless it went elsewhere by itself. */
  close(giveBack?: boolean): void;
  canvas(): CanvasApi | null;
  toggleFull(): void;
}

export const ShellContext = createContext<Shell | null>(null);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("The frame of the editor is used outside of an editor.");
  return shell;
}
