// A projection: arrow, ball or dotted line; its pill says weight and rule and is what one clicks.

import type { Edge, EdgeProps } from "@xyflow/react";
import { createContext, memo, useContext, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { Icon } from "../icons";
import { pointAt, type Route } from "./geometry";
import { useLive } from "./live";
import type { EdgeView } from "./scene";

export interface EdgeData extends Record<string, unknown> {
  view: EdgeView;
  route: Route | undefined;
  small: boolean; // no words at this zoom
  pulses: boolean;
  onPick(id: string, event: React.MouseEvent | React.KeyboardEvent): void;
  onOpen(id: string): void;
}

/** Where pills are drawn. React Flow's own renderer looks it up anew for every edge at every change. */
export const PillHost = createContext<Element | null>(null);

export type ProjectionEdge = Edge<EdgeData, "projection">;

const dashes = ({ role, errors, warnings }: EdgeView): string | undefined =>
  role === "records" ? "1 5" : errors || warnings ? "8 5" : undefined;

export const Projection = memo(function Projection({ id, data, selected }: EdgeProps<ProjectionEdge>): React.ReactNode {
  const { view, route, small, pulses, onPick, onOpen } = data!;
  const host = useContext(PillHost);
  if (!route) return null;
  const { path, from, tip, normal, angle } = route;
  const isBad = view.errors > 0;
  const hue = !isBad && view.warnings > 0 ? "var(--nl-warn)" : view.muted ? "var(--nl-ink-3)" : `var(--nl-${view.hue})`;
  const dash = dashes(view);
  return (
    <>
      <g className="nl-edge" opacity={view.muted ? 0.6 : 1}>
        {selected && <path d={path} stroke="color-mix(in srgb,var(--nl-accent) 24%,transparent)" strokeWidth={view.width + 8} />}
        <path d={path} stroke="var(--nl-canvas)" strokeWidth={view.width + 4} />
        <path d={path} stroke={hue} strokeWidth={view.width} strokeDasharray={dash} strokeLinecap={dash === "8 5" ? "butt" : "round"} />
        {view.role === "records" ? (
          <circle cx={from[0] + 4 * direction(route)[0]} cy={from[1] + 4 * direction(route)[1]} r="3.5" fill="var(--nl-canvas)" stroke={hue} strokeWidth="1.6" />
        ) : view.role === "inhibits" ? (
          <circle
            cx={tip[0] + normal[0] * 5} cy={tip[1] + normal[1] * 5} r={4.4 + Math.max(0, view.width - 2.4) * 0.7}
            fill={hue} stroke="var(--nl-canvas)" strokeWidth="1.5"
          />
        ) : (
          <path
            transform={`translate(${tip[0] + normal[0] * 1.5} ${tip[1] + normal[1] * 1.5}) rotate(${angle})`}
            d="M0 0-10-5-7.5 0-10 5Z" style={{ fill: hue }} stroke={hue} strokeWidth="1" strokeLinejoin="round"
          />
        )}
        {selected && view.role !== "records" && <Grips route={route} />}
        {pulses && view.role !== "records" && <Pulses route={route} source={view.source} hue={hue} width={view.width} />}
        <path d={path} className="react-flow__edge-interaction" stroke="transparent" strokeWidth={20} />
      </g>
      {host &&
        createPortal(
          <div
            className={pillClass(view, selected === true, small)} role="button" tabIndex={-1} aria-label={view.aria} aria-pressed={selected === true}
            data-edge={id} style={{ transform: `translate(-50%,-50%) translate(${route.label[0]}px,${route.label[1]}px)`, "--h": hue } as React.CSSProperties}
            onClick={(event) => onPick(id, event)}
            onDoubleClick={(event) => {
              event.stopPropagation();
              onOpen(id);
            }}
          >
            {!small && <PillWords view={view} selected={selected === true} />}
          </div>,
          host,
        )}
    </>
  );
});

/** Unit vector in which the curve leaves its source. */
function direction({ curve: [p, q] }: Route): [number, number] {
  const [dx, dy] = [q[0] - p[0], q[1] - p[1]];
  const length = Math.hypot(dx, dy) || 1;
  return [dx / length, dy / length];
}

function pillClass(view: EdgeView, selected: boolean, small: boolean): string {
  const isBare = small || !(view.weight || view.rule || view.errors || view.warnings);
  return `nl-pill${isBare ? " bare" : ""}${view.errors ? " bad" : view.warnings ? " warn" : selected ? " sel" : ""}`;
}

function PillWords({ view, selected }: { view: EdgeView; selected: boolean }): React.ReactNode {
  return (
    <>
      {view.errors > 0 && <Icon name="error" size={14} />}
      {view.errors === 0 && view.warnings > 0 && <Icon name="warning" size={12} />}
      {view.weight && <b>{view.errors ? `${view.weight}?` : view.weight}</b>}
      {view.rule && <span>{view.rule}</span>}
      {selected && view.delay && <span>{view.delay}</span>}
    </>
  );
}

function Grips({ route: { from, tip, normal } }: { route: Route }): React.ReactNode {
  const places = [from, [tip[0] + normal[0] * 17, tip[1] + normal[1] * 17] as const];
  return places.map(([x, y], i) => <circle key={i} cx={x} cy={y} r="4.5" fill="var(--nl-surface)" stroke="var(--nl-accent)" strokeWidth="2" pointerEvents="none" />);
}

const DOTS = 3;
const SPEED = 0.35; // of the way in a second of life, at 10 Hz

/** Dots that run along with the frames, faster where the source fires more. */
function Pulses({ route, source, hue, width }: { route: Route; source: string; hue: string; width: number }): React.ReactNode {
  const live = useLive();
  const group = useRef<SVGGElement>(null);
  const phase = useRef(0);
  const curve = useRef(route.curve);
  curve.current = route.curve;
  useEffect(
    () =>
      live.onFrame((frame) => {
        const hz = live.rates.of(source)?.hz ?? 0;
        const dots = group.current?.children;
        if (!dots) return;
        phase.current = (phase.current + Math.min(0.1, frame.n_steps * frame.dt) * SPEED * Math.log2(1 + hz / 5) * 2) % 1;
        for (let i = 0; i < dots.length; i++) {
          const [x, y] = pointAt(curve.current, (phase.current + i / dots.length) % 1);
          dots[i]!.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
          dots[i]!.setAttribute("visibility", hz > 0.05 ? "visible" : "hidden");
        }
      }),
    [live, source],
  );
  const isWide = width >= 3;
  return (
    <g ref={group} className="pulses">
      {Array.from({ length: DOTS }, (_, i) => (
        <circle key={i} r={isWide ? 1.3 : width / 2 + 1.5} fill={isWide ? "var(--nl-surface)" : hue} visibility="hidden" />
      ))}
    </g>
  );
}
