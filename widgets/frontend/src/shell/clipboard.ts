// Nodes that were copied, for all editors of the page: the system's clipboard stays the notebook's.

import { excerpt } from "../canvas/connect";
import type { Doc, DocEdge, DocNode, Op } from "../protocol";

let copied: Pick<Doc, "nodes" | "edges"> | null = null;
let times = 0;

const SHIFT = 40; // px, so that a copy does not hide what it copies

export const hasCopy = (): boolean => copied !== null;

export function copy(doc: Doc, ids: readonly string[]): boolean {
  const part = excerpt(doc, ids);
  if (part.nodes.length === 0) return false;
  copied = part;
  times = 0;
  return true;
}

/** The edit that puts down what was copied, a little further at each time. */
export function pasteOp(): Op | null {
  if (!copied) return null;
  const by = SHIFT * ++times;
  const nodes = copied.nodes.map((node): DocNode => ({ ...node, position: [node.position[0] + by, node.position[1] + by] }));
  return { op: "paste", nodes, edges: copied.edges.map((edge): DocEdge => ({ ...edge })) };
}
