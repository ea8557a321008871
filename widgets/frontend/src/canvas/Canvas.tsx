// The drawing area: nodes and projections, what floats over them, and what others may ask of it.

import { Background, BackgroundVariant, ReactFlow, ViewportPortal, useReactFlow, useStore, type Connection, type Viewport } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useCallback, useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";
import { dragged, MIME } from "../palette/Palette";
import { entries, type Entry } from "../palette/entries";
import { useActions, useEditor, useRead } from "../store";
import { Banner } from "./Banner";
import { refusal } from "./connect";
import { bounds, type Box } from "./geometry";
import { Reason, Wire } from "./Joining";
import { tidy } from "./layout";
import { NodeCard, type CardNode } from "./NodeCard";
import { PillHost, Projection, type ProjectionEdge } from "./Projection";
import { Legend, Overview, Tools } from "./Tools";
import { useAim } from "./useAim";
import { useFlow } from "./useFlow";
import "./canvas.css";

const NODE_TYPES = { card: NodeCard };
const EDGE_TYPES = { projection: Projection };
const CARDS_FROM = 0.5; // zoom
const COMPACT_TO = 0.78; // below, words keep their size on screen and there are fewer of them
const NAMES_FROM = 0.25;
const DOT = 34; // px on screen
const GRID = 10;
const CARD = { w: 148, h: 52, soma: 36 }; // of a new node, and how far its soma stands out
const LOW = 360; // px of height: from here on the legend and the tools have a line of their own
/** Room for the shapes over the left edges, the legend and the tools; on a low canvas the tools stand at its left. */
const room = (width: number, height: number) => {
  if (height > LOW) return { left: "28px", right: "16px", top: "64px", bottom: "60px" } as const;
  return { left: width > 380 ? "216px" : "28px", right: "16px", top: "24px", bottom: "24px" } as const;
};

/** What keys, menus and the palette ask of the canvas. */
export interface CanvasApi {
  fit(): void;
  tidy(): void;
  add(entry: Entry): void;
  focus(id: string): void;
  center(id: string): void;
  connectFrom(id: string): void;
  aimKey(key: string): boolean;
  boxes(): Box[];
}

export interface CanvasProps {
  ref: Ref<CanvasApi>;
  onOpen(id: string): void;
  onMenu(x: number, y: number): void;
  children?: React.ReactNode;
}

