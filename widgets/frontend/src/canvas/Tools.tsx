// What floats over the canvas: zoom and layout, the legend, the map.

import { MiniMap, useReactFlow, useStore, type MiniMapNodeProps } from "@xyflow/react";
import { createContext, useContext } from "react";
import { Icon, type IconName } from "../icons";
import { hasActivity, useActions, useEditor } from "../store";
import { useLegendTop } from "./live";
import type { NodeView, Scene } from "./scene";

export interface ToolsProps {
  onFit(): void;
  onTidy(): void;
}

export function Tools({ onFit, onTidy }: ToolsProps): React.ReactNode {
  const zoom = useStore((state) => state.transform[2]);
  const flow = useReactFlow();
  const isTable = useEditor((state) => state.panes.table);
  const isLocked = useEditor((state) => state.readOnly);
  const { setPanes } = useActions();
  const tool = (name: IconName, label: string, keys: string, run: () => void, rest: { pressed?: boolean; disabled?: boolean } = {}): React.ReactNode => (
    <button
      type="button" className="nl-btn icon" aria-label={label} title={keys ? `${label} (${keys})` : label}
      aria-pressed={rest.pressed} disabled={rest.disabled} onClick={run}
    >
      <Icon name={name} />
    </button>
  );
  return (
    <div className="nl-tools" role="toolbar" aria-label="View">
      {tool("minus", "Zoom out", "Ctrl wheel", () => void flow.zoomOut({ duration: 120 }))}
      <button type="button" className="nl-btn zoom" aria-label={`Zoom ${Math.round(zoom * 100)} %, back to 100 %`} title="Back to 100 %" onClick={() => void flow.zoomTo(1, { duration: 120 })}>
        {`${Math.round(zoom * 100)} %`}
      </button>
      {tool("plus", "Zoom in", "Ctrl wheel", () => void flow.zoomIn({ duration: 120 }))}
      {tool("fit", "Fit", "1", onFit)}
      {tool("tidy", "Tidy", "", onTidy, { disabled: isLocked })}
      {tool("table", "Table view", "", () => setPanes({ table: !isTable }), { pressed: isTable })}
    </div>
  );
}

const ROLES = [
  ["drives", "inp", "▸"], ["excites", "exc", "▸"], ["inhibits", "inh", "●"], ["records", "ink-2", "○"],
] as const;

export function Legend({ scene }: { scene: Scene }): React.ReactNode {
  const isLive = useEditor(hasActivity);
  const top = useLegendTop();
  if (isLive) {
    const families = [["E", "exc", 1], ["I", "inh", -1], ["U", "u1", 0]] as const;
    const shown = families.filter(([, , sign]) => scene.nodes.some((node) => node.shape === "population" && Math.sign(node.sign) === sign));
    if (shown.length === 0) return null;
    return (
      <div className="nl-legend ramps" aria-label={`Fill shows the rate, 0 to ${top} Hz`} role="img">
        {shown.map(([name, hue]) => (
          <Ramp key={name} name={name} hue={hue} />
        ))}
        <span />
        <span className="ends">
          <span>0</span>
          <span>{`${top} Hz`}</span>
        </span>
      </div>
    );
  }
  const used = ROLES.filter(([role]) => scene.edges.some((edge) => edge.role === role));
  if (used.length === 0) return null;
  return (
    <div className="nl-legend" aria-hidden="true">
      {used.map(([role, hue, sign]) => (
        <span key={role} style={{ color: `var(--nl-${hue})` }}>{`${sign} ${role === "records" ? "is recorded" : role}`}</span>
      ))}
    </div>
  );
}

const Ramp = ({ name, hue }: { name: string; hue: string }): React.ReactNode => (
  <>
    <span>{name}</span>
    <span className="ramp" style={{ "--h": `var(--nl-${hue})` } as React.CSSProperties} />
  </>
);

const Views = createContext<ReadonlyMap<string, NodeView>>(new Map());
const MANY = 20;

/** Shown above 20 nodes, when something is out of sight, or when asked for. */
export function Overview({ scene, boxes }: { scene: Scene; boxes: ReadonlyMap<string, { x: number; y: number; w: number; h: number }> }): React.ReactNode {
  const wish = useEditor((state) => state.panes.map);
  const isOut = useStore(({ transform: [tx, ty, zoom], width, height }) =>
    [...boxes.values()].some(({ x, y, w, h }) => x * zoom + tx < -w * zoom || y * zoom + ty < -h * zoom || x * zoom + tx > width || y * zoom + ty > height),
  );
  if (!(wish ?? (scene.nodes.length > MANY || isOut))) return null;
  return (
    <Views.Provider value={new Map(scene.nodes.map((node) => [node.id, node]))}>
      <MiniMap
        className="nl-map" pannable ariaLabel="Map of the drawing" style={{ width: 164, height: 104 }} nodeComponent={MapNode}
        maskColor="color-mix(in srgb,var(--nl-ink) 8%,transparent)" maskStrokeColor="var(--nl-accent)" maskStrokeWidth={6} bgColor="var(--nl-canvas)"
      />
    </Views.Provider>
  );
}

function MapNode({ id, x, y, width, height }: MiniMapNodeProps): React.ReactNode {
  const view = useContext(Views).get(id);
  if (!view) return null;
  const fill = `var(--nl-${view.hue})`;
  const [cx, cy, r] = [x + width / 2, y + height / 2, 22];
  if (view.shape !== "population") return <rect x={cx - r} y={cy - r * 0.8} width={2 * r} height={1.6 * r} rx="10" fill={fill} />;
  if (view.sign > 0) return <path d={`M${cx} ${cy - r * 1.2} ${cx + r * 1.3} ${cy + r}H${cx - r * 1.3}Z`} fill={fill} />;
  return view.sign < 0 ? <circle cx={cx} cy={cy} r={r} fill={fill} /> : <rect x={cx - r} y={cy - r} width={2 * r} height={2 * r} rx="10" fill={fill} />;
}
