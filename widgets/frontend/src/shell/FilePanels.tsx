// Save asks for a path where there is none; Open lists what the kernel has.

import { useCallback, useEffect, useState } from "react";
import { Icon } from "../icons";
import type { FileCommand, FileEntry, Problem } from "../protocol";
import { useActions, useEditor } from "../store";
import { Item, PanelBox } from "./PanelBox";
import { useShell } from "./useShell";

const SUFFIX = ".loom.json";

/** A file name from the name of a drawing. */
export function fileName(name: string, suffix: string): string {
  const plain = name.normalize("NFKD").replace(/[^\p{L}\p{N} _-]/gu, "").trim().replace(/\s+/g, "_").toLocaleLowerCase();
  return (plain || "network") + suffix;
}

/** A file command under way, and why it was refused. */
export function useFile(onDone: () => void): { problems: Problem[]; isBusy: boolean; start(command: FileCommand, path?: string): Promise<void> } {
  const { file } = useActions();
  const [problems, setProblems] = useState<Problem[]>([]);
  const [isBusy, setBusy] = useState(false);
  const start = async (command: FileCommand, path?: string): Promise<void> => {
    setBusy(true);
    const answer = await file(command, path);
    setBusy(false);
    setProblems(answer.problems ?? []);
    if (!answer.problems?.length) onDone();
  };
  return { problems, isBusy, start };
}

export function Reasons({ problems }: { problems: Problem[] }): React.ReactNode {
  return problems.map((problem, i) => (
    <span key={i} className="error" role="alert">
      {problem.text}
    </span>
  ));
}

export function SavePanel(): React.ReactNode {
  const name = useEditor((state) => state.document.name);
  const known = useEditor((state) => state.file.path);
  const { close } = useShell();
  const [path, setPath] = useState(() => known ?? fileName(name, SUFFIX));
  const { problems, isBusy, start } = useFile(() => close());
  const save = (): void => void (path.trim() && start("save", path.trim()));
  return (
    <PanelBox label="Save the drawing">
      <div className="nl-form">
        <label htmlFor="nl-save-path">Save as, in the folder of the notebook</label>
        <div className="row">
          <input
            id="nl-save-path" data-first="" className="nl-text wide" type="text" aria-label="Path of the drawing" spellCheck={false} autoComplete="off" value={path}
            onChange={(event) => setPath(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) save();
            }}
          />
          <button type="button" className="nl-btn primary" disabled={isBusy || !path.trim()} onClick={save}>
            <Icon name="save" size={14} />
            Save to file
          </button>
        </div>
        <Reasons problems={problems} />
      </div>
    </PanelBox>
  );
}

export function OpenPanel(): React.ReactNode {
  const examples = useEditor((state) => state.examples);
  const { file } = useActions();
  const { close } = useShell();
  const [entries, setEntries] = useState<FileEntry[] | null>(null);
  const [folder, setFolder] = useState("");
  const [path, setPath] = useState("");
  const [listing, setListing] = useState<Problem[]>([]);
  const { problems, isBusy, start } = useFile(() => close());
  const list = useCallback(
    async (where: string): Promise<void> => {
      const answer = await (where ? file("list", where) : file("list"));
      setListing(answer.problems ?? []);
      if (answer.problems?.length) return;
      setEntries(answer.entries ?? []);
      setFolder(where);
    },
    [file],
  );
  useEffect(() => void list(""), [list]);
  const open = (which: string): void => void (which.trim() && start("open", which.trim()));
  return (
    <PanelBox label="Open a drawing" className="nl-open">
      <h4>{folder ? `Drawings in ${folder}` : "Drawings in the folder of the notebook"}</h4>
      {folder && <Entry label="Up" icon="open" onPick={() => void list(folder.split("/").slice(0, -1).join("/"))} />}
      {entries?.map((entry) => (
        <Entry key={entry.path} label={entry.name} icon={entry.folder ? "right" : "open"} disabled={isBusy} onPick={() => (entry.folder ? void list(entry.path) : open(entry.path))} />
      ))}
      {entries?.length === 0 && <p className="quiet nl-pad">None yet: Save puts one there.</p>}
      {entries === null && listing.length === 0 && <p className="quiet nl-pad">Looking…</p>}
      <div className="nl-form">
        <div className="row">
          <input
            className="nl-text wide" type="text" aria-label="Path of the drawing" placeholder="or write a path" spellCheck={false} autoComplete="off" value={path}
            onChange={(event) => setPath(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) open(path);
            }}
          />
          <button type="button" className="nl-btn line" disabled={isBusy || !path.trim()} onClick={() => open(path)}>
            Open path
          </button>
        </div>
        <Reasons problems={[...listing, ...problems]} />
      </div>
      {examples.length > 0 && <h4>Examples</h4>}
      {examples.map(({ key, title, text }) => (
        <Item key={key} plain label={title} note={text} onPick={() => void file("example", key)} />
      ))}
    </PanelBox>
  );
}

/** A line that leaves the panel open: it may go into a folder, or be refused. */
function Entry({ label, icon, disabled, onPick }: { label: string; icon: "open" | "right"; disabled?: boolean; onPick(): void }): React.ReactNode {
  return (
    <button type="button" className="nl-item" disabled={disabled} onClick={onPick}>
      <Icon name={icon} size={14} />
      <span className="grow">{label}</span>
    </button>
  );
}
