// A number with its unit: a text, a slider, and the distributions it may have.

import { useState } from "react";
import { Icon } from "../icons";
import { Label, Pin } from "./Label";
import { Curve } from "./parts";
import { isDistribution, join, toNumber, trim, type Distribution } from "./quantity";
import { defaultOf, makeScale } from "./scale";
import type { Send, Shared } from "./shared";
import { Slider } from "./Slider";
import type { FieldSpec } from "./spec";
import { ValueInput } from "./ValueInput";

interface NumberProps extends Shared {
  element: string | null;
  preview(value: unknown): void;
  draft: string | null;
  prefix: React.ReactNode;
}

export function NumberField(props: NumberProps): React.ReactNode {
  const { spec, name, value, send, isReadOnly, id, preview, described } = props;
  const distribution = isDistribution(value) ? value : null;
  const [isOpen, setOpen] = useState(false);
  const centre = distribution ? (distribution.dist === "Normal" ? toNumber(distribution.mean, spec.unit) : null) : toNumber(value, spec.unit);
  const initial = defaultOf(spec);
  // while the hand is on it the track must not move under it: the document's value sets the range
  const stored = isDistribution(spec.value) ? null : toNumber(spec.value, spec.unit);
  const scale = makeScale(spec, stored, initial, centre);
  const withCentre = (number: number): unknown => {
    const text = spec.unit ? join(number, spec.unit) : number;
    return distribution?.dist === "Normal" ? { ...distribution, mean: text } : text;
  };
  return (
    <>
      <div className="row">
        <Label spec={spec} name={name} htmlFor={id} prefix={props.prefix} />
        {spec.distribution && (
          <button
            type="button" className={`mini${distribution ? " on" : ""}`} aria-expanded={isOpen} aria-label={`Distribution of ${name}`}
            title="One value, or a distribution over neurons" onClick={() => setOpen(!isOpen)}
          >
            <Icon name="distribution" size={14} />
          </button>
        )}
        <Pin element={props.element} path={spec.path} name={name} />
        <ValueInput {...props} />
      </div>
      {scale && centre !== null && (
        <Slider
          name={name} unit={spec.unit} value={centre} scale={scale} disabled={isReadOnly} describedBy={described}
          band={spec.low !== null && spec.high !== null ? [spec.low, spec.high] : null} initial={initial}
          onPreview={(next) => preview(withCentre(next))}
          onChange={(next, gesture, done) => void send(withCentre(next), { gesture, done })}
          onReset={() => void send(canBeAbsent(spec.path) ? null : spec.default)}
          onType={() => document.getElementById(id)?.focus()}
        />
      )}
      {spec.distribution && (isOpen || (distribution && !props.prefix)) && <Spread spec={spec} value={value} send={send} disabled={isReadOnly} />}
    </>
  );
}

/** Whether a field that is left out means its default. */
const canBeAbsent = (path: string): boolean => /(^|\.)params\./.test(path) || path === "weight" || path === "delay";

/** Choose between one value and a distribution over neurons. */
function Spread({ spec, value, send, disabled }: { spec: FieldSpec; value: unknown; send: Send; disabled: boolean }): React.ReactNode {
  const now = isDistribution(value) ? value.dist : "Fixed";
  const quantity = (number: number): string | number => (spec.unit ? join(number, spec.unit) : Number(trim(number)));
  const choose = (next: "Fixed" | Distribution["dist"]): void => {
    const [centre, width] = middle(value, spec);
    if (next === "Fixed") void send(quantity(centre));
    else if (next === "Normal") void send({ dist: "Normal", mean: quantity(centre), std: quantity(width) });
    else void send({ dist: "Uniform", low: quantity(centre - 2 * width), high: quantity(centre + 2 * width) });
  };
  return (
    <div className="spread">
      {now !== "Fixed" && <Curve dist={now} />}
      <span className="nl-seg" role="group" aria-label={`Distribution of ${spec.name}`}>
        {(["Fixed", "Normal", "Uniform"] as const).map((each) => (
          <button key={each} type="button" className={each === now ? "on" : ""} aria-pressed={each === now} disabled={disabled} onClick={() => choose(each)}>
            {each}
          </button>
        ))}
      </span>
    </div>
  );
}

/** Centre and width of a value, so that changing its shape keeps what it means. */
function middle(value: unknown, spec: FieldSpec): [number, number] {
  const number = (v: unknown, other: number): number => toNumber(v, spec.unit) ?? other;
  const span = spec.low !== null && spec.high !== null ? spec.high - spec.low : 1;
  if (!isDistribution(value)) return [number(value, 0), Number(trim(span / 10, 2))];
  if (value.dist === "Normal") return [number(value.mean, 0), number(value.std, span / 10)];
  const [low, high] = [number(value.low, 0), number(value.high, 1)];
  return [(low + high) / 2, (high - low) / 4];
}
