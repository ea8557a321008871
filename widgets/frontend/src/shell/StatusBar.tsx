// The last line: what is wrong, how much there is, and what the keys do here.

import { useState } from "react";
import { count, prettyUnit, shown } from "../fields/quantity";
import { SeverityIcon } from "../fields/parts";
import { hasActivity, isRunning, useActions, useEditor, useRead } from "../store";
import { togglePane } from "./commands";
import { useReach } from "./useReach";
import { useShell } from "./useShell";

const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

export function StatusBar(): React.ReactNode {
  const nodes = useEditor((state) => state.document.nodes.length);
  const edges = useEditor((state) => state.document.edges.length);
  const precision = useEditor((state) => state.document.precision);
  const dt = useEditor((state) => String(state.document.dt));
  const leftOut = useEditor((state) => state.run.left_out);
  const isActive = useEditor(hasActivity);
  const reach = useReach();
  const parts = shown(dt, "ms");
  const settings = (field: string): void => {
    reach.actions.select([]);
    togglePane(reach, "inspector", true);
    reach.focusField(field);
  };
  return (
    <footer className="nl-status" aria-label="Status" data-pane="status">
      <Counts />
      <span>{`${plural(nodes, "node")}, ${plural(edges, "projection")}`}</span>
      <button type="button" className="nl-fact" title="Time step: change it" onClick={() => settings("graph.dt")}>
        {`dt ${parts.number} ${prettyUnit(parts.unit)}`}
      </button>
      <Seed />
      <button type="button" className="nl-fact" title="Precision: change it" onClick={() => settings("graph.precision")}>
        {`float${precision}`}
      </button>
      {isActive && <span title="Spikes that were not drawn because there were too many at once">{`${count(leftOut)} spikes left out`}</span>}
      <span className="sp" />
      <Hints />
    </footer>
  );
}

function Counts(): React.ReactNode {
  const problems = useEditor((state) => state.problems);
  const actions = useActions();
  const read = useRead();
  const { plan } = useShell();
  const kinds = [["error", "err"], ["warning", "warn"], ["note", "note"]] as const;
  const shownKinds = kinds.flatMap(([severity, style]) => {
    const n = problems.filter((problem) => problem.severity === severity).length;
    return n ? [{ severity, style, n }] : [];
  });
  if (shownKinds.length === 0) return null;
  return (
    <button type="button" className="nl-fact" title="Show what is wrong" onClick={() => togglePane({ read, actions, mode: () => plan.mode }, "problems")}>
      {shownKinds.map(({ severity, style, n }) => (
        <span key={severity} className={`nl-count ${style}`}>
          <SeverityIcon of={severity} size={13} />
          {plural(n, severity)}
        </span>
      ))}
    </button>
  );
}

/** The seed, written where it stands. */
function Seed(): React.ReactNode {
  const seed = useEditor((state) => String(state.document.seed));
  const isLocked = useEditor((state) => state.readOnly);
  const { edit } = useActions();
  const [typed, setTyped] = useState<string | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const text = typed ?? seed;
  const commit = async (): Promise<void> => {
    if (typed === null || typed.trim() === seed) return setTyped(null);
    const value = /^\d+$/.test(typed.trim()) ? Number(typed) : typed;
    const problems = await edit([{ op: "set", element: null, field: "graph.seed", value }], { label: "Change seed" });
    setWhy(problems[0]?.text ?? null);
    if (problems.length === 0) setTyped(null);
  };
  return (
    <label className={`nl-seed${why ? " bad" : ""}`} title={why ?? "The same seed gives the same wiring, noise and spikes"}>
      seed
      <input
        type="text" inputMode="numeric" aria-label="Seed" spellCheck={false} autoComplete="off" value={text} readOnly={isLocked} aria-invalid={why !== null || undefined}
        data-dirty={typed !== null || undefined} style={{ width: `${Math.max(2, text.length) + 1}ch` }}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => void commit()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) void commit();
          else if (event.key === "Escape" && typed !== null) {
            event.stopPropagation();
            setTyped(null);
            setWhy(null);
          }
        }}
      />
    </label>
  );
}

/** The four keys that help most at the moment. */
function Hints(): React.ReactNode {
  const isEmpty = useEditor((state) => state.document.nodes.length === 0);
  const isRun = useEditor(isRunning);
  const isActive = useEditor(hasActivity);
  const hasSelection = useEditor((state) => state.selection.length > 0);
  const hints = isEmpty
    ? [["A", "add"], ["/", "find"], ["?", "all keys"], ["Esc", "back to notebook"]]
    : hasSelection && !isRun
      ? [["⏎", "parameters"], ["C", "connect"], ["Del", "delete"], ["?", "all keys"]]
      : [["Space", isRun ? "pause" : isActive ? "resume" : "run"], [".", "step"], ["Ctrl K", "any command"], ["?", "all keys"]];
  return hints.map(([key, words]) => (
    <span key={key} className="hint" aria-hidden="true">
      <kbd>{key}</kbd>
      {words}
    </span>
  ));
}
