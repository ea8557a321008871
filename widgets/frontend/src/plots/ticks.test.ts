import { describe, expect, it } from "vitest";
import { escapeText } from "./escape";
import { grownEnd, grownRange, stepOf, ticks } from "./ticks";

describe("ticks", () => {
  it("are round, inside and few", () => {
    expect(ticks(1.604, 2.604, 5).map((t) => t.text)).toEqual(["1.8", "2.0", "2.2", "2.4", "2.6"]);
    expect(ticks(-65, -45, 2).map((t) => t.text)).toEqual(["\u221260", "\u221250"]);
    expect(ticks(3, 3, 5)).toEqual([]);
    for (const span of [1e-4, 0.03, 7, 12345]) {
      for (const most of [2, 3, 5, 8]) {
        expect(span / stepOf(span, most)).toBeLessThanOrEqual(most + 1e-9);
        expect(ticks(0, span, most).length).toBeLessThanOrEqual(most + 1);
      }
    }
  });
});

describe("axes", () => {
  it("grow and never shrink", () => {
    expect(grownEnd(57, 10)).toBe(60);
    expect(grownEnd(5, 60)).toBe(60);
    expect(grownEnd(NaN, 60)).toBe(60);
    expect(grownRange(-61, -49, [-70, -40])).toEqual([-70, -40]);
    const [low, high] = grownRange(-93, -49, [-70, -40]);
    expect(low).toBeLessThanOrEqual(-93);
    expect(high).toBeGreaterThanOrEqual(-40);
  });
});

describe("escapeText", () => {
  it.each(["<a href='https://evil'>E</a>", "$\\href{javascript:alert(1)}{x}$", '<b style="background:url(x)">', "a & b"])(
    "leaves no mark-up in %s",
    (text) => {
      expect(escapeText(text)).not.toMatch(/[<>"'$]|&(?!amp;|lt;|gt;|quot;|#\d+;)/);
    },
  );
  it("keeps plain names", () => expect(escapeText("L2/3 E → I")).toBe("L2/3 E → I"));
});
