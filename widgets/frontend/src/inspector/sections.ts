// Which fields an element has, in the order in which a modeller thinks of them.

import { fieldSpec, nodeKind, partKind } from "../fields/spec";
import type { Catalogue, Doc, DocEdge, DocNode, Kind } from "../protocol";

export interface Section {
  key: string;
  title: string;
  shown: string[]; // changed and pinned ones first, then the first of the kind
  folded: string[]; // the rest, under "All parameters"
}

const GENEROUS = 8; // parameters shown before the rest is folded
const FOLDED_GROUPS = /advanced|start|initial/i;

/** Sections of a node: what it is, then its parameters by group. */
export function nodeSections(doc: Doc, catalogue: Catalogue, node: DocNode): Section[] {
  const kind = nodeKind(catalogue, node.kind);
  const identity = ["kind"];
  if (node.size !== undefined || kind?.shape === "population") identity.push("size");
  if (kind?.shape === "population") identity.push("sign");
  const sections: Section[] = [{ key: "identity", title: "", shown: identity, folded: [] }];
  const groups = new Map<string, string[]>();
  for (const name of paramNames(kind, node.params)) {
    const group = kind?.params.find((param) => param.name === name)?.group || (name.endsWith("_init") ? "Start values" : "");
    groups.set(group, [...(groups.get(group) ?? []), `params.${name}`]);
  }
  let room = GENEROUS;
  for (const [group, paths] of groups) {
    const section = split(doc, catalogue, node.id, node.pins ?? [], paths, FOLDED_GROUPS.test(group) ? 0 : room);
    room -= section.shown.length;
    sections.push({ key: group || "parameters", title: group ? capital(group) : "Parameters", ...section });
  }
  return sections;
}

/** Sections of a projection: who connects, then the synapse. */
export function edgeSections(doc: Doc, catalogue: Catalogue, edge: DocEdge): Section[] {
  const part = (name: "rule" | "synapse" | "output"): string[] =>
    edge[name] ? paramNames(partKind(catalogue, edge, name), edge[name]?.params).map((param) => `${name}.params.${param}`) : [];
  const own = (name: string): string[] => (fieldSpec(doc, catalogue, edge.id, name) ? [name] : []);
  const pins = edge.pins ?? [];
  const sections: Section[] = [];
  if (edge.rule) {
    const params = split(doc, catalogue, edge.id, pins, part("rule"), 2);
    sections.push({ key: "rule", title: "Who connects", shown: ["rule.kind", ...params.shown], folded: params.folded });
  }
  if (edge.synapse || edge.output) {
    const rest = split(doc, catalogue, edge.id, pins, [...part("synapse"), ...part("output")], GENEROUS);
    const kinds = [...(edge.synapse ? ["synapse.kind"] : []), ...(edge.output ? ["output.kind"] : [])];
    sections.push({
      key: "synapse", title: "Synapse", shown: [...own("weight"), ...own("delay"), ...rest.shown, ...kinds], folded: rest.folded,
    });
  } else {
    const declared = catalogue.edges.find((kind) => kind.key === edge.kind)?.params.map((param) => param.name) ?? [];
    const paths = [...new Set(["weight", "delay", ...declared])].flatMap(own);
    if (paths.length) sections.push({ key: "values", title: "Values", shown: paths, folded: [] });
  }
  return sections;
}

/** Fields that all of several elements have. */
export function commonPaths(doc: Doc, catalogue: Catalogue, ids: string[]): string[] {
  const lists = ids.map((id) => {
    const node = doc.nodes.find((each) => each.id === id);
    const edge = doc.edges.find((each) => each.id === id);
    const sections = node ? nodeSections(doc, catalogue, node) : edge ? edgeSections(doc, catalogue, edge) : [];
    return sections.flatMap((section) => [...section.shown, ...section.folded]);
  });
  const [first = [], ...others] = lists;
  return first.filter((path) => {
    if (!others.every((list) => list.includes(path))) return false;
    const units = ids.map((id) => fieldSpec(doc, catalogue, id, path)?.unit);
    return units.every((unit) => unit === units[0]); // a weight in nS is none in mV
  });
}

function paramNames(kind: Kind | undefined, given: Record<string, unknown> | undefined): string[] {
  const declared = kind?.params.map((param) => param.name) ?? [];
  return [...declared, ...Object.keys(given ?? {}).filter((name) => !declared.includes(name))];
}

/** Changed and pinned fields come first and always show; then as many as there is room for. */
function split(
  doc: Doc, catalogue: Catalogue, id: string, pins: string[], paths: string[], room: number,
): { shown: string[]; folded: string[] } {
  const isFirst = (path: string): boolean => pins.includes(path) || fieldSpec(doc, catalogue, id, path)?.isChanged === true;
  const first = paths.filter(isFirst);
  const rest = paths.filter((path) => !first.includes(path));
  const free = Math.max(0, room - first.length);
  // a fold for a single field would cost more than it hides
  const kept = room > 0 && rest.length - free <= 1 ? rest.length : free;
  return { shown: [...first, ...rest.slice(0, kept)], folded: rest.slice(kept) };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
