// Why an edit was refused, where it was made, with what would help.

import { Icon } from "../icons";
import { headline } from "../fields/sentence";
import { useActions, useEditor } from "../store";

export function Banner(): React.ReactNode {
  const refusal = useEditor((state) => state.refusal);
  const { perform, dismiss } = useActions();
  if (!refusal) return null;
  const [head, rest] = headline(refusal.text);
  return (
    <div className="nl-banner" role="alert">
      <Icon name="error" />
      <div>
        <b>{head}</b>
        {rest && <p>{rest}</p>}
        <div className="fix">
          {refusal.fixes.map((fix) => (
            <button key={fix.label} type="button" className="nl-btn sm line" onClick={() => void perform(fix.ops, { label: fix.label })}>
              {fix.label}
            </button>
          ))}
          <button type="button" className="nl-btn sm" onClick={dismiss}>
            Dismiss
          </button>
        </div>
      </div>
    </div>
  );
}
