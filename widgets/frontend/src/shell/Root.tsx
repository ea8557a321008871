// The frame: where the panes stand, what is open over them, and the keys.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Canvas, type CanvasApi } from "../canvas/Canvas";
import { CodePane } from "../code";
import { Inspector } from "../inspector";
import { LiveControls } from "../live";
import { pinned } from "../live/pinned";
import { Palette } from "../palette/Palette";
import { Plots } from "../plots";
import { Problems } from "../problems";
import { hasActivity, useActions, useEditor, useRead, type Panes } from "../store";
import { Building } from "./Building";
import { makeCommands, pressRun, togglePane, type Reach } from "./commands";
import { Empty } from "./Empty";
import { ONE, arrange, grid, type Arrangement } from "./layout";
import { Notices } from "./Notices";
import { Panels } from "./Panels";
import { ResizeEdge } from "./ResizeEdge";
import { Splitter } from "./Splitter";
import { StatusBar } from "./StatusBar";
import { TableView } from "./TableView";
import { TopBar } from "./TopBar";
import { useKeyboard } from "./useKeyboard";
import { ReachContext } from "./useReach";
import { useRoom } from "./useRoom";
import { ShellContext, type Panel, type PanelName, type Shell } from "./useShell";
import { mayMove } from "../theme/motion";
import "./shell.css";

export function Root(): React.ReactNode {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<CanvasApi>(null);
  const panes = useEditor((state) => state.panes);
  const hasSelection = useEditor((state) => state.selection.length > 0);
  const hasPins = useEditor((state) => pinned(state.document).length > 0);
  const isActive = useEditor(hasActivity);
  const isEmpty = useEditor((state) => state.document.nodes.length === 0 && state.connection === "live");
  const { room, isFull, fills, toggleFull } = useRoom(root, canvas);
  const plan = useMemo(() => arrange(room, panes, { hasSelection, hasPins, isActive }), [room, panes, hasSelection, hasPins, isActive]);
  const [panel, setPanel] = useState<Panel | null>(null);
  const [search, setSearch] = useState(0);
  const before = useRef<HTMLElement | null>(null);

  const close = useCallback((giveBack = true) => {
    setPanel(null);
    if (giveBack) (before.current?.isConnected ? before.current : root.current)?.focus({ preventScroll: true });
  }, []);
  const open = useCallback<Shell["open"]>((name, anchor) => {
    const frame = root.current!.getBoundingClientRect();
    const focused = document.activeElement;
    if (focused instanceof HTMLElement && root.current!.contains(focused) && !focused.closest("[data-panel]")) before.current = focused;
    setPanel((now) => (now?.name === name && anchor instanceof Element ? null : { name, ...placeOf(anchor, frame) }));
  }, []);
  const reach = useReachOf({ root, canvas, plan, open, onSearch: () => setSearch((n) => n + 1), toggleFull });
  const commands = useCallback(() => makeCommands(reach), [reach]);
  const onKeyDown = useKeyboard({ reach, commands, root, hasPanel: panel !== null, closePanel: close });
  const shell = useMemo<Shell>(
    () => ({ panel, plan, commands, isFull, open, close, canvas: () => canvas.current, toggleFull }),
    [panel, plan, commands, isFull, open, close, toggleFull],
  );
  const { actions } = reach;
  const revealed = useEditor((state) => state.reveal);
  useEffect(() => {
    if (revealed) canvas.current?.center(revealed.id);
  }, [revealed]);
  const { columns, rows, areas } = grid(plan);
  return (
    <ReachContext value={reach}>
      <ShellContext value={shell}>
        <div
          ref={root} className={`nl ${plan.mode} ${breadth(room.width)}${isFull ? " full" : ""}${mayMove() ? "" : " still"}`} role="region" aria-label="Neuroloom editor" tabIndex={-1}
          style={{ height: isFull ? "100%" : (fills ?? panes.height.root) }} onKeyDown={onKeyDown}
          onPointerDownCapture={(event) => {
            const target = event.target as Element;
            if (panel && !target.closest("[data-panel],[aria-expanded='true']")) close(false);
          }}
        >
          <TopBar />
          <div className="nl-body" style={{ gridTemplateColumns: columns, gridTemplateRows: rows, gridTemplateAreas: areas }}>
            {plan.left !== "none" && (
              <div className="nl-left" data-pane="palette">
                <Palette
                  rail={plan.left === "rail"} search={search} onAdd={(entry) => canvas.current?.add(entry)}
                  onExpand={() => (panes.palette ? open("add") : actions.setPanes({ palette: true }))}
                />
              </div>
            )}
            <div className="nl-mid" hidden={!plan.canvas}>
              <div className="stage">
                <Canvas
                  ref={canvas} onOpen={(id) => actions.reveal(id, null)}
                  onMenu={(x, y) => {
                    const area = root.current!.querySelector(".nl-canvas")!.getBoundingClientRect();
                    const frame = root.current!.getBoundingClientRect();
                    open("context", { x: x + area.left - frame.left, y: y + area.top - frame.top });
                  }}
                >
                  {isEmpty && <Empty onRun={() => whenReady(reach)} />}
                  <Building />
                  <Notices />
                </Canvas>
                {panes.table && <TableView />}
              </div>
              {plan.live === "under" && (
                <div className="nl-under" style={{ height: plan.height.live }}>
                  <PaneSplitter label="Height of the live controls" edge="top" size="live" />
                  <LiveControls />
                </div>
              )}
              {plan.problems === "sheet" && (
                <div className="nl-sheet" data-pane="problems">
                  <Problems />
                </div>
              )}
            </div>
            {plan.inspector !== "none" && (
              <div className={`nl-insp ${plan.inspector}`} data-pane="inspector">
                {plan.inspector === "column" && <PaneSplitter label="Width of the inspector" edge="left" size="inspector" />}
                <Inspector />
                {plan.live === "inspector" && <LiveControls />}
              </div>
            )}
            {plan.plots !== "none" && (
              <div className={`nl-plotsbox ${plan.plots}`} data-pane="plots">
                {plan.plots === "column" && <PaneSplitter label="Width of the plots" edge="left" size="plots" />}
                {plan.plots === "dock" && <PaneSplitter label="Height of the dock" edge="top" size="dock" />}
                <Plots />
              </div>
            )}
            {(plan.problems === "dock" || plan.problems === "alone") && (
              <div className={`nl-probs ${plan.problems}`} data-pane="problems">
                <Problems />
              </div>
            )}
            {plan.code !== "none" && (
              <div className={`nl-codebox ${plan.code}`} data-pane="code" style={plan.code === "drawer" ? { width: plan.width.code } : undefined}>
                <PaneSplitter label="Width of the code" edge="left" size="code" />
                <CodePane />
              </div>
            )}
          </div>
          <StatusBar />
          <Panels />
          {!isFull && fills === null && <ResizeEdge />}
        </div>
      </ShellContext>
    </ReachContext>
  );
}

