import { describe, expect, it } from "vitest";
import { asText, convert, count, join, parseQuantity, plainText, pretty, prettyUnit, shown, toNumber, trim } from "./quantity";

describe("parseQuantity", () => {
  it.each([
    ["67 nS", 67, "nS"],
    ["-50 mV", -50, "mV"],
    ["\u221250mV", -50, "mV"],
    ["0.02", 0.02, ""],
    ["1e-3 s", 1e-3, "s"],
    [".5", 0.5, ""],
    ["3 200", 3200, ""],
    ["3\u2009200", 3200, ""],
    ["1 000 000", 1e6, ""],
    ["2 %", 0.02, ""],
    ["1 mV/ms", 1, "mV/ms"],
  ])("reads %s", (text, value, unit) => {
    expect(parseQuantity(text)).toEqual({ value, unit });
  });
  it.each(["", "mV", "2*10 ms", "-55 ± 5 mV", "normal(1 mV, 2 mV)", "1e999", "1 + 2"])(
    "leaves %s to the kernel",
    (text) => expect(parseQuantity(text)).toBeNull(),
  );
});

describe("convert", () => {
  it.each([
    ["0.02 s", "ms", 20],
    ["67 pS", "nS", 0.067],
    ["100 MOhm", "Ohm", 1e8],
    ["100 Mohm", "MOhm", 100],
    ["0.1 kHz", "Hz", 100],
    ["5 ms", "ms", 5],
    ["3 um", "µm", 3],
  ])("%s in %s", (text, unit, value) => {
    expect(convert(parseQuantity(text)!, unit)).toBeCloseTo(value, 12);
  });
  it("knows that a current is no conductance", () => {
    expect(convert({ value: 67, unit: "pA" }, "nS")).toBeNull();
    expect(convert({ value: 67, unit: "pizza" }, "nS")).toBeNull();
    expect(toNumber("67 pA", "nS")).toBeNull();
  });
});

describe("texts", () => {
  it.each([
    [20, "20"],
    [0.1 + 0.2, "0.3"],
    [-50, "-50"],
    [1200000, "1200000"],
    [1234567.8, "1234570"],
    [1.5e-9, "1.5e-9"],
    [0.000012, "0.000012"],
    [100, "100"],
    [0, "0"],
    [-0.0004, "-0.0004"],
  ])("trims %f", (value, text) => expect(trim(value)).toBe(text));
  it("is pretty", () => {
    expect(pretty("-50")).toBe("\u221250");
    expect(pretty("3200")).toBe("3\u2009200");
    expect(pretty("0.00012")).toBe("0.00012");
    expect(count(51200.4)).toBe("51\u2009200");
    expect(plainText(pretty("-51200 mV"))).toBe("-51 200 mV");
  });
  it("prints units", () => {
    expect(["Mohm", "MOhm", "uS", "mV"].map(prettyUnit)).toEqual(["MΩ", "MΩ", "µS", "mV"]);
  });
  it("joins numbers and units", () => {
    expect(join(-60, "mV")).toBe("-60 mV");
    expect(join(0.02, "")).toBe("0.02");
  });
  it("shows distributions", () => {
    const normal = { dist: "Normal", mean: "-55 mV", std: "5 mV" };
    expect(shown(normal, "mV")).toEqual({ number: "-55 ± 5", unit: "mV" });
    expect(asText(normal, "mV")).toBe("-55 ± 5 mV");
    expect(asText({ dist: "Uniform", low: "1 ms", high: "2 ms" }, "ms")).toBe("uniform(1 ms, 2 ms)");
    expect(shown({ dist: "Uniform", low: "1 ms", high: "2 ms" }, "ms").number).toBe("1 to 2");
  });
  it("shows values of the document in the unit of the parameter", () => {
    expect(asText("0.02 s", "ms")).toBe("20 ms");
    expect(asText(0.02, "")).toBe("0.02");
    expect(asText("67 pA", "nS")).toBe("67 pA");
    expect(asText([0, 17], "")).toBe("0, 17");
    expect(asText(undefined, "")).toBe("");
  });
});
