// From the document to what is drawn: words, sizes, hues and boxes, without any React.

import { count, pretty, shown, toNumber } from "../fields/quantity";
import { wiring } from "../inspector/facts";
import { fieldSpec, givesSpikes, sourcesAt } from "../fields/spec";
import { hues } from "../plots/scene";
import { sourcesOf } from "../plots/sources";
import { kindOf } from "../document";
import type { Catalogue, Doc, DocEdge, DocNode, NodeKind, Problem, Shape } from "../protocol";
import type { Box, Ending, Link, Outline } from "./geometry";

export interface NodeView {
  id: string;
  name: string;
  aria: string;
  shape: Shape;
  sign: number;
  glyph: string;
  hue: string; // a token
  size: string; // "3 200", or none
  sub: string;
  pins: string[];
  muted: boolean;
  live: boolean; // shows its activity
  errors: number;
  warnings: number;
  width: number;
  height: number;
  diameter: number;
  takes: boolean;
  gives: boolean;
}

export type EdgeRole = "excites" | "inhibits" | "drives" | "records" | "connects";

export interface EdgeView {
  id: string;
  source: string;
  target: string;
  aria: string;
  role: EdgeRole;
  hue: string;
  width: number;
  weight: string;
  rule: string;
  delay: string;
  errors: number;
  warnings: number;
  muted: boolean;
}

export interface Scene {
  nodes: NodeView[];
  edges: EdgeView[];
}

export const SOMA_Y = 27;
const SMALL = 46; // diameter of inputs and probes
const MAX_PINS = 3;

/** Diameter of a population: it grows with the logarithm of its size. */
export const somaDiameter = (size: number): number => (size <= 1 ? 40 : Math.min(62, 40 + 5.5 * Math.log10(size)));

export const outlineOf = (shape: Shape, sign: number): Outline =>
  shape === "input" ? "hexagon" : shape === "probe" ? "screen" : sign > 0 ? "triangle" : sign < 0 ? "circle" : "square";

export function buildScene(doc: Doc, catalogue: Catalogue, problems: readonly Problem[], isLive: boolean): Scene {
  const tokens = hues(sourcesOf(doc, catalogue));
  const counts = countProblems(problems);
  const byId = new Map(doc.nodes.map((node) => [node.id, node]));
  return {
    nodes: doc.nodes.map((node) => nodeView(doc, catalogue, node, tokens.get(node.id) ?? "probe", counts, isLive)),
    edges: doc.edges.flatMap((edge) => {
      const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
      return source && target ? [edgeView(doc, catalogue, edge, source, target, counts)] : [];
    }),
  };
}

type Counts = Map<string, { errors: number; warnings: number }>;

function countProblems(problems: readonly Problem[]): Counts {
  const counts: Counts = new Map();
  for (const { element, severity } of problems) {
    if (element === null || severity === "note") continue;
    const entry = counts.get(element) ?? { errors: 0, warnings: 0 };
    entry[severity === "error" ? "errors" : "warnings"]++;
    counts.set(element, entry);
  }
  return counts;
}

