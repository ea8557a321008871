// Whether two nodes can be joined, and the words when they cannot. The kernel has the last word.

import { kindOf } from "../document";
import type { Catalogue, Doc, DocNode, NodeKind } from "../protocol";

const SIGNAL_WORDS: Record<string, string> = { spikes: "spikes", current: "a current", state: "its state" };

const signals = (kind: NodeKind, direction: "in" | "out"): string[] =>
  kind.ports.filter((port) => port.direction === direction).map((port) => port.signal);

/** Why `source` cannot be joined to `target`; null when it can. */
export function refusal(doc: Doc, catalogue: Catalogue, source: string, target: string): string | null {
  const from = doc.nodes.find((node) => node.id === source);
  const to = doc.nodes.find((node) => node.id === target);
  if (!from || !to) return "There is nothing to connect to.";
  const [a, b] = [kindOf(catalogue, from), kindOf(catalogue, to)];
  if (!a || !b) return null; // kinds that are not here: the kernel knows more
  const [gives, takes] = [signals(a, "out"), signals(b, "in")];
  if (a.shape === "probe" || gives.length === 0) return `${from.label} is a probe: it gives nothing.`;
  if (b.shape === "input" || takes.length === 0) return `${to.label} is an input: it takes nothing.`;
  if (gives.some((signal) => takes.includes(signal))) {
    const isThere = b.shape === "probe" && doc.edges.some((edge) => edge.source === source && edge.target === target);
    return isThere ? `${to.label} records ${from.label} already.` : null;
  }
  return `${from.label} gives ${words(gives)}; ${to.label} takes ${words(takes)}.`;
}

const words = (list: string[]): string => [...new Set(list)].map((signal) => SIGNAL_WORDS[signal] ?? signal).join(" or ");

/** Nodes that `source` may be joined to, in reading order. */
export function candidates(doc: Doc, catalogue: Catalogue, source: string): DocNode[] {
  return doc.nodes.filter((node) => refusal(doc, catalogue, source, node.id) === null);
}

/** Copied nodes, with the edges among them, as the clipboard and `paste` hold them. */
export function excerpt(doc: Doc, ids: readonly string[]): Pick<Doc, "nodes" | "edges"> {
  const chosen = new Set(ids);
  const nodes = doc.nodes.filter((node) => chosen.has(node.id));
  const inside = new Set(nodes.map((node) => node.id));
  return { nodes, edges: doc.edges.filter((edge) => inside.has(edge.source) && inside.has(edge.target)) };
}
