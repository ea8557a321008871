// The drawing as React Flow takes it: nodes, routed edges, and what the hand does to them.

import type { EdgeChange, NodeChange, XYPosition } from "@xyflow/react";
import { Position } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import { hasActivity, isRunning, useActions, useEditor, useRead } from "../store";
import { route, type Box, type Route } from "./geometry";
import type { CardNode } from "./NodeCard";
import type { EdgeData, ProjectionEdge } from "./Projection";
import { SOMA_Y, boxOf, buildScene, linkOf, type EdgeView, type NodeView, type Scene } from "./scene";
import { mayMove } from "../theme/motion";

const MAX_PULSING = 30;

export interface Flow {
  scene: Scene;
  boxes: ReadonlyMap<string, Box>;
  nodes: CardNode[];
  edges: ProjectionEdge[];
  onNodesChange(changes: NodeChange<CardNode>[]): void;
  onEdgesChange(changes: EdgeChange<ProjectionEdge>[]): void;
  onDragStop(moved: readonly { id: string; position: XYPosition }[]): void;
}

export interface FlowOptions {
  dot: number | null; // diameter of somas while cards are too small to read
  focus: string | null; // the one node that Tab reaches
  aimed: string | null; // the node a projection is about to reach
  onAxon(id: string): void;
  onPick: EdgeData["onPick"];
  onOpen(id: string): void;
}

export function useFlow({ dot, focus, aimed, onAxon, onPick, onOpen }: FlowOptions): Flow {
  const doc = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const problems = useEditor((state) => state.problems);
  const selection = useEditor((state) => state.selection);
  const isLive = useEditor(hasActivity);
  const isRun = useEditor(isRunning);
  const isLocked = useEditor((state) => state.readOnly);
  const { perform, select } = useActions();
  const read = useRead();
  const [held, setHeld] = useState<ReadonlyMap<string, XYPosition>>(new Map());

  const scene = useKept(useMemo(() => buildScene(doc, catalogue, problems, isLive), [doc, catalogue, problems, isLive]));
  const places = useMemo(() => {
    const map = new Map<string, XYPosition>();
    for (const { id, position } of doc.nodes) map.set(id, held.get(id) ?? { x: position?.[0] ?? 0, y: position?.[1] ?? 0 });
    return map;
  }, [doc.nodes, held]);
  const boxes = useMemo(
    () => new Map(scene.nodes.map((node) => [node.id, boxOf(node, [places.get(node.id)!.x, places.get(node.id)!.y], dot)])),
    [scene, places, dot],
  );
  const routes = useMemo(() => route(boxes, scene.edges.map(linkOf)), [boxes, scene]);
  const chosen = useMemo(() => new Set(selection), [selection]);

  const keptNodes = useRef(new Map<string, CardNode>());
  const nodes = useMemo(
    () => reuse(keptNodes, scene.nodes.map((view) => cardNode(view, places.get(view.id)!, dot, onAxon, {
      selected: chosen.has(view.id), isFocus: view.id === focus, isAimed: view.id === aimed, isLocked,
    }))),
    [scene, places, dot, chosen, focus, aimed, isLocked, onAxon],
  );
  const pulses = isRun && dot === null && scene.edges.length < MAX_PULSING && mayMove();
  const keptEdges = useRef(new Map<string, ProjectionEdge>());
  const edges = useMemo(
    () => reuse(keptEdges, scene.edges.map((view) => projectionEdge(view, routes.get(view.id), chosen.has(view.id), {
      small: dot !== null, pulses, onPick, onOpen,
    }))),
    [scene, routes, chosen, dot, pulses, onPick, onOpen],
  );

  const takeSelection = useCallback(
    (changes: readonly { id: string; selected: boolean }[]) => {
      if (changes.length === 0) return;
      const next = new Set(read().selection);
      for (const { id, selected } of changes) {
        if (selected) next.add(id);
        else next.delete(id);
      }
      select([...next]);
    },
    [read, select],
  );
  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      const moved = changes.flatMap((change) => (change.type === "position" && change.position && change.dragging ? [change] : []));
      if (moved.length) setHeld((before) => new Map([...before, ...moved.map(({ id, position }) => [id, position!] as const)]));
      takeSelection(changes.flatMap((change) => (change.type === "select" ? [change] : [])));
    },
    [takeSelection],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<ProjectionEdge>[]) => takeSelection(changes.flatMap((change) => (change.type === "select" ? [change] : []))),
    [takeSelection],
  );
  const onDragStop = useCallback(
    (moved: readonly { id: string; position: XYPosition }[]) => {
      const before = new Map(read().document.nodes.map((node) => [node.id, node.position]));
      const positions: Record<string, [number, number]> = {};
      for (const { id, position } of moved) {
        const old = before.get(id);
        if (old && (old[0] !== position.x || old[1] !== position.y)) positions[id] = [position.x, position.y];
      }
      if (Object.keys(positions).length) void perform([{ op: "move", positions }]);
      setHeld(new Map());
    },
    [read, perform],
  );
  return { scene, boxes, nodes, edges, onNodesChange, onEdgesChange, onDragStop };
}

interface NodeState {
  selected: boolean;
  isFocus: boolean;
  isAimed: boolean;
  isLocked: boolean;
}

function cardNode(view: NodeView, position: XYPosition, dot: number | null, onAxon: (id: string) => void, state: NodeState): CardNode {
  const { width, height, diameter } = view;
  return {
    id: view.id, type: "card", position, width, height, measured: { width, height }, data: { view, dot, onAxon },
    selected: state.selected, draggable: !state.isLocked, connectable: !state.isLocked, ariaRole: "group", ariaLabel: view.aria,
    className: state.isAimed ? "aimed" : "",
    domAttributes: { tabIndex: state.isFocus ? 0 : -1 },
    // told, not measured: edges are drawn at once and never jump
    handles: [
      { id: "in", type: "target", position: Position.Left, x: -diameter / 2, y: SOMA_Y - diameter / 2, width: diameter, height: diameter },
      { id: "out", type: "source", position: Position.Right, x: width - 4, y: SOMA_Y - 5, width: 9, height: 9 },
    ],
  };
}

function projectionEdge(
  view: EdgeView, path: Route | undefined, selected: boolean, rest: Pick<EdgeData, "small" | "pulses" | "onPick" | "onOpen">,
): ProjectionEdge {
  return {
    id: view.id, type: "projection", source: view.source, target: view.target, sourceHandle: "out", targetHandle: "in", selected,
    data: { view, route: path, ...rest }, zIndex: 0, // under the pills, chosen or not
    focusable: false,
    // the pill is what assistive technology and keys meet
    ariaRole: "presentation", domAttributes: { "aria-hidden": true },
  };
}

/** Keep the objects of the picture before where they say the same, so that React can skip them. */
function reuse<T extends { id: string }>(kept: { current: Map<string, T> }, list: T[]): T[] {
  const next = new Map<string, T>();
  const result = list.map((item) => {
    const before = kept.current.get(item.id);
    const same = before && isAlike(before, item) ? before : item;
    next.set(item.id, same);
    return same;
  });
  kept.current = next;
  return result;
}

function useKept(scene: Scene): Scene {
  const nodes = useRef(new Map<string, NodeView>());
  const edges = useRef(new Map<string, EdgeView>());
  return useMemo(() => ({ nodes: reuse(nodes, scene.nodes), edges: reuse(edges, scene.edges) }), [scene]);
}

/** Equal in what they hold; functions by identity. */
export function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [ka, kb] = [Object.keys(a), Object.keys(b)];
  if (ka.length !== kb.length) return false;
  return ka.every((key) => isAlike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
