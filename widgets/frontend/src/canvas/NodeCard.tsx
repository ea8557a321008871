// A node: its shape over the left edge, its words and life on the card, its axon on the right.

import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { Icon } from "../icons";
import { MiniRaster, useRate } from "./live";
import { NodePin } from "./NodePin";
import { rateText } from "./rates";
import type { NodeView } from "./scene";
import { Soma } from "./Soma";

export interface NodeData extends Record<string, unknown> {
  view: NodeView;
  dot: number | null; // diameter while only the soma is drawn
  onAxon(id: string): void;
}

export type CardNode = Node<NodeData, "card">;

export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<CardNode>): React.ReactNode {
  const { view, dot, onAxon } = data;
  const state = `${selected ? " sel" : ""}${view.errors ? " bad" : ""}${view.muted ? " muted" : ""}`;
  const handles = (
    <>
      <Handle
        type="target" position={Position.Left} id="in" isConnectableStart={false} className="nl-in" tabIndex={-1}
        {...(view.takes ? { "aria-label": `${view.name} input` } : { "aria-hidden": true })}
      />
      {view.gives && (
        <Handle
          type="source" position={Position.Right} id="out" isConnectableEnd={false} className="nl-out" tabIndex={-1}
          role="button" aria-label={`${view.name} output`} title="Drag to what it feeds, or press C"
          onClick={(event) => {
            event.stopPropagation();
            onAxon(id);
          }}
        />
      )}
    </>
  );
  if (dot !== null) {
    return (
      <div className={`nl-dot${state}`} style={{ "--d": `${dot}px` } as React.CSSProperties}>
        <LiveSoma view={view} diameter={dot} stroke={3} />
        <span>{view.name}</span>
        {handles}
      </div>
    );
  }
  return (
    <div className={`nl-node ${view.shape}${state}`} style={{ "--h": `var(--nl-${view.hue})`, "--d": `${view.diameter}px` } as React.CSSProperties}>
      <div className="soma">
        <LiveSoma view={view} diameter={view.diameter} />
      </div>
      {(view.errors > 0 || view.warnings > 0) && (
        <span className={`nl-badge${view.errors ? "" : " warn"}`}>
          <Icon name={view.errors ? "error" : "warning"} size={11} />
          {view.errors || view.warnings}
        </span>
      )}
      <header>
        <b>{view.name}</b>
        {view.size && <span>{view.size}</span>}
      </header>
      <div className="sub">{view.sub}</div>
      {view.live && <LiveRow view={view} />}
      {view.pins.map((path) => (
        <NodePin key={path} element={id} path={path} />
      ))}
      {handles}
    </div>
  );
});

function LiveSoma({ view, diameter, stroke }: { view: NodeView; diameter: number; stroke?: number }): React.ReactNode {
  const rate = useRate(view.id);
  const level = view.live ? rate?.level : undefined;
  return <Soma shape={view.shape} sign={view.sign} glyph={view.glyph} diameter={diameter} hue={view.hue} level={level} stroke={stroke} />;
}

function LiveRow({ view }: { view: NodeView }): React.ReactNode {
  const rate = useRate(view.id);
  return (
    <div className="live">
      <MiniRaster id={view.id} hue={view.hue} />
      <b>
        {rate ? rateText(rate.hz) : "–"}
        <i>Hz</i>
      </b>
    </div>
  );
}
