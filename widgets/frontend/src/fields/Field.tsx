// One value of the document: its name, help, pin, a text that knows units, and a slider.

import { useEffect, useId, useRef, useState } from "react";
import type { Op, Problem } from "../protocol";
import { useDocument, useEdit, useFieldProblems, useReadOnly, useReadSpec, useSpec } from "./link";
import { Curve, Help, Message, Symbol } from "./parts";
import { Icon } from "../icons";
import { asText, isDistribution, join, plainText, pretty, prettyUnit, shown, toNumber, trim, type Distribution } from "./quantity";
import { defaultOf, makeScale } from "./scale";
import { Slider, nextGesture } from "./Slider";
import { typedValue, type FieldSpec } from "./spec";

export interface FieldProps {
  element: string | null;
  path: string;
  /** More elements with the same field: an edit goes to all of them. */
  others?: string[];
  /** What stands before the label, such as the name of the population under Live controls. */
  prefix?: React.ReactNode;
  prefixText?: string;
}

interface Refusal {
  text: string; // what was typed
  problems: Problem[];
  known: string | undefined; // the value that stayed
}

type Send = (value: unknown, options?: { gesture?: number; done?: boolean }) => Promise<Problem[]>;

export function Field({ element, path, others = [], prefix, prefixText }: FieldProps): React.ReactNode {
  const spec = useSpec(element, path);
  const edit = useEdit();
  const isReadOnly = useReadOnly();
  const standing = useFieldProblems(element, path);
  const readSpec = useReadSpec(element, path);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [preview, setPreview] = useState<unknown>(undefined);
  const attempt = useRef(0);
  const waiting = useRef(0); // edits without an answer, and the hand on the slider
  const isHeld = useRef(false);
  const id = useId();
  const known = JSON.stringify(spec?.value);
  useEffect(() => {
    // a refused value leaves the document as it was; any other value ends the matter
    setRefusal((last) => (last?.known === known ? last : null));
    // answers to the middle of a drag must not pull the thumb back
    if (waiting.current === 0 && !isHeld.current) setPreview(undefined);
  }, [known]);
  if (!spec) return null;

  const name = prefixText ? `${prefixText} ${spec.name}` : spec.name;
  const send: Send = async (value, options) => {
    const targets = [element, ...others];
    const ops: Op[] = targets.map((target) => ({ op: "set", element: target, field: path, value }));
    const number = ++attempt.current;
    isHeld.current = options?.done === false;
    waiting.current++;
    const problems = await edit(ops, { label: `Change ${spec.name}`, ...options });
    waiting.current--;
    if (number !== attempt.current) return problems; // a later edit decides
    setRefusal(problems.length ? { text: asText(value, spec.unit), problems, known: JSON.stringify(readSpec()?.value) } : null);
    if (problems.length || !isHeld.current) setPreview(undefined);
    return problems;
  };
  const fix = async (ops: Op[], label: string): Promise<void> => {
    const problems = await edit(ops, { label });
    setRefusal(problems.length ? { text: asText(value, spec.unit), problems, known: JSON.stringify(readSpec()?.value) } : null);
  };
  const hold = (next: unknown): void => {
    isHeld.current = true;
    setPreview(next);
  };
  const value = preview === undefined ? spec.value : preview;
  const problems = refusal ? refusal.problems : standing;
  const isBad = problems.some((problem) => problem.severity === "error");
  const messages = problems.map((problem, i) => (
    <Message key={`${problem.code}${i}`} problem={problem} id={i === 0 ? `${id}m` : undefined} onFix={(ops, label) => void fix(ops, label)} />
  ));
  const described = problems.length ? `${id}m` : undefined;
  const shared = { spec, name, value, send, isBad, described, isReadOnly, id };
  return (
    <div className={`nl-f${isBad ? " bad" : ""}`} data-field={path} data-element={element ?? undefined}>
      {spec.type === "number" ? (
        <NumberField {...shared} element={element} preview={hold} draft={refusal?.text ?? null} prefix={prefix} />
      ) : (
        <div className="row">
          <Label spec={spec} name={name} htmlFor={id} prefix={prefix} />
          <Pin element={element} path={path} name={name} />
          <Plain {...shared} draft={refusal?.text ?? null} />
        </div>
      )}
      {messages}
    </div>
  );
}

interface Shared {
  spec: FieldSpec;
  name: string;
  value: unknown;
  send: Send;
  isBad: boolean;
  described: string | undefined;
  isReadOnly: boolean;
  id: string;
}

function Label({ spec, name, htmlFor, prefix }: { spec: FieldSpec; name: string; htmlFor: string; prefix: React.ReactNode }): React.ReactNode {
  return (
    <span className="lab">
      <label htmlFor={htmlFor}>
        {prefix}
        {prefix ? <span className="low">{spec.label.toLocaleLowerCase() || <Symbol text={spec.symbol} />}</span> : spec.label}
        {spec.symbol && !prefix && <Symbol text={spec.symbol} />}
      </label>
      {!prefix && <Help name={name} text={spec.help} source={spec.source} />}
    </span>
  );
}

function Pin({ element, path, name }: { element: string | null; path: string; name: string }): React.ReactNode {
  const doc = useDocument();
  const edit = useEdit();
  const isReadOnly = useReadOnly();
  const owner = doc.nodes.find((node) => node.id === element) ?? doc.edges.find((edge) => edge.id === element);
  if (!owner || path === "label" || path.endsWith("kind")) return null;
  const pins = owner.pins ?? [];
  const isPinned = pins.includes(path);
  const value = isPinned ? pins.filter((pin) => pin !== path) : [...pins, path];
  const label = isPinned ? `Unpin ${name}` : `Pin ${name}`;
  return (
    <button
      type="button" className={`mini${isPinned ? " on" : ""}`} aria-pressed={isPinned} aria-label={`Pin ${name}`}
      title={isPinned ? "Take away from the live controls" : "Show on the node and among the live controls"} disabled={isReadOnly}
      onClick={() => void edit([{ op: "set", element, field: "pins", value }], { label })}
    >
      <Icon name="pin" size={14} />
    </button>
  );
}

/** A value that is chosen, switched or written, without a slider. */
function Plain({ spec, name, value, send, described, isReadOnly, id, draft }: Shared & { draft: string | null }): React.ReactNode {
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

interface NumberProps extends Shared {
  element: string | null;
  preview(value: unknown): void;
  draft: string | null;
  prefix: React.ReactNode;
}

function NumberField(props: NumberProps): React.ReactNode {
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

/** The text of a value with its unit. Shown in two inks at rest, typed in one. */
function ValueInput(
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
        aria-invalid={isBad || undefined} readOnly={isReadOnly} value={current} placeholder={isFocused ? "" : "not set"}
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