export function Canvas({ ref, onOpen, onMenu, children }: CanvasProps): React.ReactNode {
  const area = useRef<HTMLDivElement>(null);
  const flow = useReactFlow<CardNode, ProjectionEdge>();
  const { perform, select } = useActions();
  const read = useRead();
  const catalogue = useEditor((state) => state.catalogue);
  const isLocked = useEditor((state) => state.readOnly);
  const selection = useEditor((state) => state.selection);
  const dot = useStore(({ transform: [, , zoom] }) => (zoom >= CARDS_FROM ? null : Math.round(DOT / (Math.round(zoom * 50) / 50 || 0.02))));
  const isFar = useStore(({ transform: [, , zoom] }) => zoom < NAMES_FROM);
  const isCompact = useStore(({ transform: [, , zoom] }) => zoom < COMPACT_TO && zoom >= CARDS_FROM);
  const [isJoining, setJoining] = useState(false);
  const [focus, setFocus] = useState<string | null>(null);
  const boxesNow = useRef<ReadonlyMap<string, Box>>(new Map());
  const aiming = useRef<ReturnType<typeof useAim>>(null);

  const [pills, setPills] = useState<Element | null>(null);
  useEffect(() => setPills(area.current!.querySelector(".react-flow__edgelabel-renderer")), []);
  const onAxon = useCallback((id: string) => aiming.current?.start(id), []);
  const onPick = useCallback(
    (id: string, event: React.MouseEvent | React.KeyboardEvent) => {
      const { selection: before } = read();
      const isMore = event.ctrlKey || event.metaKey || event.shiftKey;
      select(!isMore ? [id] : before.includes(id) ? before.filter((other) => other !== id) : [...before, id]);
    },
    [read, select],
  );
  const [aimed, setAimed] = useState<string | null>(null);
  const known = useEditor((state) => state.document.nodes);
  const reachable = known.some((node) => node.id === focus) ? focus : (known[0]?.id ?? null);
  const { scene, boxes, nodes, edges, onNodesChange, onEdgesChange, onDragStop } = useFlow({ dot, focus: reachable, aimed, onAxon, onPick, onOpen });
  const aim = useAim(boxes);
  aiming.current = aim;
  boxesNow.current = boxes;
  useEffect(() => setAimed(aim.aim?.target ?? null), [aim.aim]);
  useEffect(() => {
    const first = selection.find((id) => boxesNow.current.has(id));
    if (first) setFocus(first);
  }, [selection]);

  const fitted = useRef<Fitted>(null);
  const fitView = useCallback(
    async (duration: number): Promise<void> => {
      // a pane that is hidden has no size, and a view of nothing could never be left
      const { clientWidth, clientHeight } = area.current ?? { clientWidth: 0, clientHeight: 0 };
      if (clientWidth <= 120 || clientHeight <= 160) return;
      fitted.current = "under way";
      await flow.fitView({ padding: room(clientWidth, clientHeight), maxZoom: 1, duration });
      fitted.current = flow.getViewport();
    },
    [flow],
  );
  const fit = useCallback(() => void fitView(200), [fitView]);
  useFit(boxes, area, fitted, fitView);

  const addAt = useCallback(
    async (entry: Entry, place: { x: number; y: number } | null) => {
      const rect = area.current!.getBoundingClientRect();
      const middle = flow.screenToFlowPosition({ x: rect.left + rect.width / 2, y: rect.top + rect.height / 2 });
      const at = place ?? freePlace(middle, [...boxesNow.current.values()]);
      // whole cards only: what is dropped at the edge would be cut off
      const corner = flow.screenToFlowPosition({ x: rect.left, y: rect.top });
      const end = flow.screenToFlowPosition({ x: rect.right, y: rect.bottom });
      const x = within(at.x - CARD.w / 2, corner.x + CARD.soma, end.x - CARD.w - 20);
      const y = within(at.y - CARD.h / 2, corner.y + 20, end.y - CARD.h - 20);
      const position: [number, number] = [snap(x), snap(y)];
      const { created } = await perform([{ op: "add-node", kind: entry.kind, position, ...(entry.sign !== undefined && { sign: entry.sign }) }], { label: `Add ${entry.label}` });
      if (created.length === 0) return;
      select(created);
      requestAnimationFrame(() => focusNode(area.current, created[0]!));
    },
    [flow, perform, select],
  );

  useImperativeHandle(
    ref,
    () => ({
      fit,
      tidy: () => {
        const { document } = read();
        const positions = tidy(scene.nodes, document.edges);
        if (Object.keys(positions).length === 0) return;
        void perform([{ op: "move", positions }], { label: "Tidy" }).then(() => requestAnimationFrame(fit));
      },
      add: (entry) => void addAt(entry, null),
      focus: (id) => focusNode(area.current, id),
      center: (id) => {
        const box = boxesNow.current.get(id);
        const rect = area.current!.getBoundingClientRect();
        if (!box) return;
        const corner = flow.flowToScreenPosition({ x: box.x, y: box.y });
        const end = flow.flowToScreenPosition({ x: box.x + box.w, y: box.y + box.h });
        const isSeen = corner.x >= rect.left && corner.y >= rect.top && end.x <= rect.right && end.y <= rect.bottom;
        if (!isSeen) void flow.setCenter(box.x + box.w / 2, box.y + box.h / 2, { zoom: flow.getZoom(), duration: 200 });
      },
      connectFrom: (id) => aim.start(id),
      aimKey: (key) => aim.key(key),
      boxes: () => [...boxesNow.current.values()],
    }),
    [fit, read, scene, perform, addAt, flow, aim],
  );

  const isValid = useCallback(
    ({ source, target }: { source: string; target: string }) => {
      const { document, catalogue: kinds } = read();
      return refusal(document, kinds, source, target) === null;
    },
    [read],
  );
  const onConnect = useCallback(
    ({ source, target }: Connection) =>
      void perform([{ op: "connect", source, target }]).then(({ created }) => {
        if (created.length) select(created.slice(0, 1));
      }),
    [perform, select],
  );

  return (
    <main
      ref={area} className={`nl-canvas${isJoining ? " nl-joining" : ""}${isFar ? " nl-far" : ""}${isCompact ? " nl-compact" : ""}`} aria-label="Drawing" data-pane="canvas"
      onPointerDownCapture={(event) => {
        // from the press on, not from the first move: whole nodes become targets at once
        if (isLocked || event.button !== 0 || !(event.target as Element).closest(".nl-out")) return;
        setJoining(true);
        window.addEventListener("pointerup", () => setJoining(false), { once: true });
      }}
      onDragOver={(event) => {
        if (isLocked || !event.dataTransfer.types.includes(MIME)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDrop={(event) => {
        const entry = dragged(event.dataTransfer, entries(catalogue));
        if (!entry) return;
        event.preventDefault();
        event.stopPropagation();
        void addAt(entry, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        event.stopPropagation();
        const id = (event.target as Element).closest<HTMLElement>(".react-flow__node,[data-edge]");
        const key = id?.dataset["id"] ?? id?.dataset["edge"];
        if (key && !read().selection.includes(key)) select([key]);
        const rect = area.current!.getBoundingClientRect();
        onMenu(event.clientX - rect.left, event.clientY - rect.top);
      }}
    >
      <ZoomVariable area={area} />
      <PillHost value={pills}>
        <ReactFlow
          nodes={nodes} edges={edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES} onNodesChange={onNodesChange} onEdgesChange={onEdgesChange}
          onNodeDragStop={(_event, _node, moved) => onDragStop(moved)} onSelectionDragStop={(_event, moved) => onDragStop(moved)}
          onNodeClick={(_event, node) => aim.finish(node.id)} onNodeDoubleClick={(_event, node) => onOpen(node.id)}
          onEdgeDoubleClick={(_event, edge) => onOpen(edge.id)} onPaneClick={() => aim.cancel()}
          onConnect={onConnect} isValidConnection={isValid}
          connectionLineComponent={Wire} connectOnClick={false} connectionRadius={24}
          nodesFocusable={false} edgesFocusable={false} disableKeyboardA11y deleteKeyCode={null} panActivationKeyCode={null} zoomActivationKeyCode={null}
          elevateNodesOnSelect={false} elevateEdgesOnSelect={false} snapToGrid snapGrid={[GRID, GRID]} minZoom={0.1} maxZoom={2} zoomOnScroll={false} zoomOnDoubleClick={false}
          preventScrolling={false} onlyRenderVisibleElements={nodes.length > 200} proOptions={{ hideAttribution: false }}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.6} />
          <Overview scene={scene} boxes={boxes} />
          <Reason />
          {aim.aim && <AimLine boxes={boxes} source={aim.aim.source} target={aim.aim.target} />}
        </ReactFlow>
      </PillHost>
      {scene.nodes.length > 0 && <Legend scene={scene} />}
      {scene.nodes.length > 0 && <Tools onFit={fit} onTidy={() => tidyNow(scene, read, perform, fit)} />}
      {aim.aim && <AimHint source={aim.aim.source} target={aim.aim.target} />}
      <Banner />
      {children}
    </main>
  );
}

type Read = ReturnType<typeof useRead>;
type Perform = ReturnType<typeof useActions>["perform"];

function tidyNow(scene: { nodes: readonly { id: string; width: number; height: number }[] }, read: Read, perform: Perform, fit: () => void): void {
  const positions = tidy(scene.nodes, read().document.edges);
  if (Object.keys(positions).length) void perform([{ op: "move", positions }], { label: "Tidy" }).then(() => requestAnimationFrame(fit));
}

const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, Math.max(low, high)));
const snap = (value: number): number => Math.round(value / GRID) * GRID;

function focusNode(area: HTMLElement | null, id: string): void {
  area?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"],[data-edge="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}

/** Near a point where a new card covers no other: to the right, then a row further down. */
export function freePlace(middle: { x: number; y: number }, boxes: readonly Box[]): { x: number; y: number } {
  const isFree = (x: number, y: number): boolean => !boxes.some((box) => Math.abs(box.x + box.w / 2 - x) < 200 && Math.abs(box.y + box.h / 2 - y) < 90);
  for (let row = 0; row < 12; row++) {
    for (const column of [0, 1, -1]) {
      const [x, y] = [middle.x + column * 210, middle.y + (row % 2 ? -1 : 1) * Math.ceil(row / 2) * 110];
      if (isFree(x, y)) return { x, y };
    }
  }
  return { x: middle.x + 30, y: middle.y + 30 };
}

/** Text that keeps its size on screen needs the zoom in CSS, without rendering anything anew. */
function ZoomVariable({ area }: { area: React.RefObject<HTMLDivElement | null> }): null {
  const zoom = useStore((state) => state.transform[2]);
  useEffect(() => area.current?.style.setProperty("--z", String(zoom)), [area, zoom]);
  return null;
}

/** The view that showed all, as long as nobody moved it. */
type Fitted = Viewport | "under way" | null;

/** Show all of a drawing when it opens, and when a pane takes or gives the room it is seen in. */
function useFit(
  boxes: ReadonlyMap<string, Box>, area: React.RefObject<HTMLDivElement | null>, fitted: React.RefObject<Fitted>, fitView: (duration: number) => Promise<void>,
): void {
  const before = useRef<ReadonlySet<string>>(new Set());
  const latest = useRef(boxes);
  latest.current = boxes;
  const ready = useStore((state) => state.panZoom !== null && state.width > 0);
  const { getViewport } = useReactFlow();
  useEffect(() => {
    if (!ready) return;
    const ids = new Set(boxes.keys());
    const isOther = ids.size > 1 && ![...ids].some((id) => before.current.has(id));
    before.current = ids;
    if (isOther) requestAnimationFrame(() => void fitView(0));
  }, [boxes, ready, fitView]);
  useEffect(() => {
    const element = area.current!;
    let old = { width: element.clientWidth, height: element.clientHeight };
    const isWhole = ({ width, height }: typeof old): boolean => {
      const around = bounds(latest.current.values());
      const { x, y, zoom } = getViewport();
      if (!around) return true;
      return around.x * zoom + x >= -8 && around.y * zoom + y >= -8 && (around.x + around.w) * zoom + x <= width + 8 && (around.y + around.h) * zoom + y <= height + 8;
    };
    const observer = new ResizeObserver(() => {
      const now = { width: element.clientWidth, height: element.clientHeight };
      if (now.width === 0 || now.height === 0) return;
      const wasWhole = isWhole(old);
      old = now;
      const { x, y, zoom } = getViewport();
      const last = fitted.current;
      const isUntouched = last === "under way" || (last?.x === x && last.y === y && last.zoom === zoom);
      if (isUntouched || (wasWhole && !isWhole(now))) requestAnimationFrame(() => void fitView(200));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [area, fitted, fitView, getViewport]);
}

function AimLine({ boxes, source, target }: { boxes: ReadonlyMap<string, Box>; source: string; target: string | null }): React.ReactNode {
  const [a, b] = [boxes.get(source), target ? boxes.get(target) : undefined];
  if (!a || !b) return null;
  const [x1, y1, x2, y2] = [a.card ? a.x + a.w + 5 : a.soma.x + a.soma.r, a.soma.y, b.soma.x - b.soma.r, b.soma.y];
  const c = Math.max(34, Math.hypot(x2 - x1, y2 - y1) * 0.42);
  return (
    <ViewportPortal>
      <svg className="nl-wire" style={{ position: "absolute", left: 0, top: 0, overflow: "visible", pointerEvents: "none" }} width="1" height="1" aria-hidden="true">
        <path d={`M${x1} ${y1}C${x1 + c} ${y1} ${x2 - c} ${y2} ${x2} ${y2}`} stroke="var(--nl-accent)" strokeWidth="2.4" strokeDasharray="6 5" />
      </svg>
    </ViewportPortal>
  );
}

function AimHint({ source, target }: { source: string; target: string | null }): React.ReactNode {
  const doc = useEditor((state) => state.document);
  const name = (id: string | null): string => doc.nodes.find((node) => node.id === id)?.label ?? "nothing";
  return (
    <div className="nl-hint" role="status" aria-live="polite">
      {`Connect ${name(source)} to ${name(target)}: arrows choose, Enter connects, Esc leaves`}
    </div>
  );
}
