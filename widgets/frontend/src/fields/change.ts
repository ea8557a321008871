// An edit in words, for undo and for the mark in the plots: "I → E weight 40 to 67 nS".

import { isDistribution, pretty, prettyUnit, shown } from "./quantity";
import type { FieldSpec } from "./spec";

const text = (spec: FieldSpec, value: unknown): { number: string; unit: string } | null => {
  const choice = spec.choices.find((each) => each.value === value);
  if (choice) return { number: choice.label, unit: "" };
  if (value === null || value === undefined || typeof value === "boolean" || Array.isArray(value) || isDistribution(value)) return null;
  const { number, unit } = shown(value, spec.unit);
  // a number alone is taken in the unit of its field
  return number ? { number: pretty(number), unit: prettyUnit(unit || (Number.isFinite(Number(number)) ? spec.unit : "")) } : null;
};

const whatOf = (title: string, spec: FieldSpec): string => {
  const name = spec.label || spec.symbol;
  return title ? `${title} ${name.charAt(0).toLocaleLowerCase()}${name.slice(1)}` : name;
};

/** While the hand is still on it: where it goes to is not known yet, and the first words of a drag name its undo step. */
export function startLabel(title: string, spec: FieldSpec, from: unknown): string {
  const a = text(spec, from);
  return a ? `${whatOf(title, spec)} from ${a.number}${a.unit && ` ${a.unit}`}` : `${whatOf(title, spec)} changed`;
}

export function changeLabel(title: string, spec: FieldSpec, from: unknown, to: unknown): string {
  const what = whatOf(title, spec);
  if (to === null) return `${what} back to its default`;
  if (typeof to === "boolean") return `${what} ${to ? "on" : "off"}`;
  const [a, b] = [text(spec, from), text(spec, to)];
  if (!b) return `${what} changed`;
  const end = b.unit ? `${b.number} ${b.unit}` : b.number;
  if (!a || a.number === b.number) return `${what} to ${end}`;
  return a.unit === b.unit || !a.unit ? `${what} ${a.number} to ${end}` : `${what} ${a.number} ${a.unit} to ${end}`;
}
