import { describe, expect, it } from "vitest";
import type { ArrayHeader } from "./protocol";
import { decodeArrays } from "./bridge";

const HEADERS: ArrayHeader[] = [["a", "uint8"], [["x", "y"], "float32"], ["none", "uint32"], ["b", "uint16"]];
const SIZES = [1, 4, 0, 2];

/** The bytes of a frame, `before` bytes after the start of their buffer. */
function bytes(before: number): DataView {
  const view = new DataView(new ArrayBuffer(before + 1 + 16 + 4), before);
  view.setUint8(0, 7);
  [1.5, 2.5, 3.5, 4.5].forEach((value, i) => view.setFloat32(1 + 4 * i, value, true));
  [300, 400].forEach((value, i) => view.setUint16(17 + 2 * i, value, true));
  return view;
}

describe("arrays of a frame", () => {
  it.each([0, 3, 5])("are read where they are, %i bytes into a buffer", (before) => {
    const found = decodeArrays(HEADERS, SIZES, bytes(before));
    expect([...found].map(([name, samples]) => [name, [...samples]])).toEqual([
      ["a", [7]], ["x", [1.5, 2.5]], ["y", [3.5, 4.5]], ["none", []], ["b", [300, 400]],
    ]);
  });
  it("end where a type is unknown or bytes are missing", () => {
    const long = [1, 8, 0, 2];
    expect([...decodeArrays(HEADERS, long, bytes(0)).keys()]).toEqual(["a"]);
    const strange: ArrayHeader[] = [["a", "uint8"], ["x", "float16"], ["none", "uint32"], ["b", "uint16"]];
    expect([...decodeArrays(strange, SIZES, bytes(0)).keys()]).toEqual(["a"]);
  });
  it("are none without a description of each", () => {
    expect(decodeArrays([], SIZES, bytes(0)).size).toBe(0);
    expect(decodeArrays(HEADERS, SIZES, undefined).size).toBe(0);
  });
});
