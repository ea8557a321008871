// Titles, names and notes around the plots: text nodes at the places of the geometry.

import { count } from "../fields/quantity";
import { Icon } from "../icons";
import type { Activity } from "./activity";
import type { Panel } from "./geometry";
import { traceTitle, type Scene } from "./scene";

const LEGIBLE = 10; // px: names of lower bands would lie over each other

export function Labels({ scene, activity, onHide }: { scene: Scene; activity: Activity; onHide(key: string): void }): React.ReactNode {
  const { geometry } = scene;
  return (
    <>
      {geometry.panels.map((panel) => (
        <div key={panel.key} className="title" style={{ top: panel.top - 23, right: geometry.width - geometry.right }}>
          <b>{titleOf(panel)}</b>
          <span>{unitOf(panel, scene)}</span>
          <button type="button" className="hide" aria-label={`Hide ${titleOf(panel)}`} title="Hide this panel" onClick={() => onHide(panel.key)}>
            <Icon name="close" size={12} />
          </button>
          <span className="sp" />
          <span className="note">{noteOf(panel, scene, activity)}</span>
        </div>
      ))}
      {scene.bands.map((band) => (
        <div key={band.id} className="band" style={{ top: band.top, height: band.height, width: geometry.left - 5 }}>
          {band.height >= LEGIBLE && <span title={band.name}>{band.name}</span>}
          <i style={{ background: `var(--nl-${band.token})` }} />
        </div>
      ))}
      <span className="time" style={{ top: geometry.bottom + 6 }}>t (s)</span>
    </>
  );
}

export function titleOf(panel: Panel): string {
  const titles: Partial<Record<Panel["kind"], string>> = { input: "Input", spikes: "Spikes", rate: "Rate" };
  return titles[panel.kind] ?? traceTitle(panel.key.slice("trace:".length));
}

function unitOf(panel: Panel, scene: Scene): string {
  if (panel.kind === "rate") return "Hz";
  return scene.traces.find((trace) => trace.panel.key === panel.key)?.unit ?? "";
}

/** What a panel shows, at its right: "80 of E, 24 of I". */
function noteOf(panel: Panel, scene: Scene, activity: Activity): string {
  if (panel.kind === "input") return scene.inputs.map((input) => input.name).join(", ");
  if (panel.kind === "spikes") {
    return scene.bands.map(({ id, name, rows }) => (rows < (activity.rows.get(id)?.n ?? rows) ? `${count(rows)} of ${name}` : `all of ${name}`)).join(", ");
  }
  if (panel.kind === "rate") return "";
  return scene.traces.find((trace) => trace.panel.key === panel.key)?.traces.map((trace) => trace.name).join("; ") ?? "";
}
