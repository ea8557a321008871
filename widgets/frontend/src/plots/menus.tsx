// Menus of the plots: which neurons, which panels, and pictures to keep.

import { useEffect, useRef, useState } from "react";
import { count } from "../fields/quantity";
import { Icon } from "../icons";
import { titleOf } from "./Labels";
import type { Scene } from "./scene";
import { traceTitle } from "./scene";
import type { Stage } from "./stage";

interface MenuProps {
  label: string;
  face: React.ReactNode;
  icon?: boolean;
  disabled?: boolean;
  children(close: () => void): React.ReactNode;
}

/** A button with a small pane under it; Escape and a click elsewhere close it. */
function Menu({ label, face, icon = false, disabled = false, children }: MenuProps): React.ReactNode {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    box.current?.querySelector<HTMLElement>(".nl-pop button, .nl-pop input")?.focus();
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away, true);
    return () => document.removeEventListener("pointerdown", away, true);
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <span
      ref={box} className="nl-menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        ref={button} type="button" className={`nl-btn sm${icon ? " icon" : ""}`} aria-label={icon ? label : undefined} title={label}
        aria-haspopup="true" aria-expanded={isOpen} disabled={disabled} onClick={() => setOpen(!isOpen)}
      >
        {face}
      </button>
      {isOpen && (
        <div className="nl-pop" role="group" aria-label={label}>
          {children(close)}
        </div>
      )}
    </span>
  );
}

const CHOICES: [number | null, string][] = [
  [null, "As many as can be read"],
  [50, "About 50"],
  [200, "About 200"],
  [500, "About 500"],
  [2000, "About 2\u2009000"],
];

export function RowMenu(
  { stage, scene, rows, onRows }: { stage: Stage | null; scene: Scene | null; rows: number | null; onRows(rows: number | null): void },
): React.ReactNode {
  const shown = scene?.bands.reduce((sum, band) => sum + band.rows, 0) ?? 0;
  const all = scene?.bands.reduce((sum, band) => sum + (stage?.activity.rows.get(band.id)?.n ?? 0), 0) ?? 0;
  if (!scene?.bands.length || !stage) return null;
  const face = (
    <>
      {`${count(shown)} of ${count(all)} neurons`}
      <Icon name="down" size={12} />
    </>
  );
  return (
    <Menu label="Choose which neurons are drawn" face={face}>
      {(close) => (
        <>
          {CHOICES.map(([value, text]) => (
            <label key={text}>
              <input
                type="radio" name="rows" checked={rows === value}
                onChange={() => {
                  onRows(value);
                  close();
                }}
              />
              {text}
            </label>
          ))}
          <p className="nl-note">
            {`Rates count every neuron. ${count(stage.activity.leftOut)} spikes of the drawn neurons were left out.`}
          </p>
        </>
      )}
    </Menu>
  );
}

export function PanelMenu(
  { scene, hidden, onShow, onHide }: { scene: Scene | null; hidden: ReadonlySet<string>; onShow(key: string): void; onHide(key: string): void },
): React.ReactNode {
  const shown = scene?.geometry.panels.map((panel) => [panel.key, titleOf(panel)] as const) ?? [];
  const gone = [...hidden].map((key) => [key, titles[key] ?? traceTitle(key.replace(/^trace:/, ""))] as const);
  return (
    <Menu label="Choose panels" face={<Icon name="plus" />} icon>
      {() =>
        [...shown, ...gone].map(([key, title]) => (
          <label key={key}>
            <input type="checkbox" checked={!hidden.has(key)} onChange={(event) => (event.target.checked ? onShow(key) : onHide(key))} />
            {title}
          </label>
        ))
      }
    </Menu>
  );
}

const titles: Record<string, string> = { input: "Input", spikes: "Spikes", rate: "Rate" };

export function DownloadMenu({ stage, name, disabled }: { stage: Stage | null; name: string; disabled: boolean }): React.ReactNode {
  const [failure, setFailure] = useState<string | null>(null);
  const save = (format: "png" | "svg", close: () => void): void => {
    setFailure(null);
    stage?.picture(format).then(
      (url) => {
        const link = document.createElement("a");
        link.href = url;
        link.download = `${name.replace(/[^\p{L}\p{N} _-]/gu, "_") || "activity"}.${format}`;
        link.click();
        close();
      },
      (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <Menu label="Download a picture" face={<Icon name="export" />} icon disabled={disabled}>
      {(close) => (
        <>
          <button type="button" className="item" onClick={() => save("png", close)}>PNG picture</button>
          <button type="button" className="item" onClick={() => save("svg", close)}>SVG drawing</button>
          {failure && <p className="nl-note error" role="alert">{failure}</p>}
        </>
      )}
    </Menu>
  );
}
