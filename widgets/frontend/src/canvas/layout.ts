// Tidy: layers from left to right, on the grid. Only when asked.

import { Graph, layout } from "@dagrejs/dagre";

export interface Sized {
  id: string;
  width: number;
  height: number;
}

const SOMA_ROOM = 40; // what hangs out of the card on the left

/** New places of the nodes; recurrent edges are broken where they least matter. */
export function tidy(nodes: readonly Sized[], edges: readonly { source: string; target: string }[], snap = 10): Record<string, [number, number]> {
  const graph = new Graph().setGraph({ rankdir: "LR", ranksep: 90, nodesep: 64, marginx: 40, marginy: 40 }).setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width: width + SOMA_ROOM, height });
  for (const { source, target } of edges) if (source !== target) graph.setEdge(source, target);
  layout(graph);
  const places: Record<string, [number, number]> = {};
  for (const { id, width, height } of nodes) {
    const { x, y } = graph.node(id) as { x: number; y: number };
    const at = (value: number): number => Math.round(value / snap) * snap;
    places[id] = [at(x - (width - SOMA_ROOM) / 2), at(y - height / 2)];
  }
  return places;
}
