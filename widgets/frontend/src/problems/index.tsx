// Everything that stands in the way of a run, or that should be looked at.

import { useEdit, useProblems, useReadOnly, useReveal, useSilence, useTitle } from "../fields/link";
import { SeverityIcon } from "../fields/parts";
import { headline } from "../fields/sentence";
import { Icon } from "../icons";
import type { Problem } from "../protocol";
import { useReach } from "../shell/useReach";
import { useActions } from "../store";
import { sorted } from "./order";
import "./problems.css";

const COUNTED = [["error", "err"], ["warning", "warn"], ["note", "note"]] as const;

export function Problems(): React.ReactNode {
  const problems = sorted(useProblems());
  const { setPanes } = useActions();
  const isBlocked = problems.some((problem) => problem.severity === "error");
  return (
    <section className="nl-panel nl-problems" aria-label="Problems">
      <div className="nl-phead">
        Problems
        {COUNTED.map(([severity, style]) => {
          const n = problems.filter((problem) => problem.severity === severity).length;
          return n > 0 && (
            <span key={severity} className={`nl-count ${style}`} title={`${n} of kind ${severity}`}>
              <SeverityIcon of={severity} size={14} />
              {n}
            </span>
          );
        })}
        <span className="sp" />
        <span className="quiet">{isBlocked ? "Run waits for the errors" : "Run is allowed"}</span>
        <button type="button" className="nl-btn icon sm" aria-label="Close the list" title="Close" onClick={() => setPanes({ problems: false })}>
          <Icon name="close" />
        </button>
      </div>
      {problems.length === 0 ? (
        <p className="nothing">Nothing is wrong with this drawing.</p>
      ) : (
        <ul>
          {problems.map((problem, i) => (
            <Row key={`${problem.code}/${problem.element}/${problem.field}/${i}`} problem={problem} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ problem }: { problem: Problem }): React.ReactNode {
  const edit = useEdit();
  const reveal = useReveal();
  const silence = useSilence();
  const isReadOnly = useReadOnly();
  const title = useTitle(problem.element);
  const [head, rest] = headline(problem.text);
  const { focusField } = useReach();
  const { setPanes } = useActions();
  const showSetting = (field: string): void => {
    setPanes({ inspector: true });
    focusField(field);
  };
  const canSilence = problem.severity === "warning" && !isReadOnly;
  return (
    <li className="nl-prob">
      <span className={problem.severity}>
        <SeverityIcon of={problem.severity} />
        <span className="nl-hidden">{problem.severity}</span>
      </span>
      <span className="w">{head}</span>
      {problem.element !== null ? (
        <button type="button" className="go" aria-label={`Show ${title}`} onClick={() => reveal(problem.element!, problem.field)}>
          Show
        </button>
      ) : problem.field?.startsWith("graph.") ? (
        <button type="button" className="go" aria-label="Show the setting" onClick={() => showSetting(problem.field!)}>
          Show
        </button>
      ) : (
        <span />
      )}
      {rest && <span className="d">{rest}</span>}
      {(problem.fixes.length > 0 || canSilence) && (
        <span className="d fix">
          {problem.fixes.map((fix) => (
            <button
              key={fix.label} type="button" className="nl-btn sm line" disabled={isReadOnly}
              onClick={() => void edit(fix.ops, { label: fix.label })}
            >
              {fix.label}
            </button>
          ))}
          {canSilence && (
            <button type="button" className="nl-btn sm" onClick={() => silence(problem.element, problem.code)}>
              It is intended
            </button>
          )}
        </span>
      )}
    </li>
  );
}
