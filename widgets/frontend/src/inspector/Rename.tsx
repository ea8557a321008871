import { useState } from "react";
import { useEdit, useReadOnly } from "../fields/link";

/** A name that is edited where it stands. */
export function Rename({ element, value, label }: { element: string | null; value: string; label: string }): React.ReactNode {
  const edit = useEdit();
  const isReadOnly = useReadOnly();
  const [typed, setTyped] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const commit = async (): Promise<void> => {
    const next = typed?.trim();
    if (!next || next === value) {
      setTyped(null);
      setRefused(null);
      return;
    }
    const field = element === null ? "graph.name" : "label";
    const problems = await edit([{ op: "set", element, field, value: next }], { label: `Rename ${value}` });
    setRefused(problems[0]?.text ?? null);
    if (problems.length === 0) setTyped(null);
  };
  return (
    <span className="rename">
      <input
        type="text" aria-label={label} title="Rename (F2)" spellCheck={false} readOnly={isReadOnly} value={typed ?? value}
        aria-invalid={refused !== null || undefined} data-rename={element ?? ""}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => void commit()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) event.currentTarget.blur();
          else if (event.key === "Escape" && typed !== null) {
            event.stopPropagation();
            setTyped(null);
            setRefused(null);
          }
        }}
      />
      {refused !== null && <span className="nl-note error" role="alert">{refused}</span>}
    </span>
  );
}
