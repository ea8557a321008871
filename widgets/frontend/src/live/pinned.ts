// What is pinned in the drawing, in its own order.

import type { Doc } from "../protocol";

export interface Pinned {
  element: string;
  path: string;
}

export function pinned(doc: Doc): Pinned[] {
  return [...doc.edges, ...doc.nodes].flatMap(({ id, pins }) => (pins ?? []).map((path) => ({ element: id, path })));
}
