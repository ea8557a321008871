// "One spike does this": the potential that a spike of the projection makes.

import { useMemo } from "react";
import { useCatalogue, useDocument } from "../fields/link";
import { pretty, trim } from "../fields/quantity";
import { findNode } from "../fields/spec";
import { grownRange } from "../plots/ticks";
import { useHue } from "../plots/useHue";
import type { DocEdge } from "../protocol";
import { previewOf, type Preview } from "./preview";

const WIDTH = 272;
const HEIGHT = 64;
const LEFT = 38;
const [TOP, BOTTOM] = [8, 46];

export function Effect({ edge }: { edge: DocEdge }): React.ReactNode {
  const doc = useDocument();
  const catalogue = useCatalogue();
  const preview = useMemo(() => previewOf(doc, catalogue, edge), [doc, catalogue, edge]);
  const hue = useHue(edge.source);
  if (!preview) return null;
  const isInhibitory = findNode(doc, edge.source)?.sign === -1;
  const peak = pretty(trim(preview.potential.peak, 2));
  const summary = `${peak} mV with ${pretty(preview.weight)}`;
  return (
    <section className="nl-sec" aria-label="One spike does this">
      <h4>
        One spike does this
        <span>{summary}</span>
      </h4>
      <Curve preview={preview} hue={hue} dashed={isInhibitory} label={summary} />
    </section>
  );
}

function Curve({ preview, hue, dashed, label }: { preview: Preview; hue: string; dashed: boolean; label: string }): React.ReactNode {
  const { time, change, peak, held } = preview.potential;
  const [low, high] = grownRange(Math.min(0, peak), Math.max(0, peak), [0, 0]);
  const span = high - low || 1;
  const from = time[0]!;
  const to = time[time.length - 1]!;
  const x = (t: number): number => LEFT + ((t - from) / (to - from)) * (WIDTH - LEFT - 4);
  const y = (v: number): number => TOP + ((high - v) / span) * (BOTTOM - TOP);
  const path = Array.from(change, (v, i) => `${i ? "L" : "M"}${x(time[i]!).toFixed(1)} ${y(v).toFixed(1)}`).join("");
  const edgeValue = peak < 0 ? low : high;
  const crosses = preview.threshold !== null && peak >= preview.threshold;
  return (
    <>
      <svg className="nl-effect" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" role="img" aria-label={label}>
        {[...new Set([0, edgeValue])].map((v) => (
          <g key={v}>
            <path className="ax" d={`M${LEFT} ${y(v)}H${WIDTH - 4}`} />
            <text x={LEFT - 6} y={y(v) + 4} textAnchor="end">{pretty(trim(v, 2))}</text>
          </g>
        ))}
        <path d={path} fill="none" stroke={`var(--nl-${hue})`} strokeWidth="1.6" strokeDasharray={dashed ? "4 3" : undefined} strokeLinejoin="round" />
        <text x={x(0)} y={HEIGHT - 2} textAnchor="middle">0</text>
        <text x={WIDTH - 4} y={HEIGHT - 2} textAnchor="end">{`${Math.round(to)} ms`}</text>
      </svg>
      <p className="nl-note">{`mV from ${pretty(trim(held, 3))} mV, alone and without reset.${crosses ? " This crosses the threshold." : ""}`}</p>
    </>
  );
}
