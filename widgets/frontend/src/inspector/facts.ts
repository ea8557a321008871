// One line of fact under a title, and how many synapses a rule makes.

import { count, toNumber } from "../fields/quantity";
import { findNode, nodeKind } from "../fields/spec";
import type { Catalogue, Doc, DocEdge, DocNode } from "../protocol";

const SIGN_WORDS: Record<string, string> = { "1": "excitatory", "-1": "inhibitory", "0": "unsigned" };
const VERBS: Record<string, string> = { "1": "excites", "-1": "inhibits", "0": "connects" };
const SHAPE_WORDS: Record<string, string> = { population: "Population", input: "Input", probe: "Probe" };

export interface Wiring {
  synapses: number;
  inputs: number; // per target neuron
}

type Count = (pre: number, post: number, value: (name: string) => number | null) => number | null;

/** Expected synapses of the rules whose arithmetic is known; others show none. */
const RULES: Record<string, Count> = {
  FixedProb: (pre, post, value) => times(pre * post, value("prob")),
  AllToAll: (pre, post) => pre * post,
  OneToOne: (pre, post) => Math.min(pre, post),
  FixedInDegree: (_pre, post, value) => times(post, value("n") ?? value("number") ?? value("indegree")),
  FixedOutDegree: (pre, _post, value) => times(pre, value("n") ?? value("number") ?? value("outdegree")),
};

const times = (a: number, b: number | null): number | null => (b === null ? null : a * b);

export function wiring(doc: Doc, catalogue: Catalogue, edge: DocEdge): Wiring | null {
  const pre = findNode(doc, edge.source)?.size;
  const post = findNode(doc, edge.target)?.size;
  const key = edge.rule?.kind;
  const rule = key === undefined ? undefined : RULES[key];
  if (!rule || !pre || !post) return null;
  const declared = catalogue.rules.find((kind) => kind.key === key)?.params ?? [];
  const synapses = rule(pre, post, (name) =>
    toNumber(edge.rule?.params?.[name] ?? declared.find((param) => param.name === name)?.default, ""),
  );
  return synapses === null ? null : { synapses, inputs: synapses / post };
}

/** "Population · excitatory · 3 200 neurons". */
export function nodeFact(doc: Doc, catalogue: Catalogue, node: DocNode): string {
  const kind = nodeKind(catalogue, node.kind);
  const parts = [SHAPE_WORDS[kind?.shape ?? ""] ?? `${node.kind} is not here`];
  if (kind?.shape === "population") parts.push(SIGN_WORDS[String(node.sign ?? 0)] ?? "unsigned");
  if (kind?.shape === "probe") {
    const sources = doc.edges.filter((edge) => edge.target === node.id).map((edge) => findNode(doc, edge.source)?.label);
    parts.push(sources.length ? `records ${sources.join(", ")}` : "records nothing yet");
  } else if (node.size !== undefined) {
    parts.push(`${count(node.size)} neuron${node.size === 1 ? "" : "s"}`);
  }
  if (node.muted) parts.push("muted");
  return parts.join(" · ");
}

/** "Projection · inhibits · about 51 200 synapses". */
export function edgeFact(doc: Doc, catalogue: Catalogue, edge: DocEdge): string {
  const source = findNode(doc, edge.source);
  const kind = source && nodeKind(catalogue, source.kind);
  const label = catalogue.edges.find((each) => each.key === edge.kind)?.label || edge.kind;
  const parts = [label];
  if (edge.synapse) parts.push(kind?.shape === "input" ? "drives" : (VERBS[String(source?.sign ?? 0)] ?? "connects"));
  const made = wiring(doc, catalogue, edge);
  if (made) parts.push(`about ${count(made.synapses)} synapse${Math.round(made.synapses) === 1 ? "" : "s"}`);
  return parts.join(" · ");
}

/** "16 inputs per neuron". */
export function inputsPerNeuron(made: Wiring | null): string {
  if (!made) return "";
  const n = made.inputs >= 10 ? count(made.inputs) : String(Number(made.inputs.toPrecision(2)));
  return `${n} input${n === "1" ? "" : "s"} per neuron`;
}
