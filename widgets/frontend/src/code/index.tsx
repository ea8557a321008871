// The Python that the drawing means: generated, read only, in the order of the drawing.

import { useEffect, useMemo, useRef, useState } from "react";
import { useCode, useRevision, useSelect, useSelection, useTitle } from "../fields/link";
import { Icon } from "../icons";
import { owner, type CodeMap } from "./map";
import { tokenize } from "./tokens";
import "./code.css";

export function CodePane(): React.ReactNode {
  const code = useCode();
  const revision = useRevision();
  const selection = useSelection();
  const select = useSelect();
  const lines = useMemo(() => tokenize(code.text), [code.text]);
  const marked = useMemo(() => linesOf(code.map, selection), [code.map, selection]);
  const list = useRef<HTMLDivElement>(null);
  const first = marked.size ? Math.min(...marked) : null;
  const clicked = useRef(false); // a line that was clicked is in view already
  useEffect(() => {
    if (first !== null && !clicked.current) reveal(list.current, first);
    clicked.current = false;
  }, [first, selection]);
  const choose = (number: number): void => {
    const id = owner(code.map, number);
    if (id === null) return;
    clicked.current = true;
    select([id]);
  };
  return (
    <section className="nl-panel nl-codepane" aria-label="Generated Python">
      <div className="nl-phead">
        Python
        {code.in_step ? (
          <span className="quiet">
            <Icon name="ok" size={14} />
            in step with the drawing
          </span>
        ) : (
          <span className="quiet warn" title={code.why ?? undefined}>
            <Icon name="warning" size={14} />
            {code.why ?? "not in step with the drawing"}
          </span>
        )}
        <span className="sp" />
        <Copy text={code.text} />
      </div>
      <div className="nl-code" ref={list} tabIndex={0} role="region" aria-label="Python source, read only">
        {lines.map((tokens, i) => {
          const id = owner(code.map, i + 1);
          return (
            // lines have no identity but their number
            <div key={i} className={`${marked.has(i + 1) ? "hl" : ""}${id ? " own" : ""}`} onClick={id ? () => choose(i + 1) : undefined}>
              <i aria-hidden="true">{i + 1}</i>
              <span>
                {tokens.map((token, k) => (token.kind === "plain" ? token.text : <span key={k} className={token.kind}>{token.text}</span>))}
              </span>
            </div>
          );
        })}
      </div>
      <div className="nl-codefoot">
        <Caption ids={selection} map={code.map} />
        <span className="sp" />
        <span className="quiet">revision {revision}</span>
      </div>
    </section>
  );
}

function Caption({ ids, map }: { ids: string[]; map: CodeMap }): React.ReactNode {
  const title = useTitle(ids.length === 1 ? ids[0]! : null);
  if (ids.length === 0) return <span className="quiet">Click a line to select what it draws.</span>;
  const isDrawn = ids.some((id) => map[id]);
  if (ids.length > 1) return <span>{ids.length} selected.</span>;
  return <span>{isDrawn ? `${title} is drawn by the marked lines.` : `${title} has no line of its own.`}</span>;
}

function Copy({ text }: { text: string }): React.ReactNode {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 1600);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    // without https the clipboard is missing altogether
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    written.then(() => setState("done"), () => setState("failed"));
  };
  const words = { idle: "Copy", done: "Copied", failed: "Select and press Ctrl C" }[state];
  return (
    <button type="button" className="nl-btn sm" onClick={copy} aria-live="polite">
      <Icon name={state === "done" ? "ok" : "copy"} size={14} />
      {words}
    </button>
  );
}

function linesOf(map: CodeMap, ids: string[]): Set<number> {
  const lines = new Set<number>();
  for (const id of ids) {
    const range = map[id];
    if (range) for (let line = range[0]; line <= range[1]; line++) lines.add(line);
  }
  return lines;
}

/** Scroll the list, never the notebook around it. */
function reveal(list: HTMLElement | null, line: number): void {
  const row = list?.children[line - 1] as HTMLElement | undefined;
  if (!list || !row) return;
  const top = row.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 3;
  }
}
