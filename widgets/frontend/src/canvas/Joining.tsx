// A projection on its way: the wire to the pointer, and why it cannot end where it is.

import { useConnection, useStore, type ConnectionLineComponentProps } from "@xyflow/react";
import { useEditor } from "../store";
import { refusal } from "./connect";
import type { CardNode } from "./NodeCard";

export function Wire({ fromNode, fromX, fromY, toX, toY, connectionStatus }: ConnectionLineComponentProps<CardNode>): React.ReactNode {
  const { view } = fromNode.data as CardNode["data"];
  const c = Math.max(34, Math.hypot(toX - fromX, toY - fromY) * 0.42);
  const isRefused = connectionStatus === "invalid";
  return (
    <g className="nl-wire">
      <path
        d={`M${fromX} ${fromY}C${fromX + c} ${fromY} ${toX - c} ${toY} ${toX} ${toY}`} strokeWidth="2.4"
        stroke={isRefused ? "var(--nl-error)" : `var(--nl-${view.hue})`} strokeDasharray={isRefused ? "8 5" : undefined}
      />
      <circle cx={toX} cy={toY} r="4" fill={isRefused ? "var(--nl-error)" : `var(--nl-${view.hue})`} />
    </g>
  );
}

/** What would happen on release, beside the pointer. */
export function Reason(): React.ReactNode {
  const connection = useConnection();
  const transform = useStore((state) => state.transform);
  const doc = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  if (!connection.inProgress || !connection.toNode) return null;
  const [tx, ty, zoom] = transform;
  const { fromNode, toNode, to } = connection;
  const reason = refusal(doc, catalogue, fromNode.id, toNode.id);
  const name = (id: string): string => doc.nodes.find((node) => node.id === id)?.label ?? "";
  return (
    <div className={`nl-reason${reason ? "" : " ok"}`} role="status" style={{ left: to.x * zoom + tx + 18, top: to.y * zoom + ty + 16 }}>
      {reason ?? `${name(fromNode.id)} to ${name(toNode.id)}`}
    </div>
  );
}
