// What stands over the canvas because it must not be missed: no kernel, edits that came back, or a run that stopped itself.

import { useState } from "react";
import { headline } from "../fields/sentence";
import { Icon } from "../icons";
import { NO_KERNEL } from "../session";
import { useActions, useEditor } from "../store";

export function Notices(): React.ReactNode {
  return (
    <div className="nl-notices">
      <NoKernel />
      <Reopened />
      <Stopped />
    </div>
  );
}

function NoKernel(): React.ReactNode {
  const isGone = useEditor((state) => state.connection === "none");
  if (!isGone) return null;
  return (
    <div className="nl-notice" role="alert">
      <Icon name="error" />
      <p>
        <b>No kernel.</b>
        {NO_KERNEL.slice("No kernel.".length)}
      </p>
    </div>
  );
}

/** What a cell that ran again did with the edits before: told until it is read. */
function Reopened(): React.ReactNode {
  const text = useEditor((state) => state.problems.find((problem) => problem.code === "reopened")?.text ?? null);
  const isGone = useEditor((state) => state.connection === "none");
  const [read, setRead] = useState<string | null>(null);
  if (text === null || text === read || isGone) return null;
  const [head, rest] = headline(text);
  return (
    <div className="nl-notice good" role="status">
      <Icon name="info" />
      <p>
        <b>{head}</b>
        {rest && ` ${rest}`}
      </p>
      <button type="button" className="nl-btn sm line" onClick={() => setRead(text)}>
        Got it
      </button>
    </div>
  );
}

/** Why a run ended, with what would help; the run cannot go on as it is. */
function Stopped(): React.ReactNode {
  const problem = useEditor((state) => (state.run.state === "failed" ? state.run.problem : null));
  const text = useEditor((state) => (state.run.state === "failed" ? state.run.text : null));
  const { perform, reveal } = useActions();
  if (!problem && !text) return null;
  const [head, rest] = headline(problem?.text ?? text ?? "");
  return (
    <div className="nl-notice" role="alert">
      <Icon name="error" />
      <p>
        <b>{head}</b>
        {rest && ` ${rest}`}
      </p>
      {problem?.fixes.map((fix) => (
        <button key={fix.label} type="button" className="nl-btn sm line" onClick={() => void perform(fix.ops, { label: fix.label })}>
          {fix.label}
        </button>
      ))}
      {problem?.element && (
        <button type="button" className="nl-btn sm" onClick={() => reveal(problem.element!, problem.field)}>
          Show where
        </button>
      )}
    </div>
  );
}
