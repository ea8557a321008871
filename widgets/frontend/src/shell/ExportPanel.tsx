// The Python of the drawing: copied, downloaded, or written beside the notebook.

import { useState } from "react";
import { Icon, type IconName } from "../icons";
import { useActions, useEditor } from "../store";
import { fileName, Reasons } from "./FilePanels";
import { PanelBox } from "./PanelBox";
import type { Problem } from "../protocol";

export function ExportPanel(): React.ReactNode {
  const code = useEditor((state) => state.code);
  const name = useEditor((state) => state.document.name);
  const isLive = useEditor((state) => state.connection === "live");
  const { file } = useActions();
  const [path, setPath] = useState(() => fileName(name, ".py"));
  const [done, setDone] = useState<string | null>(null);
  const [problems, setProblems] = useState<Problem[]>([]);
  const isEmpty = code.text.trim() === "";
  const say = (text: string): void => {
    setProblems([]);
    setDone(text);
  };
  const copy = (): void => {
    // without https the clipboard is missing altogether
    const written = navigator.clipboard?.writeText(code.text) ?? Promise.reject(new Error("no clipboard"));
    written.then(() => say("Copied."), () => say("The browser keeps its clipboard closed. Open Code, select all, and copy there."));
  };
  const write = async (): Promise<void> => {
    const answer = await file("export", path.trim());
    if (answer.problems?.length) {
      setDone(null);
      setProblems(answer.problems);
    } else say(`Written to ${answer.path ?? path}.`);
  };
  return (
    <PanelBox label="Export" className="nl-export">
      <div className="nl-form">
        <b>Python of this drawing</b>
        <span className="quiet">{isEmpty ? "There is no Python yet: the drawing is empty, or has errors." : "One file that runs by itself, with the same spikes as here."}</span>
        {!code.in_step && <span className="warn">{code.why ?? "It is not in step with the drawing."}</span>}
        <div className="row">
          <Act icon="copy" words="Copy Python" disabled={isEmpty} onClick={copy} first />
          <Act
            icon="export" words="Download Python" disabled={isEmpty}
            onClick={() => {
              download(code.text, fileName(name, ".py"));
              say("Downloaded.");
            }}
          />
        </div>
        <label htmlFor="nl-export-path">Write to a file beside the notebook</label>
        <div className="row">
          <input
            id="nl-export-path" className="nl-text wide" type="text" aria-label="Path of the Python file" spellCheck={false} autoComplete="off" value={path}
            onChange={(event) => setPath(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && isLive) void write();
            }}
          />
          <Act icon="ok" words="Write file" disabled={!isLive || isEmpty || !path.trim()} onClick={() => void write()} />
        </div>
        <span role="status" aria-live="polite">{done}</span>
        <Reasons problems={problems} />
      </div>
    </PanelBox>
  );
}

function Act({ icon, words, disabled, first, onClick }: { icon: IconName; words: string; disabled: boolean; first?: boolean; onClick(): void }): React.ReactNode {
  return (
    <button type="button" className="nl-btn line" data-first={first ? "" : undefined} disabled={disabled} onClick={onClick}>
      <Icon name={icon} size={14} />
      {words}
    </button>
  );
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/x-python" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
