// What stands behind a field: from a path in the document to its declaration and value.

import type { Catalogue, Doc, DocEdge, DocNode, Kind, NodeKind, Param } from "../protocol";
import { asText, isDistribution } from "./quantity";

export interface Choice {
  value: unknown;
  label: string;
}

export interface FieldSpec {
  path: string;
  label: string;
  symbol: string;
  name: string; // what a screen reader calls it: "Threshold V_th"
  unit: string;
  help: string;
  source: string;
  type: "number" | "text" | "choice" | "boolean" | "list";
  choices: Choice[];
  integer: boolean;
  log: boolean;
  low: number | null;
  high: number | null;
  minimum: number | null;
  maximum: number | null;
  default: unknown;
  value: unknown;
  isChanged: boolean;
  structural: boolean;
  distribution: boolean;
}

/** How many sources each neuron of a node stands for. */
export const sourcesAt = (kind: NodeKind | undefined, node: DocNode): number =>
  kind?.sources ? Number(node.params?.[kind.sources] ?? 1) : 1;

/** Whether the spikes of a node are seen: those of many sources together are only counted. */
export function givesSpikes(kind: NodeKind | undefined, node: DocNode): boolean {
  return sourcesAt(kind, node) <= 1 && (kind?.ports.some((port) => port.direction === "out" && port.signal === "spikes") ?? false);
}

type Declaration = Partial<Param> & Pick<Param, "name">;

const SIGNS: Choice[] = [
  { value: 1, label: "Excitatory" },
  { value: -1, label: "Inhibitory" },
  { value: 0, label: "Unsigned" },
];

/** Fields of the document itself and of every node: no kind declares these. */
const DOCUMENT: Record<string, Declaration> = {
  name: { name: "name", label: "Name", default: "", help: "Name of the drawing and of its file." },
  dt: {
    name: "dt", label: "Time step", symbol: "dt", unit: "ms", default: "0.1 ms", low: 0.01, high: 1, minimum: 0.0001,
    log: true, structural: true, help: "Every process advances by this much. Delays are whole multiples of it.",
  },
  seed: {
    name: "seed", label: "Seed", default: 0, integer: true, minimum: 0, structural: true,
    help: "The same seed gives the same wiring, the same noise and the same spikes.",
  },
  precision: {
    name: "precision", label: "Precision", default: 32, choices: [32, 64], structural: true,
    help: "Bits of a number. 32 is faster; 64 tells whether rounding matters.",
  },
};
const PRECISIONS: Choice[] = [
  { value: 32, label: "float32" },
  { value: 64, label: "float64" },
];
const NODE: Record<string, Declaration> = {
  label: { name: "label", label: "Name", default: "", help: "How plots and the generated Python call it." },
  size: {
    name: "size", label: "Size", symbol: "N", default: 1, low: 1, high: 10000, minimum: 1, integer: true, log: true,
    structural: true, help: "How many neurons.",
  },
  sign: {
    name: "sign", label: "Sign", default: 0, structural: true,
    help: "What its projections do: it sets their usual synapse, colour and arrow head.",
  },
};

export function findNode(doc: Doc, id: string | null): DocNode | undefined {
  return id === null ? undefined : doc.nodes.find((node) => node.id === id);
}
export function findEdge(doc: Doc, id: string | null): DocEdge | undefined {
  return id === null ? undefined : doc.edges.find((edge) => edge.id === id);
}
export function nodeKind(catalogue: Catalogue, key: string): NodeKind | undefined {
  return catalogue.nodes.find((kind) => kind.key === key);
}

/** The field at a path: of a node, of an edge, or of the document when `element` is null. */
export function fieldSpec(doc: Doc, catalogue: Catalogue, element: string | null, path: string): FieldSpec | null {
  if (element === null) return documentField(doc, path);
  const node = findNode(doc, element);
  if (node) return nodeField(node, catalogue, path);
  const edge = findEdge(doc, element);
  return edge ? edgeField(edge, catalogue, path) : null;
}

function documentField(doc: Doc, path: string): FieldSpec | null {
  const name = path.replace(/^graph\./, "");
  const declared = DOCUMENT[name];
  if (!declared) return null;
  const choices = name === "precision" ? PRECISIONS : [];
  return make(path, declared, doc[name as "dt"], choices);
}

function nodeField(node: DocNode, catalogue: Catalogue, path: string): FieldSpec | null {
  const kind = nodeKind(catalogue, node.kind);
  if (path === "kind") {
    const alike = catalogue.nodes.filter((other) => (kind ? other.group === kind.group : other.key === node.kind));
    return make(path, { name: "kind", label: "Model", default: node.kind, structural: true, help: kind?.help ?? "" }, node.kind, kindChoices(alike, node.kind));
  }
  if (path.startsWith("params.")) return paramField(path, kind, node.params);
  const declared = NODE[path];
  if (!declared) return null;
  return make(path, declared, node[path as "size"], path === "sign" ? SIGNS : []);
}

