// The shape of a node: it says what the node is, its fill how active.

import type { Shape } from "../protocol";

export interface SomaProps {
  shape: Shape;
  sign: number;
  glyph?: string;
  diameter: number;
  hue: string; // a token
  level?: number | undefined; // 0 to 1 of the legend; none before a run
  stroke?: number;
}

/** What an input makes or a probe shows, as a line on the 52 px drawing. */
const WAVES: Record<string, { d: string; width?: number }> = {
  poisson: { d: "M18 32V20M22 32V23M29 32V20M34 32V26" },
  step: { d: "M16 31h6V21h8v10h6" },
  constant: { d: "M16 30h4v-7h16" },
  sine: { d: "M16 26c3-9 7-9 10 0s7 9 10 0" },
  noise: { d: "m16 27 3-6 3 10 3-8 3 6 3-9 3 8 2-4", width: 2 },
  times: { d: "M17 32V21M26 32V21M35 32V21M16 33h20", width: 2 },
  spikes: { d: "M14 19v3.5M21 24v3.5M27 18v3.5M34 22v3.5M17 31v3.5M25 33v3.5M32 30v3.5M38 34v3.5M38 17v3.5" },
  voltage: { d: "M12 32c5 0 7-4 9-6l2-9 2 17c3 0 4-5 7-6l4-2 3-1", width: 2 },
  rate: { d: "M12 33c5-1 6-13 11-12s5 6 9 4 5-3 8-4", width: 2 },
  weights: { d: "M14 34V26M21 34V19M28 34V23M35 34V29", width: 3.2 },
};
const USUAL: Record<Shape, string> = { population: "", input: "step", probe: "voltage" };
const ALIASES: Record<string, string> = { v: "voltage", spike: "spikes", state: "voltage", w: "weights", spiketimes: "times", pulse: "step" };

function waveOf(shape: Shape, glyph: string): { d: string; width?: number } | undefined {
  if (shape === "population") return undefined;
  const key = glyph.toLowerCase();
  return WAVES[ALIASES[key] ?? key] ?? WAVES[USUAL[shape]];
}

const BODIES = {
  triangle: "M26 7 46 41H6Z",
  circle: "M45.5 26a19.5 19.5 0 1 1-39 0 19.5 19.5 0 0 1 39 0z",
  square: "M17 8H35a9 9 0 0 1 9 9V35a9 9 0 0 1-9 9H17a9 9 0 0 1-9-9V17a9 9 0 0 1 9-9z",
  hexagon: "M26 6.5 43 16.3v19.4L26 45.5 9 35.7V16.3Z",
  screen: "M13 10H39a7 7 0 0 1 7 7V35a7 7 0 0 1-7 7H13a7 7 0 0 1-7-7V17a7 7 0 0 1 7-7z",
};

export function Soma({ shape, sign, glyph = "", diameter, hue, level, stroke = 2.5 }: SomaProps): React.ReactNode {
  const color = `var(--nl-${hue})`;
  const isLive = level !== undefined;
  const share = isLive ? `calc(var(--nl-ramp-0) + ${(level * 90).toFixed(0)}%)` : "14%";
  const fill = `color-mix(in srgb,${color} ${share},var(--nl-surface))`;
  const mark = isLive && level > 0.5 ? "var(--nl-surface)" : color;
  const isExcitatory = shape === "population" && sign > 0;
  const body = shape === "input" ? BODIES.hexagon : shape === "probe" ? BODIES.screen : isExcitatory ? BODIES.triangle : sign < 0 ? BODIES.circle : BODIES.square;
  const wave = waveOf(shape, glyph);
  return (
    <svg className="nl-soma" width={diameter} height={diameter} viewBox="0 0 52 52" aria-hidden="true">
      <path d={body} style={{ fill, stroke: color }} strokeWidth={isExcitatory ? stroke + 1 : stroke} strokeLinejoin="round" />
      {isExcitatory && <path d="M26 23.5v11M20.5 29h11" style={{ stroke: mark }} strokeWidth="2.4" strokeLinecap="round" fill="none" />}
      {shape === "population" && sign < 0 && <path d="M20 26h12" style={{ stroke: mark }} strokeWidth="2.4" strokeLinecap="round" fill="none" />}
      {wave && (
        <path
          d={wave.d} style={{ stroke: shape === "probe" ? color : mark }} strokeWidth={wave.width ?? 2.2} fill="none"
          strokeLinecap="round" strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
