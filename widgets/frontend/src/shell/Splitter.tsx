// The line between two panes: dragged, or moved by arrow keys.

import { useRef } from "react";

const STEP = 16; // px an arrow key

export interface SplitterProps {
  label: string;
  /** The edge of its pane on which it stands: away from this edge the pane grows. */
  edge: "left" | "right" | "top" | "bottom";
  value: number;
  min: number;
  max: number;
  onChange(value: number): void;
}

export function Splitter({ label, edge, value, min, max, onChange }: SplitterProps): React.ReactNode {
  const from = useRef<{ at: number; value: number } | null>(null);
  const isUpright = edge === "left" || edge === "right";
  const sign = edge === "left" || edge === "top" ? -1 : 1;
  const set = (next: number): void => onChange(Math.round(Math.max(min, Math.min(max, next))));
  const along = (event: React.PointerEvent): number => (isUpright ? event.clientX : event.clientY);
  return (
    <div
      className={`nl-split ${edge}`} role="separator" aria-label={label} aria-orientation={isUpright ? "vertical" : "horizontal"}
      aria-valuenow={value} aria-valuemin={min} aria-valuemax={max} tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { at: along(event), value };
      }}
      onPointerMove={(event) => from.current && set(from.current.value + sign * (along(event) - from.current.at))}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -STEP, ArrowRight: STEP, ArrowUp: -STEP, ArrowDown: STEP }[event.key];
        const isAlong = isUpright ? /Left|Right/.test(event.key) : /Up|Down/.test(event.key);
        if (step === undefined || !isAlong) return;
        event.preventDefault();
        event.stopPropagation();
        set(value + sign * step);
      }}
    />
  );
}
