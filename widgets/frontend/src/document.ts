// What an edit does to the drawing, as far as the browser can tell ahead of the kernel.

import type { Catalogue, Doc, DocEdge, DocMeta, DocNode, NodeKind, Op, Patch } from "./protocol";

export const EMPTY_DOCUMENT: Doc = { name: "Untitled network", dt: "0.1 ms", seed: 42, precision: 32, nodes: [], edges: [] };
export const EMPTY_CATALOGUE: Catalogue = { nodes: [], rules: [], synapses: [], outputs: [], edges: [] };

export type Element = DocNode | DocEdge;

export const isEdge = (element: Element): element is DocEdge => "source" in element && "target" in element;

export function findElement(doc: Doc, id: string): Element | undefined {
  return doc.nodes.find((node) => node.id === id) ?? doc.edges.find((edge) => edge.id === id);
}

export function kindOf(catalogue: Catalogue, node: Pick<DocNode, "kind">): NodeKind | undefined {
  return catalogue.nodes.find((kind) => kind.key === node.kind);
}

/** "E", or "I to E projection". */
export function titleOf(doc: Doc, id: string): string {
  const element = findElement(doc, id);
  if (!element) return "";
  if (!isEdge(element)) return element.label;
  const name = (end: string): string => doc.nodes.find((node) => node.id === end)?.label ?? "?";
  return `${name(element.source)} to ${name(element.target)} projection`;
}

/** Apply what needs no kernel to foresee; additions wait for their ids and defaults. */
export function foresee(doc: Doc, ops: readonly Op[]): Doc {
  return ops.reduce(foreseeOne, doc);
}

function foreseeOne(doc: Doc, op: Op): Doc {
  switch (op.op) {
    case "set":
      return setField(doc, op.element, op.field, op.value);
    case "move":
      return {
        ...doc,
        nodes: doc.nodes.map((node) => {
          const position = op.positions[node.id];
          return position ? { ...node, position } : node;
        }),
      };
    case "remove": {
      const gone = new Set(op.ids);
      return {
        ...doc,
        nodes: doc.nodes.filter((node) => !gone.has(node.id)),
        edges: doc.edges.filter((edge) => ![edge.id, edge.source, edge.target].some((id) => gone.has(id))),
      };
    }
    default:
      return doc;
  }
}

function setField(doc: Doc, element: string | null, field: string, value: unknown): Doc {
  if (element === null) return assign(doc, [field.replace(/^graph\./, "")], value) as Doc;
  const path = field.split(".");
  const change = <T extends Element>(list: T[]): T[] =>
    list.some((entry) => entry.id === element)
      ? list.map((entry) => (entry.id === element ? (assign(entry, path, value) as T) : entry))
      : list;
  return { ...doc, nodes: change(doc.nodes), edges: change(doc.edges) };
}

/** A copy with another value at a path; null takes a parameter back to its default. */
function assign(record: object, path: string[], value: unknown): object {
  const [head, ...rest] = path as [string, ...string[]];
  const copy: Record<string, unknown> = { ...(record as Record<string, unknown>) };
  if (rest.length > 0) {
    const inner = copy[head];
    copy[head] = assign(typeof inner === "object" && inner !== null ? inner : {}, rest, value);
  } else if (value === null) delete copy[head];
  else copy[head] = value;
  return copy;
}

/** Apply what the kernel says has changed; what did not keeps its identity. */
export function applyPatch(doc: Doc, patch: Pick<Patch, "nodes" | "edges" | "removed" | "meta">): Doc {
  const gone = new Set(patch.removed);
  return {
    ...doc,
    ...(patch.meta as Partial<DocMeta> | undefined),
    nodes: merge(doc.nodes, patch.nodes, gone),
    edges: merge(doc.edges, patch.edges, gone),
  };
}

function merge<T extends Element>(old: T[], changed: T[], gone: ReadonlySet<string>): T[] {
  if (changed.length === 0 && !old.some((entry) => gone.has(entry.id))) return old;
  const byId = new Map(changed.map((entry) => [entry.id, entry]));
  const kept = old.filter((entry) => !gone.has(entry.id) || byId.has(entry.id));
  const known = new Set(kept.map((entry) => entry.id));
  return [...kept.map((entry) => byId.get(entry.id) ?? entry), ...changed.filter((entry) => !known.has(entry.id))];
}
