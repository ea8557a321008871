// A small pane over the others. It takes the focus, gives it back, and goes when one looks elsewhere.

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useShell } from "./useShell";

const MARGIN = 8; // px to the edges of the editor
const FOCUSABLE = "button:not(:disabled), input:not(:disabled), select:not(:disabled), [tabindex='0']";

export interface PanelBoxProps {
  label: string;
  role?: "menu" | "dialog";
  /** Where nothing anchors it: at the top, in the middle. */
  centered?: boolean;
  className?: string;
  children: React.ReactNode;
}

export function PanelBox({ label, role = "dialog", centered = false, className = "", children }: PanelBoxProps): React.ReactNode {
  const { panel, close } = useShell();
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<React.CSSProperties>({ visibility: "hidden" });
  useLayoutEffect(() => {
    const element = box.current!;
    const root = element.closest<HTMLElement>(".nl")!;
    const [w, h] = [element.offsetWidth, element.offsetHeight];
    const x = centered || panel?.x === undefined ? (root.clientWidth - w) / 2 : panel.x;
    const y = centered || panel?.y === undefined ? 56 : panel.y;
    setPlace({
      left: Math.max(MARGIN, Math.min(x, root.clientWidth - w - MARGIN)),
      top: Math.max(MARGIN, Math.min(y, root.clientHeight - h - MARGIN)),
    });
  }, [panel, centered]);
  const isPlaced = place.visibility !== "hidden";
  useEffect(() => {
    if (!isPlaced) return;
    const element = box.current!;
    (element.querySelector<HTMLElement>("[data-first]") ?? element.querySelector<HTMLElement>(FOCUSABLE) ?? element).focus({ preventScroll: true });
  }, [isPlaced]);
  return (
    <div
      ref={box} className={`nl-pop nl-menulist ${className}`} role={role} aria-label={label} tabIndex={-1} style={place} data-panel=""
      onBlur={(event) => {
        const next = event.relatedTarget as Node | null;
        if (next && !event.currentTarget.contains(next)) close(false);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          close();
        } else if (role === "menu" && walk(event.key, event.currentTarget)) {
          event.preventDefault();
          event.stopPropagation();
        }
      }}
    >
      {children}
    </div>
  );
}

/** Move the focus among the items of a menu. */
function walk(key: string, box: HTMLElement): boolean {
  if (document.activeElement instanceof HTMLInputElement && /Home|End/.test(key)) return false;
  const items = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[key];
  if (next === undefined || items.length === 0) return false;
  items[(next + items.length) % items.length]!.focus();
  return true;
}

export interface ItemProps {
  label: string;
  note?: string;
  keys?: string;
  checked?: boolean;
  disabled?: boolean;
  /** A button of a dialog, not an item of a menu. */
  plain?: boolean;
  children?: React.ReactNode;
  onPick(): void;
}

/** A line of a menu: it closes the menu and does what it says. */
export function Item({ label, note, keys, checked, disabled, plain = false, children, onPick }: ItemProps): React.ReactNode {
  const { close } = useShell();
  return (
    <button
      type="button" className={`nl-item${checked ? " on" : ""}`} role={plain ? undefined : checked === undefined ? "menuitem" : "menuitemradio"} aria-checked={checked} disabled={disabled}
      onClick={() => {
        close();
        onPick();
      }}
    >
      {children}
      <span className="grow">
        {label}
        {note && <small>{note}</small>}
      </span>
      {keys && <kbd aria-hidden="true">{keys}</kbd>}
    </button>
  );
}
