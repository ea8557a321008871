// A small picture of what an example does, drawn from numbers that are the same each time.

import { useMemo } from "react";

const [WIDTH, HEIGHT] = [202, 78];

/** Numbers between 0 and 1 that repeat for a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Stroke {
  d: string;
  hue: string;
  width: number;
  dash?: string;
}

/** Spikes in rows between two times, with a mean gap in px. */
function raster(next: () => number, [from, to]: [number, number], top: number, rows: number, gap: number): string {
  let d = "";
  for (let row = 0; row < rows; row++) {
    for (let x = from + next() * gap; x < to; x += 2 - Math.log(next() + 1e-3) * gap) d += `M${x.toFixed(1)} ${top + row * 3.2}v2`;
  }
  return d;
}

function oneNeuron(): Stroke[] {
  const next = numbers(4);
  let [v, d] = [58, "M14 58"];
  for (let x = 14; x < 188; x += 1.4) {
    v -= (x < 50 ? 0.05 : (x - 30) * 0.016) + 0.5 * (next() - 0.5);
    if (v < 30) {
      d += `L${x.toFixed(1)} 30V12V60`;
      v = 60;
    } else d += `L${x.toFixed(1)} ${v.toFixed(1)}`;
  }
  return [{ d: "M14 30H188", hue: "ink-3", width: 1, dash: "3 3" }, { d, hue: "exc", width: 1.5 }];
}

function winner(): Stroke[] {
  const next = numbers(8);
  const pool = (top: number, first: number, second: number): string =>
    raster(next, [14, 92], top, 8, first) + raster(next, [92, 188], top, 8, second);
  return [{ d: pool(10, 5, 30), hue: "exc", width: 1.3 }, { d: pool(42, 30, 5), hue: "e2", width: 1.3 }];
}

function chain(): Stroke[] {
  const next = numbers(6);
  let d = "";
  for (let group = 0; group < 6; group++) {
    for (let i = 0; i < 18; i++) {
      const x = 18 + group * 9 + i + (next() - 0.5) * 3;
      const y = 10 + group * 9.5 + next() * 8;
      d += `M${x.toFixed(1)} ${y.toFixed(1)}v2.2M${(x + 84).toFixed(1)} ${y.toFixed(1)}v2.2`;
    }
  }
  return [{ d, hue: "exc", width: 1.3 }];
}

function network(): Stroke[] {
  const next = numbers(5);
  return [{ d: raster(next, [14, 188], 8, 14, 12), hue: "exc", width: 1.3 }, { d: raster(next, [14, 188], 56, 5, 6), hue: "inh", width: 1.3 }];
}

const PICTURES: Record<string, () => Stroke[]> = { neuron: oneNeuron, winner, synfire: chain };

export function Thumbnail({ name }: { name: string }): React.ReactNode {
  const strokes = useMemo(() => (PICTURES[name] ?? network)(), [name]);
  return (
    <svg className="thumb" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" fill="none" strokeLinejoin="round">
      {strokes.map(({ d, hue, width, dash }) => (
        <path key={d} d={d} stroke={`var(--nl-${hue})`} strokeWidth={width} strokeDasharray={dash} />
      ))}
    </svg>
  );
}