const FAMILIES = { rule: "rules", synapse: "synapses", output: "outputs" } as const;
const FAMILY_LABELS = { rule: "Rule", synapse: "Synapse", output: "Output" } as const;
type Part = keyof typeof FAMILIES;

export function partKind(catalogue: Catalogue, edge: DocEdge, part: Part): Kind | undefined {
  return catalogue[FAMILIES[part]].find((kind) => kind.key === edge[part]?.kind);
}

function edgeField(edge: DocEdge, catalogue: Catalogue, path: string): FieldSpec | null {
  const [part, rest] = [path.slice(0, path.indexOf(".")), path.slice(path.indexOf(".") + 1)];
  if (part in FAMILIES) {
    const family = part as Part;
    const kind = partKind(catalogue, edge, family);
    const given = edge[family];
    if (rest.startsWith("params.")) return paramField(path, kind, given?.params, rest);
    if (rest !== "kind") return null;
    const declared = { name: "kind", label: FAMILY_LABELS[family], default: given?.kind, structural: true, help: kind?.help ?? "" };
    return make(path, declared, given?.kind, kindChoices(catalogue[FAMILIES[family]], given?.kind));
  }
  if (path === "label") return make(path, { ...NODE["label"]!, label: "Label" }, edge.label);
  const declared = edgeParam(catalogue, edge, path);
  return declared ? make(path, declared, (edge as unknown as Record<string, unknown>)[path]) : null;
}

/** Where a value of the edge itself is declared: the weight's unit is the synapse's. */
function edgeParam(catalogue: Catalogue, edge: DocEdge, name: string): Param | undefined {
  if (name === "weight") {
    for (const [family, given] of [["outputs", edge.output], ["synapses", edge.synapse]] as const) {
      const weight = catalogue[family].find((kind) => kind.key === given?.kind)?.weight;
      if (weight) return weight;
    }
  }
  return catalogue.edges.find((kind) => kind.key === edge.kind)?.params.find((param) => param.name === name);
}

function paramField(
  path: string, kind: Kind | undefined, given: Record<string, unknown> | undefined, inner = path,
): FieldSpec | null {
  const name = inner.slice("params.".length);
  const param = kind?.params.find((entry) => entry.name === name);
  // a value whose kind is not here is shown as it is, and kept
  if (!param) return given && name in given ? make(path, { name }, given[name]) : null;
  return make(path, param, given?.[name]);
}

function kindChoices(kinds: Kind[], current: string | undefined): Choice[] {
  const choices = kinds.map((kind) => ({ value: kind.key, label: kind.label || kind.key }));
  if (current === undefined || kinds.some((kind) => kind.key === current)) return choices;
  return [{ value: current, label: `${current} (not here)` }, ...choices];
}

function make(path: string, param: Declaration, given: unknown, choices: Choice[] = []): FieldSpec {
  const label = param.label || (param.symbol ? "" : sentence(param.name));
  const symbol = param.symbol && param.symbol.toLocaleLowerCase() !== label.toLocaleLowerCase() ? param.symbol : "";
  const value = given ?? param.default;
  const listed = choices.length ? choices : (param.choices ?? []).map((c) => ({ value: c, label: sentence(String(c)) }));
  const unit = param.unit ?? "";
  return {
    path, label, symbol, unit, value,
    name: [label, symbol].filter(Boolean).join(" "),
    help: param.help ?? "",
    source: param.source ?? "",
    type: typeOf(param, value, listed),
    choices: listed,
    integer: param.integer === true,
    log: param.log === true,
    low: param.low ?? null,
    high: param.high ?? null,
    minimum: param.minimum ?? null,
    maximum: param.maximum ?? null,
    default: param.default,
    isChanged: given !== undefined && given !== null && asText(given, unit) !== asText(param.default, unit),
    structural: param.structural === true,
    distribution: param.distribution === true,
  };
}

function typeOf(param: Declaration, value: unknown, choices: Choice[]): FieldSpec["type"] {
  if (choices.length) return "choice";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value) || Array.isArray(param.default)) return "list";
  const isNumber = param.unit || param.integer || isDistribution(value) || typeof param.default === "number" || (param.low ?? null) !== null;
  return isNumber ? "number" : "text";
}

/** "tau_ref" as "Tau ref": only where a kind gave no words of its own. */
function sentence(name: string): string {
  const words = name.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What goes to the kernel for a typed text: numbers and lists as such, the rest as text. */
export function typedValue(spec: FieldSpec, text: string): unknown {
  if (spec.type === "list") {
    // "10 ms, 20 ms" has spaces inside of its entries, "0 17" between them
    const entries = text.split(spec.unit || text.includes(",") ? "," : /\s+/).map((entry) => entry.trim()).filter(Boolean);
    const numbers = entries.map(Number);
    return numbers.every(Number.isFinite) && !spec.unit ? numbers : entries;
  }
  if (spec.type === "number" && spec.unit === "") {
    const plain = text.replace(/(\d) (?=\d{3}\b)/g, "$1");
    if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) return Number(plain);
  }
  return text;
}
