// One list for everything that can be said in a word: commands, models, nodes.

import { useMemo, useState } from "react";
import { Soma } from "../canvas/Soma";
import { entries } from "../palette/entries";
import { titleOf } from "../document";
import { useActions, useEditor } from "../store";
import { printed } from "./keys";
import { PanelBox } from "./PanelBox";
import { useReach } from "./useReach";
import { useShell } from "./useShell";

interface Line {
  id: string;
  label: string;
  group: string;
  keys?: string;
  note?: string;
  icon?: React.ReactNode;
  pick(): void;
}

const SHOWN = 60; // more lines help nobody: they say so and wait for words

function List({ label, placeholder, lines, none }: { label: string; placeholder: string; lines: Line[]; none: string }): React.ReactNode {
  const { close } = useShell();
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => search(lines, words), [lines, words]);
  const shown = found.slice(0, SHOWN);
  const pick = (line: Line | undefined): void => {
    if (!line) return;
    close();
    line.pick();
  };
  return (
    <PanelBox label={label} centered className="nl-list">
      <input
        data-first="" className="nl-text" type="text" role="combobox" aria-label={label} aria-expanded="true" aria-controls="nl-lines" placeholder={placeholder} spellCheck={false}
        autoComplete="off" value={words} aria-activedescendant={shown[at] ? `nl-line-${at}` : undefined}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step !== undefined && shown.length) {
            event.preventDefault();
            const next = (at + step + shown.length) % shown.length;
            setAt(next);
            event.currentTarget.parentElement?.querySelector(`#nl-line-${next}`)?.scrollIntoView({ block: "nearest" });
          } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) {
            event.preventDefault();
            pick(shown[at]);
          }
        }}
      />
      <div id="nl-lines" role="listbox" aria-label={label} className="lines">
        {shown.map((line, i) => (
          <div key={line.id}>
            {line.group !== shown[i - 1]?.group && <h4 role="presentation">{line.group}</h4>}
            <div
              id={`nl-line-${i}`} role="option" aria-selected={i === at} className={`nl-item${i === at ? " on" : ""}`}
              onPointerMove={() => setAt(i)} onMouseDown={(event) => event.preventDefault()} onClick={() => pick(line)}
            >
              {line.icon}
              <span className="grow">
                {line.label}
                {line.note && <small>{line.note}</small>}
              </span>
              {line.keys && <kbd aria-hidden="true">{line.keys}</kbd>}
            </div>
          </div>
        ))}
        {shown.length === 0 && <p className="quiet">{none}</p>}
        {found.length > SHOWN && <p className="quiet">{`${found.length - SHOWN} more: write a word to narrow them down.`}</p>}
      </div>
    </PanelBox>
  );
}

/** Lines that hold all of the words; those that begin with them come first in their group. */
function search(lines: Line[], words: string): Line[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return lines;
  const text = (line: Line): string => `${line.label} ${line.group} ${line.note ?? ""}`.toLocaleLowerCase();
  const found = lines.filter((line) => wanted.every((word) => text(line).includes(word)));
  const rank = (line: Line): number => (line.label.toLocaleLowerCase().startsWith(wanted[0]!) ? 0 : line.label.toLocaleLowerCase().includes(wanted[0]!) ? 1 : 2);
  return found.map((line) => [rank(line), line] as const).sort(([a], [b]) => a - b).map(([, line]) => line);
}

export function CommandList(): React.ReactNode {
  const { commands } = useShell();
  const [lines] = useState(() =>
    commands().filter(({ id, enabled }) => enabled && id !== "commands").map((command): Line => ({
      id: command.id, label: command.label, group: command.group, keys: command.chords[0] && printed(command.chords[0]), pick: command.run,
    })),
  );
  return <List label="Any command" placeholder="What do you want to do?" lines={lines} none="There is no such command." />;
}

export function AddList(): React.ReactNode {
  const catalogue = useEditor((state) => state.catalogue);
  const { canvas } = useReach();
  const lines = useMemo(
    () => entries(catalogue).map((entry): Line => ({
      id: `${entry.model} ${entry.id}`, label: entry.label, group: entry.group, keys: entry.hotkey, note: entry.help,
      icon: <Soma shape={entry.shape} sign={entry.sign ?? 0} glyph={entry.glyph} diameter={22} hue={entry.hue} stroke={3.5} />,
      pick: () => canvas()?.add(entry),
    })),
    [catalogue, canvas],
  );
  return <List label="Add by name" placeholder="LIF, Poisson, voltage…" lines={lines} none="No model is called so." />;
}

export function FindList(): React.ReactNode {
  const doc = useEditor((state) => state.document);
  const { select } = useActions();
  const { canvas } = useReach();
  const lines = useMemo(() => {
    const go = (id: string) => (): void => {
      select([id]);
      canvas()?.center(id);
      requestAnimationFrame(() => canvas()?.focus(id));
    };
    return [
      ...doc.nodes.map((node): Line => ({ id: node.id, label: node.label, group: "Nodes", note: node.kind, pick: go(node.id) })),
      ...doc.edges.map((edge): Line => ({ id: edge.id, label: titleOf(doc, edge.id), group: "Projections", pick: go(edge.id) })),
    ];
  }, [doc, select, canvas]);
  return <List label="Find a node" placeholder="Name of a node or projection" lines={lines} none="Nothing is called so." />;
}
