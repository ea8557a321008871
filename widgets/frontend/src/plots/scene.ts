// From the drawing and the activity to what the panels show: names, hues, places, ranges.

import { toNumber } from "../fields/quantity";
import type { Activity, Trace } from "./activity";
import { bands, stack, type Band, type Geometry, type Panel, type PanelSpec } from "./geometry";
import { grownEnd, grownRange } from "./ticks";

/** A node of the drawing as the plots need it. */
export interface Source {
  id: string;
  label: string;
  shape: "population" | "input" | "probe";
  sign: number;
  recorded: boolean;
  spikes: boolean; // whether its spikes are seen
  stimulus: Stimulus | null;
}

/** When an input is on, in seconds. */
export interface Stimulus {
  from: number;
  to: number;
}

export interface Series {
  id: string;
  name: string;
  token: string; // of the hue
  dashed: boolean;
}

export interface SpikeBand extends Band, Series {
  rows: number;
}

export interface TracePanel {
  panel: Panel;
  variable: string;
  unit: string;
  traces: (Trace & { name: string; token: string })[];
}

export interface Scene {
  geometry: Geometry;
  bands: SpikeBand[];
  rates: Series[];
  inputs: (Series & { stimulus: Stimulus | null })[];
  traces: TracePanel[];
  panel(kind: Panel["kind"]): Panel | undefined;
}

/** Axis ends; they grow with the data and never shrink while a run lasts. */
export class Ranges {
  rate = 10;
  input = new Map<string, number>();
  traces = new Map<string, [number, number]>();

  /** A little more than the data, so that the lines at both ends are drawn in full. */
  get rateAxis(): [number, number] {
    return [-0.02 * this.rate, 1.02 * this.rate];
  }

  traceAxis(variable: string): [number, number] {
    return this.traces.get(variable) ?? [0, 1];
  }

  /** Widen to what is in memory; tell whether an axis changed. */
  grow(scene: Scene, activity: Activity): boolean {
    let grown = false;
    const rate = Math.max(this.rate, ...scene.rates.map(({ id }) => extent(activity.rates.get(id))[1]));
    if (rate > this.rate) grown = ((this.rate = grownEnd(rate, this.rate)), true);
    for (const { id } of scene.inputs) {
      const top = extent(activity.rates.get(id))[1];
      this.input.set(id, grownEnd(top, this.input.get(id) ?? 1));
    }
    for (const { variable, traces } of scene.traces) {
      const before = this.traces.get(variable);
      let [low, high] = before ?? [Infinity, -Infinity];
      for (const { curve } of traces) {
        const [from, to] = extent(curve);
        low = Math.min(low, from);
        high = Math.max(high, to);
      }
      if (!(high >= low)) continue;
      const pad = before ? 0 : Math.max((high - low) * 0.1, Math.abs(high) * 0.01, 1e-12);
      const range = grownRange(low - pad, high + pad, before ?? [low - pad, high + pad]);
      if (before && range[0] === before[0] && range[1] === before[1]) continue;
      this.traces.set(variable, before ? range : grownRange(low - pad, high + pad, [high, high]));
      grown = true;
    }
    return grown;
  }
}

function extent(ring: { runs(): { value: ArrayLike<number>; from: number; to: number }[] } | undefined): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const run of ring?.runs() ?? []) {
    for (let i = run.from; i < run.to; i++) {
      const value = run.value[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

const FAMILIES: Record<string, string[]> = {
  "1": ["exc", "e2", "e3"], "-1": ["inh", "i2", "i3"], "0": ["u1"], input: ["inp"],
};

/** One hue a population: families by what they do, lightness steps within a family. */
export function hues(sources: Source[]): Map<string, string> {
  const seen: Record<string, number> = {};
  const result = new Map<string, string>();
  for (const source of sources) {
    if (source.shape === "probe") continue;
    const family = source.shape === "input" ? "input" : String(source.sign);
    const tokens = FAMILIES[family] ?? FAMILIES["0"]!;
    const index = (seen[family] = (seen[family] ?? -1) + 1);
    result.set(source.id, tokens[index % tokens.length]!);
  }
  return result;
}

/** Units of the variables that published models print; others carry their own. */
const TRACE_UNITS: Record<string, string> = { V: "mV" };
const TRACE_TITLES: Record<string, string> = { V: "Voltage" };
export const traceTitle = (variable: string): string => TRACE_TITLES[variable] ?? variable;

export function buildScene(
  sources: Source[], activity: Activity, recordedFrom: (probe: string) => string | undefined,
  size: { width: number; height: number; gutter: number }, hidden: ReadonlySet<string>,
): Scene {
  const tokens = hues(sources);
  const series = ({ id, label, sign }: Source): Series => ({
    id, name: label, token: tokens.get(id)!, dashed: sign < 0,
  });
  const populations = sources.filter((source) => source.shape === "population");
  const inputs = sources.filter(({ shape, spikes, stimulus }) => shape === "input" && (spikes || stimulus));
  const banded = [...populations, ...inputs.filter((source) => source.recorded)];
  const variables = [...new Set([...activity.traces.values()].map((trace) => trace.variable))];
  const specs: PanelSpec[] = [
    { key: "input", kind: "input", shown: inputs.length > 0 },
    { key: "spikes", kind: "spikes", shown: true },
    { key: "rate", kind: "rate", shown: true },
    ...variables.map((variable) => ({ key: `trace:${variable}`, kind: "trace" as const, shown: true })),
  ].filter(({ key, shown }) => shown && !hidden.has(key)) as PanelSpec[];
  const geometry = stack(size.width, size.height, size.gutter, specs);
  const panel = (kind: Panel["kind"]): Panel | undefined => geometry.panels.find((p) => p.kind === kind);
  const raster = panel("spikes");
  const rows = new Map(banded.map((source) => [source.id, activity.rows.get(source.id)?.rows.length ?? 0]));
  const places = raster ? bands(raster, banded.map(({ id }) => ({ id, rows: rows.get(id)! }))) : [];
  const byId = new Map(sources.map((source) => [source.id, source]));
  return {
    geometry,
    panel,
    bands: places.map((band) => ({ ...band, ...series(byId.get(band.id)!), rows: rows.get(band.id)! })),
    rates: populations.map(series),
    inputs: inputs.map((source) => ({ ...series(source), stimulus: source.stimulus })),
    traces: geometry.panels.filter((p) => p.kind === "trace").map((p) => {
      const variable = p.key.slice("trace:".length);
      const traces = [...activity.traces.values()].filter((trace) => trace.variable === variable);
      return {
        panel: p,
        variable,
        unit: TRACE_UNITS[variable] ?? "",
        traces: traces.map((trace) => {
          const source = byId.get(recordedFrom(trace.probe) ?? "");
          const name = source ? `${source.label}, neuron ${trace.neuron}` : `neuron ${trace.neuron}`;
          return { ...trace, name, token: (source && tokens.get(source.id)) ?? "u1" };
        }),
      };
    }),
  };
}

/** When an input with a start and a stop is on; null when it always is. */
export function stimulusOf(params: Record<string, unknown>): Stimulus | null {
  const from = toNumber(params["start"], "s");
  const to = toNumber(params["stop"], "s");
  return to !== null && to > (from ?? 0) ? { from: from ?? 0, to } : null;
}
