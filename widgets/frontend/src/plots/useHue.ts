import { useMemo } from "react";
import { useCatalogue, useDocument } from "../fields/link";
import { hueOf } from "./sources";

/** The colour token of a node, or of a projection: that of its source. */
export function useHue(id: string): string {
  const doc = useDocument();
  const catalogue = useCatalogue();
  return useMemo(() => hueOf(doc, catalogue, id), [doc, catalogue, id]);
}