/** Classes by width: words of the top bar go where there is no room for them. */
const breadth = (width: number): string => (width >= 1500 ? "w4" : width >= 1240 ? "w3" : width >= 1020 ? "w2" : width >= 900 || width < ONE ? "w1" : width >= 820 ? "w1 w0" : "w1 w0 least");

function placeOf(anchor: Element | { x: number; y: number } | null | undefined, frame: DOMRect): { x?: number; y?: number } {
  if (!anchor) return {};
  if (!(anchor instanceof Element)) return anchor;
  const { left, bottom } = anchor.getBoundingClientRect();
  return { x: left - frame.left, y: bottom - frame.top + 4 };
}

type Sized = keyof Panes["width"] | keyof Panes["height"];
const LIMITS: Record<Exclude<Sized, "root">, [number, number]> = {
  palette: [140, 280], inspector: [260, 460], plots: [360, 1100], code: [300, 900], dock: [200, 900], live: [80, 420],
};

function PaneSplitter({ label, edge, size }: { label: string; edge: "left" | "top"; size: Exclude<Sized, "root"> }): React.ReactNode {
  const { width, height } = useEditor((state) => state.panes);
  const { setPanes } = useActions();
  const [min, max] = LIMITS[size];
  const value = size in width ? width[size as keyof Panes["width"]] : height[size as keyof Panes["height"]];
  const set = (next: number): void => setPanes(size in width ? { width: { ...width, [size]: next } } : { height: { ...height, [size]: next } });
  return <Splitter label={label} edge={edge} value={value} min={min} max={max} onChange={set} />;
}

/** Run what was just opened, as soon as its drawing is here. */
function whenReady(reach: Reach, patience = 40): void {
  if (reach.read().document.nodes.length > 0) return pressRun(reach);
  if (patience > 0) setTimeout(() => whenReady(reach, patience - 1), 50);
}

interface ReachOptions {
  root: React.RefObject<HTMLDivElement | null>;
  canvas: React.RefObject<CanvasApi | null>;
  plan: Arrangement;
  open(name: PanelName): void;
  onSearch(): void;
  toggleFull(): void;
}

/** One object for the life of the view; it looks at what is newest. */
function useReachOf(options: ReachOptions): Reach {
  const actions = useActions();
  const read = useRead();
  const latest = useRef(options);
  useEffect(() => void (latest.current = options));
  return useMemo<Reach>(() => {
    const find = (selector: string): HTMLElement | null => latest.current.root.current?.querySelector<HTMLElement>(selector) ?? null;
    const reach: Reach = {
      read, actions,
      canvas: () => latest.current.canvas.current,
      mode: () => latest.current.plan.mode,
      open: (name) => latest.current.open(name),
      focusRoot: () => latest.current.root.current?.focus({ preventScroll: true }),
      focusRename: () => {
        if (latest.current.plan.mode === "one") togglePane(reach, "inspector", true);
        later(() => focusIn(find("[data-rename]")));
      },
      focusField: (field) => {
        if (read().selection.length > 0) actions.select([]);
        const path = field === "graph.name" ? "[data-rename]" : `[data-field="${CSS.escape(field)}"] :is(input,select)`;
        later(() => focusIn(find(path)));
      },
      search: () => (latest.current.plan.left === "palette" ? latest.current.onSearch() : latest.current.open("add")),
      nextPane: (by) => focusPane(latest.current.root.current, by),
      toggleFull: () => latest.current.toggleFull(),
    };
    return reach;
  }, [read, actions]);
}

/** After React has drawn what was asked for. */
const later = (act: () => void): void => void requestAnimationFrame(() => requestAnimationFrame(act));

function focusIn(element: HTMLElement | null): void {
  element?.focus({ preventScroll: true });
  if (element instanceof HTMLInputElement) element.select();
}

/** Go to the next pane that is shown, and to what is in use there. */
function focusPane(root: HTMLElement | null, by: 1 | -1): void {
  if (!root) return;
  const panes = [...root.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.offsetParent !== null && !pane.parentElement?.closest("[data-pane]"));
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  for (let step = 1; step <= panes.length; step++) {
    const pane = panes[(at + by * step + panes.length * 2) % panes.length]!;
    const inside = pane.querySelector<HTMLElement>(".react-flow__node[tabindex='0'], button:not(:disabled), input, select, [tabindex='0']");
    if (!inside) continue;
    return inside.focus({ preventScroll: true });
  }
}
