// Everything that can be added: dragged, clicked, or by its key. Collapsed it is a rail of shapes.

import { useEffect, useRef, useState } from "react";
import { Soma } from "../canvas/Soma";
import { Icon } from "../icons";
import { useEditor } from "../store";
import { entries, find, grouped, type Entry } from "./entries";
import "./palette.css";

export const MIME = "application/x-neuroloom-kind";

export interface PaletteProps {
  rail: boolean;
  /** Counts up when the search is asked for. */
  search: number;
  onAdd(entry: Entry): void;
  onExpand(): void;
}

export function Palette({ rail, search, onAdd, onExpand }: PaletteProps): React.ReactNode {
  const catalogue = useEditor((state) => state.catalogue);
  const isLocked = useEditor((state) => state.readOnly);
  const [words, setWords] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (search > 0 && !rail) input.current?.focus();
  }, [search, rail]);
  const all = entries(catalogue);
  const found = find(all, words);
  if (rail) {
    return (
      <nav className="nl-rail" aria-label="Palette, collapsed">
        <button type="button" className="nl-btn icon" aria-label="Find a model" title="Find a model (/)" onClick={onExpand}>
          <Icon name="search" />
        </button>
        {grouped(found).map(([group, list]) => (
          <div key={group} role="group" aria-label={group}>
            {list.map((entry) => (
              <Item key={entry.id} entry={entry} rail disabled={isLocked} onAdd={onAdd} />
            ))}
          </div>
        ))}
      </nav>
    );
  }
  return (
    <nav className="nl-palette" aria-label="Palette">
      <label className="search">
        <Icon name="search" size={14} />
        <input
          ref={input} type="search" placeholder="Find a model" aria-label="Find a model" value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && found[0] && !event.shiftKey && !event.ctrlKey) {
              event.preventDefault();
              onAdd(found[0]);
              setWords("");
            } else if (event.key === "Escape" && words) {
              event.stopPropagation();
              setWords("");
            }
          }}
        />
        {!words && <kbd>/</kbd>}
      </label>
      {grouped(found).map(([group, list]) => (
        <section key={group} aria-label={group}>
          <h4>{group}</h4>
          {list.map((entry) => (
            <Item key={`${group} ${entry.id}`} entry={entry} disabled={isLocked} onAdd={onAdd} />
          ))}
        </section>
      ))}
      {found.length === 0 && <p className="quiet">{all.length ? `No model is called ${words}.` : "No models are here yet."}</p>}
    </nav>
  );
}

interface ItemProps {
  entry: Entry;
  rail?: boolean;
  disabled: boolean;
  onAdd(entry: Entry): void;
}

function Item({ entry, rail = false, disabled, onAdd }: ItemProps): React.ReactNode {
  const tip = `${entry.help || entry.label}${entry.hotkey ? ` (${entry.hotkey})` : ""}. Drag to the canvas, or click to add.`;
  return (
    <button
      type="button" className={rail ? "nl-btn icon" : "item"} aria-label={entry.label} title={tip} disabled={disabled} draggable={!disabled}
      onClick={() => onAdd(entry)}
      onDragStart={(event) => {
        event.stopPropagation();
        event.dataTransfer.setData(MIME, JSON.stringify({ id: entry.id, model: entry.model }));
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <Soma shape={entry.shape} sign={entry.sign ?? 0} glyph={entry.glyph} diameter={rail ? 24 : 22} hue={entry.hue} stroke={3.5} />
      {!rail && <span>{entry.label}</span>}
      {!rail && entry.hotkey && <kbd aria-hidden="true">{entry.hotkey}</kbd>}
    </button>
  );
}

/** The entry that a drag from the palette carries. */
export function dragged(data: DataTransfer, list: readonly Entry[]): Entry | undefined {
  const text = data.getData(MIME);
  if (!text) return undefined;
  const { id, model } = JSON.parse(text) as { id: string; model: boolean };
  return list.find((entry) => entry.id === id && entry.model === model);
}
