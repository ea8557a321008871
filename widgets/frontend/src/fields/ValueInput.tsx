// The right half of a field: a value that is chosen, switched or written.

import { useState } from "react";
import { Icon } from "../icons";
import { asText, plainText, pretty, prettyUnit, shown } from "./quantity";
import type { Shared } from "./shared";
import { nextGesture } from "./Slider";
import { typedValue } from "./spec";

/** A value that is chosen, switched or written, without a slider. */
export function Plain({ spec, name, value, send, described, isReadOnly, id, draft }: Shared & { draft: string | null }): React.ReactNode {
  if (spec.type === "choice") {
    const at = spec.choices.findIndex((choice) => choice.value === value);
    return (
      <span className="nl-val sel">
        <select
          id={id} aria-label={name} aria-describedby={described} disabled={isReadOnly} value={at < 0 ? "" : at}
          onChange={(event) => void send(spec.choices[Number(event.target.value)]!.value)}
        >
          {at < 0 && <option value="">{String(value ?? "")}</option>}
          {spec.choices.map((choice, i) => (
            <option key={choice.label + i} value={i}>
              {choice.label}
            </option>
          ))}
        </select>
        <Icon name="down" size={14} />
      </span>
    );
  }
  if (spec.type === "boolean") {
    return (
      <input
        id={id} type="checkbox" role="switch" className="nl-switch" aria-label={name} aria-describedby={described} disabled={isReadOnly}
        checked={value === true} onChange={(event) => void send(event.target.checked)}
      />
    );
  }
  return <ValueInput {...{ spec, name, value, send, described, isReadOnly, id, draft }} isBad={false} wide />;
}

/** The text of a value with its unit. Shown in two inks at rest, typed in one. */
export function ValueInput(
  { spec, name, value, send, isBad, described, isReadOnly, id, draft, wide = false }: Shared & { draft: string | null; wide?: boolean },
): React.ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const [isFocused, setFocused] = useState(false);
  const text = asText(value, spec.unit);
  const current = typed ?? draft ?? text;
  const commit = async (): Promise<void> => {
    const plain = plainText(current);
    if (typed === null || plain === "" || plain === text) {
      setTyped(null);
      return;
    }
    await send(typedValue(spec, plain), { gesture: nextGesture(), done: true });
    setTyped(null); // a refused text stays as the field's draft
  };
  const isSplit = !isFocused && typed === null && draft === null;
  const face = isSplit ? shown(value, spec.unit) : { number: current, unit: "" };
  return (
    <span className={`nl-val${wide ? " wide" : ""}${isSplit ? "" : " raw"}`}>
      <span className="face" aria-hidden="true">
        <b>{isSplit && spec.type === "number" ? pretty(face.number) : face.number}</b>
        {face.unit && <u>{prettyUnit(face.unit)}</u>}
      </span>
      <input
        id={id} type="text" autoComplete="off" spellCheck={false} aria-label={`${name} value`} aria-describedby={described}
        aria-invalid={isBad || undefined} data-dirty={typed !== null || undefined} readOnly={isReadOnly} value={current} placeholder={isFocused ? "" : "not set"}
        onFocus={(event) => {
          setFocused(true);
          event.target.select();
        }}
        onBlur={() => {
          setFocused(false);
          void commit();
        }}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) {
            event.preventDefault();
            void commit();
            event.currentTarget.select();
          } else if (event.key === "Escape" && typed !== null) {
            event.stopPropagation();
            setTyped(null);
          } else if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </span>
  );
}
