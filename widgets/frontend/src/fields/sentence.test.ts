import { expect, it } from "vitest";
import { headline } from "./sentence";

it.each([
  ["Shorter than one step. Use 0.1 ms or more.", "Shorter than one step.", "Use 0.1 ms or more."],
  ["p = 0.0004 makes 1 024 synapses.", "p = 0.0004 makes 1 024 synapses.", ""],
  ["nearly empty: p = 0.0004. Did you mean 0.04?", "nearly empty: p = 0.0004.", "Did you mean 0.04?"],
])("splits %s", (text, head, rest) => expect(headline(text)).toEqual([head, rest]));
