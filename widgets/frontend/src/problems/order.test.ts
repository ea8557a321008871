import { expect, it } from "vitest";
import type { Problem } from "../protocol";
import { sorted } from "./order";

const problem = (code: string, severity: Problem["severity"]): Problem =>
  ({ code, severity, element: null, field: null, text: "", fixes: [] }) as Problem;

it("puts errors first and keeps the order among equals", () => {
  const list = [problem("a", "note"), problem("b", "error"), problem("c", "warning"), problem("d", "error")];
  expect(sorted(list).map((p) => p.code)).toEqual(["b", "d", "c", "a"]);
});
