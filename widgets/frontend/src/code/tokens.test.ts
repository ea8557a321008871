import { describe, expect, it } from "vitest";
import { tokenize } from "./tokens";

const kinds = (line: string) =>
  tokenize(line)[0]!.filter((t) => t.kind !== "plain").map((t) => `${t.kind}:${t.text}`);

describe("tokenize", () => {
  it.each([
    ["from engine import nn", ["keyword:from", "keyword:import"]],
    ["tau = 20. * ms  # slow", ["number:20.", "comment:# slow"]],
    ["E = nn.LIFRef(3_200, V_th=-50 * mV)", ["call:LIFRef", "number:3_200", "number:50"]],
    ["x = 'a # b' + f\"{y}\"", ["string:'a # b'", 'string:f"{y}"']],
  ])("%s", (line, expected) => expect(kinds(line)).toEqual(expected));
  it("does not see words and numbers inside names", () => {
    expect(kinds("information = n1 + forty2")).toEqual([]);
    expect(kinds("μ_for = é1")).toEqual([]);
  });
  it("keeps texts over several lines", () => {
    const lines = tokenize('"""Model.\n\nfor x in y\n"""\nfor x in y: ...');
    expect(lines.slice(0, 4).flat().every((t) => t.kind === "string")).toBe(true);
    expect(lines[4]![0]).toEqual({ kind: "keyword", text: "for" });
  });
  it.each(["'open", '"""', "\\", "𝜏 = 1", "a\tb", "🧠", "x = '\\'", "\u2028", "1e", "0x"])(
    "loses no character of %j",
    (source) => {
      const text = tokenize(source).map((line) => line.map((t) => t.text).join("")).join("\n");
      expect(text).toBe(source);
    },
  );
});
