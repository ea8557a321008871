import { expect, it } from "vitest";
import { owner } from "./map";

it("finds the tightest element of a line", () => {
  const map = { n1: [3, 9] as [number, number], e1: [5, 6] as [number, number] };
  expect([2, 3, 5, 6, 7, 10].map((line) => owner(map, line))).toEqual([null, "n1", "e1", "e1", "n1", null]);
});
