import { describe, expect, it } from "vitest";
import type { Catalogue, Doc, Param } from "../protocol";
import { fieldSpec, typedValue } from "./spec";

const param = (over: Partial<Param> & { name: string }): Param =>
  ({
    label: "", symbol: "", unit: "", default: 0, low: null, high: null, minimum: null, maximum: null, choices: [],
    integer: false, log: false, structural: false, group: "", help: "", distribution: false, ...over,
  }) as Param;
const kind = (key: string, params: Param[] = [], over: object = {}) => ({ key, label: key, help: "", source: "", params, ...over });

const CATALOGUE = {
  nodes: [
    kind("LIFRef", [
      param({ name: "V_th", label: "Threshold", symbol: "V_th", unit: "mV", default: "-50 mV", low: -60, high: -40 }),
      param({ name: "spk_reset", label: "Reset", default: "hard", choices: ["hard", "soft"] }),
    ], { group: "Populations", shape: "population" }),
    kind("IF", [], { group: "Populations", shape: "population" }),
    kind("StateProbe", [param({ name: "neurons", default: [0] }), param({ name: "times", unit: "ms", default: ["1 ms"] })], { group: "Probes", shape: "probe" }),
  ],
  rules: [kind("FixedProb", [param({ name: "prob", label: "Probability", symbol: "p", default: 0.1 }), param({ name: "allow_self", default: true })])],
  synapses: [kind("Expon", [param({ name: "tau", unit: "ms", default: "5 ms" })]), kind("Delta", [], { weight: param({ name: "weight", unit: "mV", label: "Jump" }) })],
  outputs: [kind("COBA", [], { weight: param({ name: "weight", unit: "nS", label: "Weight", symbol: "g" }) })],
  edges: [kind("Projection", [param({ name: "delay", label: "Delay", unit: "ms", default: "0.1 ms" })])],
} as unknown as Catalogue;

const DOC = {
  name: "Two", dt: "0.1 ms", seed: 42, precision: 32,
  nodes: [
    { id: "n1", kind: "LIFRef", label: "E", size: 3200, sign: 1, params: { V_th: "-0.05 V" }, position: [0, 0] },
    { id: "n2", kind: "Gone", label: "X", params: { a: "7" }, position: [0, 0] },
    { id: "n3", kind: "StateProbe", label: "V", position: [0, 0] },
  ],
  edges: [
    { id: "e1", source: "n1", target: "n1", kind: "Projection", weight: "6 nS", rule: { kind: "FixedProb", params: { prob: 0.02 } }, synapse: { kind: "Expon" }, output: { kind: "COBA" } },
    { id: "e2", source: "n1", target: "n1", kind: "Projection", weight: "1 mV", synapse: { kind: "Delta" } },
  ],
} as unknown as Doc;

const spec = (element: string | null, path: string) => fieldSpec(DOC, CATALOGUE, element, path)!;

describe("fieldSpec", () => {
  it("finds declarations and values of nodes", () => {
    expect(spec("n1", "params.V_th")).toMatchObject({ name: "Threshold V_th", unit: "mV", value: "-0.05 V", isChanged: false, type: "number" });
    expect(spec("n1", "params.spk_reset")).toMatchObject({ type: "choice", value: "hard", choices: [{ label: "Hard" }, { label: "Soft" }] });
    expect(spec("n1", "size")).toMatchObject({ name: "Size N", value: 3200, integer: true });
    expect(spec("n1", "sign").choices.map((c) => c.value)).toEqual([1, -1, 0]);
    expect(spec("n1", "kind").choices.map((c) => c.value)).toEqual(["LIFRef", "IF"]);
    expect(spec("n3", "params.neurons")).toMatchObject({ type: "list", value: [0] });
  });
  it("finds declarations and values of projections", () => {
    expect(spec("e1", "rule.params.prob")).toMatchObject({ name: "Probability p", value: 0.02, isChanged: true });
    expect(spec("e1", "rule.params.allow_self")).toMatchObject({ type: "boolean", name: "Allow self", value: true });
    expect(spec("e1", "synapse.kind").choices).toHaveLength(2);
    expect(spec("e1", "weight")).toMatchObject({ unit: "nS", name: "Weight g" });
    expect(spec("e2", "weight")).toMatchObject({ unit: "mV", name: "Jump" });
    expect(spec("e1", "delay")).toMatchObject({ value: "0.1 ms", isChanged: false });
  });
  it("finds settings of the document", () => {
    expect(spec(null, "graph.dt")).toMatchObject({ name: "Time step dt", value: "0.1 ms" });
    expect(spec(null, "graph.seed")).toMatchObject({ value: 42, integer: true });
    expect(fieldSpec(DOC, CATALOGUE, null, "graph.x")).toBeNull();
  });
  it("keeps what it does not know", () => {
    expect(spec("n2", "params.a")).toMatchObject({ value: "7", name: "A" });
    expect(spec("n2", "kind").choices[0]!.value).toBe("Gone");
    expect(fieldSpec(DOC, CATALOGUE, "n9", "label")).toBeNull();
    expect(fieldSpec(DOC, CATALOGUE, "n1", "params.none")).toBeNull();
    expect(fieldSpec(DOC, CATALOGUE, "e2", "output.params.E")).toBeNull();
  });
});

describe("typedValue", () => {
  it.each([
    ["n1", "params.V_th", "-55 ± 5 mV", "-55 ± 5 mV"],
    ["n1", "params.V_th", "-55", "-55"],
    ["n1", "size", "3 200", 3200],
    ["n1", "size", "2*10", "2*10"],
    ["e1", "rule.params.prob", ".05", 0.05],
    ["n3", "params.neurons", "0, 17,3", [0, 17, 3]],
    ["n3", "params.neurons", "0 17", [0, 17]],
    ["n3", "params.times", "10 ms, 2", ["10 ms", "2"]],
    ["n3", "params.neurons", "0, x", ["0", "x"]],
  ])("%s %s: %s", (element, path, text, value) => {
    expect(typedValue(spec(element, path), text)).toEqual(value);
  });
});