function nodeView(doc: Doc, catalogue: Catalogue, node: DocNode, hue: string, counts: Counts, isLive: boolean): NodeView {
  const kind = kindOf(catalogue, node);
  const shape = kind?.shape ?? "population";
  const sign = node.sign ?? 0;
  const model = kind?.label || node.kind;
  const isPopulation = shape === "population";
  const size = node.size !== undefined && isPopulation ? count(node.size) : "";
  const pins = (node.pins ?? []).slice(0, MAX_PINS);
  const live = isLive && shape !== "probe" && !node.muted && givesSpikes(kind, node);
  const neurons = node.size === undefined || shape === "probe" ? "" : `, ${count(node.size)} neuron${node.size === 1 ? "" : "s"}`;
  const { errors = 0, warnings = 0 } = counts.get(node.id) ?? {};
  return {
    id: node.id, name: node.label, shape, sign, hue, size, pins, live, errors, warnings,
    aria: `${node.label}, ${model}${neurons}${node.muted ? ", muted" : ""}${errors ? `, ${plural(errors, "problem")}` : ""}`,
    glyph: kind?.glyph || "", muted: node.muted === true,
    sub: node.muted ? "not simulated" : errors ? plural(errors, "problem") : subtitle(doc, node, kind, model),
    width: cardWidth(shape, node.label, size),
    height: cardHeight(live, pins.length),
    diameter: isPopulation ? somaDiameter(node.size ?? 1) : SMALL,
    takes: kind ? kind.ports.some((port) => port.direction === "in") : true,
    gives: kind ? kind.ports.some((port) => port.direction === "out") && shape !== "probe" : true,
  };
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;

/** One line under the name: the model and what tells it apart. */
function subtitle(doc: Doc, node: DocNode, kind: NodeKind | undefined, model: string): string {
  if (!kind) return `${node.kind} is not here`;
  if (kind.shape === "probe") {
    const names = doc.edges.filter((edge) => edge.target === node.id).map((edge) => doc.nodes.find(({ id }) => id === edge.source)?.label);
    return names.length ? `of ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}` : "records nothing yet";
  }
  if (kind.shape === "input") {
    const first = kind.params.find((param) => param.unit && param.unit !== "s" && param.unit !== "ms");
    if (!first || node.pins?.includes(`params.${first.name}`)) return model;
    const { number, unit } = shown(node.params?.[first.name] ?? first.default, first.unit);
    const times = sourcesAt(kind, node) > 1 ? `${count(sourcesAt(kind, node))} × ` : "";
    return number ? `${model} ${times}${pretty(number)}${unit && ` ${unit}`}` : model;
  }
  const outputs = new Set(doc.edges.filter((edge) => edge.target === node.id && edge.output).map((edge) => edge.output!.kind));
  if (outputs.size === 0) return model;
  if (outputs.size > 1) return `${model}, mixed inputs`;
  return outputs.has("CUBA") ? `${model}, current` : outputs.has("COBA") ? `${model}, conductance` : model;
}

/** The width that a name and its number need, between what the mock allows. */
export function cardWidth(shape: Shape, name: string, size: string): number {
  const needed = 34 + 12 + 9.2 * name.length + (size ? 8 + 6.4 * size.length : 0);
  return Math.round(Math.min(168, Math.max(shape === "population" ? 148 : 126, needed)));
}

export const cardHeight = (live: boolean, pins: number): number => 52 + (live ? 28 : 0) + (pins ? 27 + 17 * (pins - 1) : 0);

function edgeView(doc: Doc, catalogue: Catalogue, edge: DocEdge, source: DocNode, target: DocNode, counts: Counts): EdgeView {
  const role = roleOf(catalogue, edge, source);
  const { errors = 0, warnings = 0 } = counts.get(edge.id) ?? {};
  const noun = role === "records" ? "recording" : "projection";
  return {
    id: edge.id, source: edge.source, target: edge.target, role, errors, warnings,
    aria: `${source.label} to ${target.label} ${noun}`,
    hue: { excites: "exc", inhibits: "inh", drives: "inp", records: "probe", connects: "u1" }[role],
    width: strength(doc, catalogue, edge, role),
    weight: role === "records" ? "" : weightText(doc, catalogue, edge),
    rule: role === "records" ? "" : ruleText(catalogue, edge),
    delay: edge.delay === undefined ? "" : valueText(edge.delay, "ms"),
    muted: source.muted === true || target.muted === true,
  };
}

function roleOf(catalogue: Catalogue, edge: DocEdge, source: DocNode): EdgeRole {
  if (edge.kind === "Record") return "records";
  if (kindOf(catalogue, source)?.shape === "input") return "drives";
  const sign = source.sign ?? 0;
  return sign > 0 ? "excites" : sign < 0 ? "inhibits" : "connects";
}

/** 1.4 to 5 px by the logarithm of weight and inputs per neuron. */
function strength(doc: Doc, catalogue: Catalogue, edge: DocEdge, role: EdgeRole): number {
  if (role === "records" || role === "drives") return 1.8;
  const spec = fieldSpec(doc, catalogue, edge.id, "weight");
  const weight = spec && toNumber(spec.value, spec.unit);
  const usual = spec && toNumber(spec.default, spec.unit);
  const inputs = wiring(doc, catalogue, edge)?.inputs;
  if (!weight || !usual || !inputs) return 2.4;
  const total = Math.abs(weight / usual) * inputs;
  return Math.round(Math.min(5, Math.max(1.4, 2.4 + 1.3 * (Math.log10(total) - 1.8))) * 10) / 10;
}

function valueText(value: unknown, unit: string): string {
  const { number, unit: given } = shown(value, unit);
  return pretty(given ? `${number} ${given}` : number);
}

function weightText(doc: Doc, catalogue: Catalogue, edge: DocEdge): string {
  if (edge.weight === undefined) return "";
  if (edge.kind === "Drive") return Number(edge.weight) === 1 ? "" : `× ${valueText(edge.weight, "")}`;
  const unit = fieldSpec(doc, catalogue, edge.id, "weight")?.unit ?? "";
  return valueText(edge.weight, unit);
}

/** How an edge connects in a word: "2 %", "1:1", "all", "80 in". */
function ruleText(catalogue: Catalogue, edge: DocEdge): string {
  const rule = edge.rule;
  if (!rule) return "";
  const declared = catalogue.rules.find((kind) => kind.key === rule.kind)?.params ?? [];
  const number = (name: string): number | null =>
    toNumber(rule.params?.[name] ?? declared.find((param) => param.name === name)?.default, "");
  const firstNumber = declared.map((param) => number(param.name)).find((value) => value !== null) ?? null;
  switch (rule.kind) {
    case "FixedProb": {
      const prob = number("prob");
      return prob === null ? "" : `${pretty(String(Number((prob * 100).toPrecision(3))))} %`;
    }
    case "OneToOne":
      return "1:1";
    case "AllToAll":
      return "all";
    case "FixedInDegree":
      return firstNumber === null ? "" : `${count(firstNumber)} in`;
    case "FixedOutDegree":
      return firstNumber === null ? "" : `${count(firstNumber)} out`;
    default:
      return "";
  }
}

/** The box of a node at a place; below 60 % only its soma is drawn, `dot` px wide. */
export function boxOf(node: NodeView, [x, y]: readonly [number, number], dot: number | null): Box {
  const outline = outlineOf(node.shape, node.sign);
  if (dot === null) {
    return {
      id: node.id, x, y, w: node.width, h: node.height, outline, card: true,
      soma: { x, y: y + SOMA_Y, r: node.diameter / 2 },
    };
  }
  const r = dot / 2;
  const soma = { x: x + node.width / 2, y: y + SOMA_Y, r };
  return { id: node.id, x: soma.x - r, y: soma.y - r, w: dot, h: dot, outline, card: false, soma };
}

const ENDINGS: Record<EdgeRole, Ending> = { excites: "arrow", drives: "arrow", connects: "arrow", inhibits: "ball", records: "none" };

export const linkOf = ({ id, source, target, role }: EdgeView): Link => ({
  id, source, target, inhibits: role === "inhibits", records: role === "records", ending: ENDINGS[role],
});
