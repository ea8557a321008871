// How fast a run is against life, and what a drawing will cost.

import { count, trim } from "../fields/quantity";
import { useEditor } from "../store";
import { bytesText, manyText } from "./running";

const TICK = 0.66; // where real time stands on the bar
const FULL = 0.75; // of the free memory: from here it is a warning

export function Factor(): React.ReactNode {
  const factor = useEditor((state) => state.run.factor);
  const state = useEditor(({ run, connection }) => (connection === "none" ? "gone" : run.state));
  if (factor === null || !(state === "running" || state === "paused" || state === "stopped")) return null;
  const short = `${trim(factor, 2)}×`;
  const text = `${short} real time`;
  if (state !== "running") return <span className="nl-gauge nl-factor quiet"><span className="words">{`ran at ${short}`}<i> real time</i></span></span>;
  return (
    <span className="nl-gauge nl-factor" title={`Simulated seconds a second: ${text}`}>
      <span className="bar" style={{ width: 44 }} aria-hidden="true">
        <b style={{ width: `${Math.min(100, factor * TICK * 100)}%`, background: "var(--nl-accent)" }} />
        <u style={{ left: `${TICK * 100}%` }} />
      </span>
      <span className="words">{short}<i> real time</i></span>
    </span>
  );
}

export function Cost(): React.ReactNode {
  const estimate = useEditor((state) => state.estimate);
  if (!estimate || estimate.neurons === 0) return null;
  const { synapses, bytes, seconds, free_bytes: free, neurons } = estimate;
  const share = free ? bytes / free : 0;
  const isTight = share > FULL;
  const long = `${count(neurons)} neurons and about ${count(synapses)} synapses need ${bytesText(bytes)}${free ? ` of ${bytesText(free)} free` : ""}; building takes about ${Math.max(1, Math.round(seconds))} s`;
  return (
    <span className={`nl-gauge nl-cost${isTight ? " tight" : ""}`} role="img" aria-label={long} title={long}>
      <span className="bar" style={{ width: 36 }}>
        <b style={{ width: `${Math.max(4, Math.min(100, share * 100))}%` }} />
        {isTight && <u style={{ left: `${FULL * 100}%` }} />}
      </span>
      <span className="words">
        <span className="long">{`${manyText(synapses)} synapses, `}</span>
        {bytesText(bytes)}
      </span>
    </span>
  );
}
