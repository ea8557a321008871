// A pinned value on its node: what it is, where it stands, and a small thumb to move it.

import { useRef, useState } from "react";
import { Coalescer } from "../fields/coalesce";
import { join, pretty, shown, toNumber } from "../fields/quantity";
import { changeLabel, startLabel } from "../fields/change";
import { useTitle } from "../fields/link";
import { Symbol } from "../fields/parts";
import { makeScale, place, valueAt } from "../fields/scale";
import { nextGesture } from "../fields/Slider";
import { fieldSpec } from "../fields/spec";
import { useActions, useEditor } from "../store";

interface Move {
  value: number;
  gesture: number;
}

export function NodePin({ element, path }: { element: string; path: string }): React.ReactNode {
  const doc = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const isLocked = useEditor((state) => state.readOnly);
  const { edit } = useActions();
  const [held, setHeld] = useState<number | null>(null);
  const gesture = useRef(0);
  const from = useRef<unknown>(null);
  const title = useTitle(element);
  const spec = fieldSpec(doc, catalogue, element, path);
  const unit = spec?.unit ?? "";
  const sender = useRef<Coalescer<Move>>(null);
  sender.current ??= new Coalescer(({ value, gesture: number }, done) => {
    const before = from.current ?? spec?.value;
    const label = spec && (done ? changeLabel(title, spec, before, join(value, unit)) : startLabel(title, spec, before));
    if (done) from.current = null;
    void edit([{ op: "set", element, field: path, value: join(value, unit) }], { gesture: number, done, ...(label && { label }) });
  });
  if (!spec) return null;
  const value = held ?? toNumber(spec.value, unit);
  const scale = value === null ? null : makeScale(spec, value);
  const text = held === null ? shown(spec.value, unit) : { number: String(held), unit };
  const at = (event: React.PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return valueAt(scale!, (event.clientX - box.left) / box.width);
  };
  return (
    // the same value has a slider for the keyboard in the inspector and under Live controls
    <div className="pin" aria-hidden="true">
      <span className="k">{spec.symbol ? <Symbol text={spec.symbol} /> : spec.label.toLocaleLowerCase()}</span>
      {scale && value !== null ? (
        <span
          className="track nodrag nopan"
          onPointerDown={(event) => {
            if (isLocked || event.button !== 0) return;
            event.stopPropagation();
            event.currentTarget.setPointerCapture(event.pointerId);
            gesture.current = nextGesture();
            from.current = spec.value;
            setHeld(value);
          }}
          onPointerMove={(event) => {
            if (held === null) return;
            const next = at(event);
            setHeld(next);
            sender.current!.move({ value: next, gesture: gesture.current });
          }}
          onPointerUp={(event) => {
            if (held === null) return;
            sender.current!.end({ value: at(event), gesture: gesture.current });
            setHeld(null);
          }}
          onPointerCancel={() => {
            sender.current!.stop();
            setHeld(null);
          }}
        >
          <b style={{ width: `${place(scale, value) * 100}%` }} />
          <i style={{ left: `${place(scale, value) * 100}%` }} />
        </span>
      ) : (
        <span />
      )}
      <span className="v">{pretty(text.unit ? `${text.number} ${text.unit}` : text.number)}</span>
    </div>
  );
}
