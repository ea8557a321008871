// One value of the document: its name, help, pin, a text that knows units, and a slider.

import { useEffect, useId, useRef, useState } from "react";
import type { Op, Problem } from "../protocol";
import { changeLabel, startLabel } from "./change";
import { Label, Pin } from "./Label";
import { useDiffers, useEdit, useFieldProblems, useReadOnly, useReadSpec, useSpec, useTitle } from "./link";
import { NumberField } from "./NumberField";
import { Message } from "./parts";
import { asText } from "./quantity";
import type { Send } from "./shared";
import { Plain } from "./ValueInput";

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

export function Field({ element, path, others = [], prefix, prefixText }: FieldProps): React.ReactNode {
  const spec = useSpec(element, path);
  const edit = useEdit();
  const isReadOnly = useReadOnly();
  const standing = useFieldProblems(element, path);
  const readSpec = useReadSpec(element, path);
  const differs = useDiffers(element, others, path);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [preview, setPreview] = useState<unknown>(undefined);
  const attempt = useRef(0);
  const waiting = useRef(0); // edits without an answer, and the hand on the slider
  const isHeld = useRef(false);
  const isDragging = useRef(false); // edits of one gesture are on their way
  const start = useRef<unknown>(undefined); // the value before the drag under way
  const title = useTitle(element);
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
    const from = isDragging.current ? start.current : spec.value;
    start.current = from;
    isDragging.current = isHeld.current = options?.done === false;
    waiting.current++;
    const owner = element === null ? "" : others.length > 0 ? `${others.length + 1} elements:` : title;
    const label = isHeld.current ? startLabel(owner, spec, from) : changeLabel(owner, spec, from, value);
    const problems = await edit(ops, { label, ...options });
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
      {differs && <p className="nl-note">Their values differ; an edit sets all of them.</p>}
      {messages}
    </div>
  );
}
