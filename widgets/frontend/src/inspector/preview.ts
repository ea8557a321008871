// From a projection of the drawing to the potential that one of its spikes makes.

import { convert, isDistribution, parseQuantity } from "../fields/quantity";
import { fieldSpec, findNode, nodeKind } from "../fields/spec";
import type { Catalogue, Doc, DocEdge } from "../protocol";
import { onePotential, type Output, type Potential, type Synapse } from "./psp";

export interface Preview {
  potential: Potential;
  weight: string; // as the projection says it: "67 nS"
  threshold: number | null; // mV above where it was held
}

/** Null where the kinds do not say what is needed: a membrane, a synapse, a weight. */
export function previewOf(doc: Doc, catalogue: Catalogue, edge: DocEdge): Preview | null {
  const target = findNode(doc, edge.target);
  if (!target || nodeKind(catalogue, target.kind)?.shape !== "population") return null;
  const value = (element: string, path: string, unit: string): number | null => {
    const spec = fieldSpec(doc, catalogue, element, path);
    const given = spec?.value;
    const plain = isDistribution(given) && given.dist === "Normal" ? given.mean : given;
    // a bare number is in the unit of its parameter
    const number = typeof plain === "number" ? plain : typeof plain === "string" ? parseQuantity(plain)?.value : undefined;
    const own = typeof plain === "string" ? (parseQuantity(plain)?.unit || spec?.unit) : spec?.unit;
    return number === undefined ? null : convert({ value: number, unit: own ?? "" }, unit);
  };
  const membrane = (name: string, unit: string): number | null => value(target.id, `params.${name}`, unit);
  const tau = membrane("tau", "ms");
  const rest = membrane("V_rest", "mV") ?? 0;
  const resistance = membrane("R", "MOhm");
  const threshold = membrane("V_th", "mV");
  const synapse = synapseOf(edge, (name) => value(edge.id, `synapse.params.${name}`, "ms"));
  const output = outputOf(edge, (name) => value(edge.id, `output.params.${name}`, "mV"));
  if (tau === null || !(tau > 0) || !synapse || !output) return null;
  if (resistance === null && output.kind !== "none") return null;
  const units = { COBA: "nS", CUBA: "pA", none: "mV" } as const;
  const weight = value(edge.id, "weight", units[output.kind]);
  if (weight === null) return null;
  const potential = onePotential({ tau, resistance: resistance ?? 0, rest, threshold }, synapse, output, weight);
  if (!Number.isFinite(potential.peak)) return null;
  return { potential, weight: `${weight} ${units[output.kind]}`, threshold: threshold === null ? null : threshold - potential.held };
}

function synapseOf(edge: DocEdge, value: (name: string) => number | null): Synapse | null {
  const key = edge.synapse?.kind;
  if (key === "Delta") return { shape: "Delta" };
  const tau = value("tau");
  if ((key !== "Expon" && key !== "Alpha") || tau === null || !(tau > 0)) return null;
  return { shape: key, tau };
}

function outputOf(edge: DocEdge, value: (name: string) => number | null): Output | null {
  if (edge.synapse?.kind === "Delta") return { kind: "none" };
  if (edge.output?.kind === "CUBA") return { kind: "CUBA" };
  const reversal = value("E");
  return edge.output?.kind === "COBA" && reversal !== null ? { kind: "COBA", reversal } : null;
}
