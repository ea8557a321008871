// What can be added: shapes first, then inputs and probes, then every other model of the catalogue.

import type { Catalogue, NodeKind, Shape } from "../protocol";

export interface Entry {
  id: string;
  label: string;
  group: string;
  kind: string;
  sign?: number;
  shape: Shape;
  glyph: string;
  hue: string;
  hotkey: string;
  help: string;
  model: boolean; // found by its name, not shown at first
}

const DEFAULT_POPULATION = "LIFRef";
const SHAPES = [
  { label: "Excitatory", sign: 1, hue: "exc", hotkey: "E" },
  { label: "Inhibitory", sign: -1, hue: "inh", hotkey: "I" },
  { label: "Unsigned", sign: 0, hue: "u1", hotkey: "U" },
];
const HUES: Record<Shape, string> = { population: "u1", input: "inp", probe: "probe" };
/** Keys of kinds that the look assigns; a kind may bring another. */
const HOTKEYS: Record<string, string> = { Poisson: "P", SpikeProbe: "R", StateProbe: "V" };
const SHOWN = "Populations";

export function entries(catalogue: Catalogue): Entry[] {
  const populations = catalogue.nodes.filter((kind) => kind.shape === "population");
  const usual = populations.find((kind) => kind.key === DEFAULT_POPULATION) ?? populations[0];
  const shapes = usual
    ? SHAPES.map((shape): Entry => ({ ...fromKind(usual), ...shape, id: shape.label, group: SHOWN, help: `Population, ${usual.label}`, model: false }))
    : [];
  const others = catalogue.nodes.filter((kind) => kind.shape !== "population").map(fromKind);
  return [...shapes, ...others, ...populations.map((kind) => ({ ...fromKind(kind), group: "Models", sign: 1, model: true }))];
}

function fromKind(kind: NodeKind): Entry {
  return {
    id: kind.key, label: kind.label || kind.key, group: kind.group, kind: kind.key, shape: kind.shape, glyph: kind.glyph,
    hue: HUES[kind.shape], hotkey: (kind.hotkey || HOTKEYS[kind.key] || "").toUpperCase(), help: kind.help, model: false,
  };
}

/** Entries whose name or group holds the words; with no words, those shown at first. */
export function find(list: readonly Entry[], words: string): Entry[] {
  const wanted = words.trim().toLocaleLowerCase();
  if (!wanted) return list.filter((entry) => !entry.model);
  const isFound = ({ label, kind, group }: Entry): boolean => `${label} ${kind} ${group}`.toLocaleLowerCase().includes(wanted);
  const starts = ({ label }: Entry): number => (label.toLocaleLowerCase().startsWith(wanted) ? 0 : 1);
  return list.filter(isFound).sort((a, b) => starts(a) - starts(b));
}

/** Entries by their groups, in the order they come. */
export function grouped(list: readonly Entry[]): [string, Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of list) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return [...groups];
}
