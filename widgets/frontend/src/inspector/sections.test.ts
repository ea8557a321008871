import { describe, expect, it } from "vitest";
import type { Catalogue, Doc } from "../protocol";
import { edgeFact, inputsPerNeuron, nodeFact, wiring } from "./facts";
import { previewOf } from "./preview";
import { commonPaths, edgeSections, nodeSections } from "./sections";

const param = (name: string, unit = "mV", over: object = {}) => ({
  name, unit, label: name, symbol: "", default: unit ? `1 ${unit}` : 1, low: null, high: null, choices: [], group: "", ...over,
});
const kind = (key: string, params: object[], over: object = {}) => ({ key, label: key, help: "", source: "", params, ...over });
const MEMBRANE = [
  param("tau", "ms", { default: "20 ms" }), param("V_rest", "mV", { default: "-60 mV" }), param("V_th", "mV", { default: "-50 mV" }),
  param("R", "MOhm", { default: "100 MOhm" }),
];
const CATALOGUE = {
  nodes: [
    kind("LIFRef", [...MEMBRANE, param("V_init", "mV")], { group: "Populations", shape: "population", ports: [] }),
    kind("Rich", Array.from({ length: 14 }, (_, i) => param(`p${i}`)), { group: "Populations", shape: "population", ports: [] }),
    kind("Poisson", [param("rate", "Hz")], { group: "Inputs", shape: "input", ports: [] }),
    kind("SpikeProbe", [], { group: "Probes", shape: "probe", ports: [] }),
  ],
  rules: [kind("FixedProb", [param("prob", "", { default: 0.1 }), param("allow_self", "")]), kind("Mystery", [])],
  synapses: [kind("Expon", [param("tau", "ms")]), kind("Delta", [], { weight: param("weight", "mV") })],
  outputs: [kind("COBA", [param("E", "mV")], { weight: param("weight", "nS") }), kind("CUBA", [], { weight: param("weight", "pA") })],
  edges: [kind("Projection", [param("delay", "ms")]), kind("Drive", [param("weight", "")]), kind("Record", [])],
} as unknown as Catalogue;

const projection = (id: string, over: object = {}) => ({
  id, source: "e", target: "i", kind: "Projection", weight: "6 nS", delay: "1 ms", rule: { kind: "FixedProb", params: { prob: 0.02 } },
  synapse: { kind: "Expon", params: { tau: "5 ms" } }, output: { kind: "COBA", params: { E: "0 mV" } }, ...over,
});
const DOC = {
  name: "x", dt: "0.1 ms", seed: 1, precision: 32,
  nodes: [
    { id: "e", kind: "LIFRef", label: "E", size: 3200, sign: 1, params: { V_th: "-48 mV" }, position: [0, 0], pins: ["params.R"] },
    { id: "i", kind: "LIFRef", label: "I", size: 800, sign: -1, position: [0, 0] },
    { id: "r", kind: "Rich", label: "R", size: 1, sign: 0, params: { p13: "2 mV" }, position: [0, 0] },
    { id: "p", kind: "Poisson", label: "P", size: 1, position: [0, 0] },
    { id: "s", kind: "SpikeProbe", label: "S", position: [0, 0] },
  ],
  edges: [
    projection("e1"), projection("delta", { synapse: { kind: "Delta" }, output: undefined, weight: "0.5 mV" }),
    projection("cuba", { output: { kind: "CUBA" }, weight: "20 pA" }), projection("mystery", { rule: { kind: "Mystery" }, weight: "6 pizza" }),
    { id: "rec", source: "e", target: "s", kind: "Record" }, { id: "drive", source: "p", target: "e", kind: "Drive", weight: 2 },
  ],
} as unknown as Doc;
const node = (id: string) => DOC.nodes.find((n) => n.id === id)!;
const edge = (id: string) => DOC.edges.find((e) => e.id === id)!;

describe("sections", () => {
  it("show changed and pinned parameters first", () => {
    const [identity, parameters, start] = nodeSections(DOC, CATALOGUE, node("e"));
    expect(identity!.shown).toEqual(["kind", "size", "sign"]);
    expect(parameters!.shown).toEqual(["params.V_th", "params.R", "params.tau", "params.V_rest"]);
    expect(start).toMatchObject({ title: "Start values", shown: [], folded: ["params.V_init"] });
  });
  it("fold what is too much, never what is changed", () => {
    const [, parameters] = nodeSections(DOC, CATALOGUE, node("r"));
    expect(parameters!.shown[0]).toBe("params.p13");
    expect(parameters!.shown).toHaveLength(8);
    expect(parameters!.folded).toHaveLength(6);
  });
  it("follow the kinds of a projection", () => {
    const [rule, synapse] = edgeSections(DOC, CATALOGUE, edge("e1"));
    expect(rule!.shown).toEqual(["rule.kind", "rule.params.prob", "rule.params.allow_self"]);
    expect(synapse!.shown).toEqual(["weight", "delay", "synapse.params.tau", "output.params.E", "synapse.kind", "output.kind"]);
    expect(edgeSections(DOC, CATALOGUE, edge("rec"))).toEqual([]);
    expect(edgeSections(DOC, CATALOGUE, edge("drive"))[0]!.shown).toEqual(["weight"]);
  });
  it("find what several have in common, units included", () => {
    expect(commonPaths(DOC, CATALOGUE, ["e", "i"])).toContain("params.tau");
    expect(commonPaths(DOC, CATALOGUE, ["e", "p"])).toEqual(["kind", "size"]);
    expect(commonPaths(DOC, CATALOGUE, ["e1", "cuba"])).not.toContain("weight");
    expect(commonPaths(DOC, CATALOGUE, ["e", "e1"])).toEqual([]);
  });
});

describe("facts", () => {
  it("count synapses by rule", () => {
    const made = wiring(DOC, CATALOGUE, edge("e1"))!;
    expect(made).toEqual({ synapses: 51200, inputs: 64 });
    expect(inputsPerNeuron(made)).toBe("64 inputs per neuron");
    expect(edgeFact(DOC, CATALOGUE, edge("e1"))).toBe("Projection · excites · about 51\u2009200 synapses");
    expect(wiring(DOC, CATALOGUE, edge("mystery"))).toBeNull();
  });
  it("name nodes", () => {
    expect(nodeFact(DOC, CATALOGUE, node("i"))).toBe("Population · inhibitory · 800 neurons");
    expect(nodeFact(DOC, CATALOGUE, node("s"))).toBe("Probe · records E");
    expect(nodeFact(DOC, CATALOGUE, node("p"))).toBe("Input · 1 neuron");
  });
});

describe("previewOf", () => {
  it("reads membrane, synapse and weight", () => {
    const preview = previewOf(DOC, CATALOGUE, edge("e1"))!;
    expect(preview.weight).toBe("6 nS");
    expect(preview.threshold).toBe(5);
    expect(preview.potential.held).toBe(-55);
    expect(preview.potential.peak).toBeGreaterThan(0);
    expect(previewOf(DOC, CATALOGUE, edge("delta"))!.potential.peak).toBeCloseTo(0.5, 9);
    expect(previewOf(DOC, CATALOGUE, edge("cuba"))!.weight).toBe("20 pA");
  });
  it("is silent where it does not know", () => {
    for (const id of ["mystery", "rec", "drive"]) expect(previewOf(DOC, CATALOGUE, edge(id))).toBeNull();
  });
});
