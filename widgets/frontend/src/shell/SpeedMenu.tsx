// How fast, how far, and one step at a time.

import { useState } from "react";
import { parseQuantity, convert } from "../fields/quantity";
import { useActions, useEditor } from "../store";
import { Item, PanelBox } from "./PanelBox";
import { canStep, speedText, SPEEDS } from "./running";
import { useShell } from "./useShell";

export function SpeedMenu(): React.ReactNode {
  const speed = useEditor((state) => state.run.speed);
  const mayStep = useEditor(canStep);
  const actions = useActions();
  return (
    <PanelBox label="Speed" role="menu">
      <h4>Speed, as a share of real time</h4>
      {SPEEDS.map((each) => (
        <Item
          key={String(each)} label={speedText(each)} note={each === null ? "As fast as it goes" : undefined} checked={each === speed}
          onPick={() => actions.run("speed", each)}
        />
      ))}
      <hr />
      <Item label="Step one dt" keys="." disabled={!mayStep} onPick={() => actions.run("step")} />
      <For disabled={!mayStep} />
    </PanelBox>
  );
}

/** Go on for a set time, then stop. */
function For({ disabled }: { disabled: boolean }): React.ReactNode {
  const [text, setText] = useState("1 s");
  const [isBad, setBad] = useState(false);
  const actions = useActions();
  const { close } = useShell();
  const start = (): void => {
    const quantity = parseQuantity(text);
    const time = quantity && (quantity.unit === "" ? quantity.value : convert(quantity, "s"));
    if (!time || time <= 0) return setBad(true);
    close();
    actions.run("run-for", time);
  };
  return (
    <div className="nl-form">
      <label className="row">
        Go on for
        <input
          className="nl-text" type="text" aria-label="Time to go on for" value={text} aria-invalid={isBad || undefined} spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setBad(false);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) start();
          }}
        />
        <button type="button" className="nl-btn line" disabled={disabled} onClick={start}>
          Go
        </button>
      </label>
      {isBad && <span className="error" role="alert">Write a time, such as 500 ms or 2 s.</span>}
    </div>
  );
}
