// Input, spikes, rates and traces over one time axis, live.

import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useAsset, useCatalogue, useDocument, useFrames, useIsAtStart, useLastApplied, useView } from "../fields/link";
import { count } from "../fields/quantity";
import { Labels } from "./Labels";
import { DownloadMenu, PanelMenu, RowMenu } from "./menus";
import { loadPlotly } from "./plotly";
import { wished } from "./renderer";
import type { Scene } from "./scene";
import { sourcesOf } from "./sources";
import { Stage } from "./stage";
import "./plots.css";

const WINDOW = 1; // s
const SPOKEN = 1000; // ms between summaries

export function Plots(): React.ReactNode {
  const [wish] = useState(wished); // as it was when the plots opened
  const doc = useDocument();
  const catalogue = useCatalogue();
  const { t: appliedAt, text: appliedText } = useLastApplied() ?? {};
  const isAtStart = useIsAtStart();
  const fetchAsset = useAsset();
  const setView = useView();
  const root = useRef<HTMLElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const axes = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [stage, setStage] = useState<Stage | null>(null);
  const [scene, setScene] = useState<Scene | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [rows, setRows] = useState<number | null>(null);
  const [hasRun, setRun] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const sources = useMemo(() => sourcesOf(doc, catalogue), [doc, catalogue]);

  useEffect(() => {
    const made = new Stage(
      { root: root.current!, axes: axes.current!, canvas: canvas.current! }, setScene, wish,
    );
    setStage(made);
    const stop = watch(area.current!, made);
    return () => {
      stop();
      made.destroy();
    };
  }, [wish]);
  useEffect(() => {
    if (!stage) return;
    let isGone = false;
    loadPlotly(() => fetchAsset("plotly")).then(
      (plotly) => !isGone && stage.use(plotly),
      (error: unknown) => !isGone && setFailure(error instanceof Error ? error.message : String(error)),
    );
    return () => void (isGone = true);
  }, [stage, fetchAsset]);
  useEffect(() => {
    const sourceOf = new Map(doc.edges.map((edge) => [edge.target, edge.source]));
    stage?.setSources(sources, (probe) => sourceOf.get(probe));
  }, [stage, sources, doc]);
  useEffect(() => stage?.setHidden(hidden), [stage, hidden]);
  useEffect(() => {
    if (isAtStart) stage?.reset();
  }, [stage, isAtStart]);
  useEffect(() => setView(rows, WINDOW), [setView, rows]);
  useEffect(() => {
    // the same news comes again with every state of the run
    if (appliedAt !== undefined) stage?.mark({ at: appliedAt, text: appliedText ?? "" });
  }, [stage, appliedAt, appliedText]);
  useFrames((frame, arrays) => {
    stage?.take(frame, arrays);
    if (!hasRun) setRun(true);
  });

  const hide = (key: string): void => setHidden(new Set([...hidden, key]));
  const show = (key: string): void => setHidden(new Set([...hidden].filter((other) => other !== key)));
  return (
    <section ref={root} className="nl-panel nl-plots" aria-label="Plots" data-updates="0">
      <div className="nl-phead">
        Activity
        <span className="quiet">{`last ${WINDOW} s`}</span>
        <span className="sp" />
        <RowMenu stage={stage} scene={scene} rows={rows} onRows={setRows} />
        <PanelMenu scene={scene} hidden={hidden} onShow={show} onHide={hide} />
        <DownloadMenu stage={stage} name={doc.name} disabled={!hasRun} />
      </div>
      <div
        ref={area} className="stage" role="group" aria-label="Activity over time" tabIndex={0}
        onPointerMove={(event) => stage?.point(inside(event, scene))}
        onPointerLeave={() => stage?.point(null)}
        onKeyDown={(event) => stage && moveCursor(event, stage)}
        onBlur={() => stage?.point(null)}
      >
        <div ref={axes} className="axes" aria-hidden="true" />
        {scene && stage && <Labels scene={scene} activity={stage.activity} onHide={hide} />}
        {/* the last of all: what would lie over a canvas needs a layer of its own in every frame */}
        <canvas ref={canvas} aria-hidden="true" />
        {!hasRun && <p className="nothing">Press Run to see the network at work here.</p>}
        {failure && <p className="nl-note error">Axes are missing: {failure}.</p>}
        {stage && <Spoken stage={stage} />}
      </div>
    </section>
  );
}

/** The activity in words, at most once a second, for those who do not see it. */
function Spoken({ stage }: { stage: Stage }): React.ReactNode {
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setInterval(() => setText(stage.summary()), SPOKEN);
    return () => clearInterval(timer);
  }, [stage]);
  return <p className="nl-hidden">{text && `At ${stage.activity.time.toFixed(1)} s: ${text}. ${count(stage.activity.leftOut)} spikes left out.`}</p>;
}

/** Follow size, visibility and theme of the element; returns how to stop. */
function watch(area: HTMLElement, stage: Stage): () => void {
  const resize = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    stage.setSize(Math.floor(width), Math.floor(height));
  });
  const sight = new IntersectionObserver((entries) => stage.setVisible(entries.at(-1)!.isIntersecting));
  const theme = new MutationObserver(() => stage.retheme());
  resize.observe(area);
  sight.observe(area);
  for (const element of [document.body, document.documentElement]) {
    theme.observe(element, { attributes: true, attributeFilter: ["data-jp-theme-light", "class", "theme"] });
  }
  return () => [resize, sight, theme].forEach((observer) => observer.disconnect());
}

function inside(event: PointerEvent, scene: Scene | null): number | null {
  if (!scene) return null;
  const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
  return x >= scene.geometry.left && x <= scene.geometry.right ? x : null;
}

function moveCursor(event: KeyboardEvent, stage: Stage): void {
  const steps: Record<string, number> = { ArrowLeft: -0.01, ArrowRight: 0.01, PageUp: -0.1, PageDown: 0.1 };
  const step = steps[event.key];
  if (step === undefined || event.target !== event.currentTarget) return;
  event.preventDefault();
  event.stopPropagation();
  stage.nudge(event.shiftKey ? step * 5 : step);
}
