// All keys, on one sheet.

import { Icon } from "../icons";
import { GROUPS } from "./commands";
import { printed } from "./keys";
import { PanelBox } from "./PanelBox";
import { useShell } from "./useShell";

const MOVES = [
  ["↑ ↓ ← →", "Walk from node to node"], ["[ ]", "Walk along the projections of a node"], ["Alt arrows", "Move the selection by 10 px"],
  ["Shift drag", "Select with a box"], ["Ctrl wheel", "Zoom"], ["Esc", "Step out: menu, field, selection, canvas, notebook"],
] as const;
const SLIDER = [
  ["← →", "One step; with Shift ten"], ["Page ↑ ↓", "A tenth of the range"], ["Home End", "Ends of the range"], ["⏎", "Write a value"], ["⌫", "Back to the default"],
] as const;

export function KeysSheet(): React.ReactNode {
  const { commands, close } = useShell();
  const all = commands();
  return (
    <PanelBox label="All keys" centered className="nl-keys">
      <div className="head">
        <b>All keys</b>
        <span className="quiet">They act while the focus is in the editor; letters do nothing in a field.</span>
        <span className="sp" />
        <button type="button" className="nl-btn icon sm" aria-label="Close the keys" onClick={() => close()}>
          <Icon name="close" />
        </button>
      </div>
      <div className="columns">
        {GROUPS.map((group) => {
          const lines = all.filter((command) => command.group === group && command.chords.length > 0);
          return lines.length > 0 && <Keys key={group} title={group} lines={lines.map(({ chords, label }) => [printed(chords[0]!), label.replace(/: .*/, "")])} />;
        })}
        <Keys title="Move about" lines={MOVES} />
        <Keys title="On a slider" lines={SLIDER} />
      </div>
    </PanelBox>
  );
}

function Keys({ title, lines }: { title: string; lines: readonly (readonly [string, string])[] }): React.ReactNode {
  return (
    <section aria-label={title}>
      <h4>{title}</h4>
      {lines.map(([keys, words]) => (
        <div key={keys + words} className="key">
          <kbd>{keys}</kbd>
          <span>{words}</span>
        </div>
      ))}
    </section>
  );
}
