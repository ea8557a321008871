// The nodes of the drawing as the plots see them.

import { findNode, givesSpikes, nodeKind } from "../fields/spec";
import type { Catalogue, Doc } from "../protocol";
import { hues, stimulusOf, type Source } from "./scene";

export function sourcesOf(doc: Doc, catalogue: Catalogue): Source[] {
  const shapeOf = (id: string): string | undefined => nodeKind(catalogue, findNode(doc, id)?.kind ?? "")?.shape;
  const recorded = new Set(doc.edges.filter((edge) => shapeOf(edge.target) === "probe").map((edge) => edge.source));
  return doc.nodes.map((node) => {
    const kind = nodeKind(catalogue, node.kind);
    const shape = kind?.shape ?? "population";
    const defaults = Object.fromEntries(kind?.params.map((param) => [param.name, param.default]) ?? []);
    return {
      id: node.id, label: node.label, shape, sign: node.sign ?? 0, recorded: recorded.has(node.id), spikes: givesSpikes(kind, node),
      stimulus: shape === "input" ? stimulusOf({ ...defaults, ...node.params }) : null,
    };
  });
}

/** The hue of a node, or of a projection: that of its source. */
export function hueOf(doc: Doc, catalogue: Catalogue, id: string): string {
  const tokens = hues(sourcesOf(doc, catalogue));
  return tokens.get(id) ?? tokens.get(doc.edges.find((edge) => edge.id === id)?.source ?? "") ?? "probe";
}
