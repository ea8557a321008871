// Four steps from a drawing to a running network; the canvas stays editable meanwhile.

import { useEffect, useState } from "react";
import { Icon } from "../icons";
import { useActions, useEditor } from "../store";

const STEPS = ["Check", "Wire", "Compile", "First step"] as const;
const DONE = ["Checked", "Wired", "Compiled", "Started"] as const;

export function Building(): React.ReactNode {
  const isBuilding = useEditor((state) => state.run.state === "building");
  return isBuilding && <Card />;
}

function Card(): React.ReactNode {
  const progress = useEditor((state) => state.run.progress);
  const actions = useActions();
  const [since] = useState(() => performance.now());
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(timer);
  }, []);
  const step = progress?.step ?? 1;
  const share = Math.max(0, Math.min(1, progress?.fraction ?? 0));
  return (
    <section className="nl-building" aria-label="Building">
      <div className="head">
        <b>Building</b>
        <span className="quiet">later slider moves need no rebuild</span>
        <span className="sp" />
        <span>{`${((now - since) / 1000).toFixed(1)} s`}</span>
        <button type="button" className="nl-btn sm line" onClick={() => actions.run("cancel")}>
          Stop building
        </button>
      </div>
      <div className="nl-prog" role="progressbar" aria-label="Building" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-valuetext={progress?.text}>
        <b style={{ width: `${Math.max(2, share * 100)}%` }} />
      </div>
      <ol className="steps">
        {STEPS.map((name, i) => (
          <li key={name} className={i + 1 < step ? "done" : i + 1 === step ? "now" : ""} aria-current={i + 1 === step ? "step" : undefined}>
            {i + 1 < step && <Icon name="ok" />}
            {i + 1 < step ? DONE[i] : i + 1 === step ? progress?.text || name : name}
          </li>
        ))}
      </ol>
    </section>
  );
}
