// Name, history, run, clock and panes: one line that stays where it is.

import { Icon, Mark } from "../icons";
import { useActions, useEditor, useRead } from "../store";
import { saveOrAsk, togglePane } from "./commands";
import { Cost } from "./Gauges";
import { RunBar } from "./RunBar";
import { BarButton } from "./Tip";
import { useShell } from "./useShell";

export function TopBar(): React.ReactNode {
  return (
    <header className="nl-top" role="toolbar" aria-label="Run and edit" data-pane="top">
      <NameButton />
      <Files />
      <History />
      <span className="nl-sep" />
      <RunBar />
      <Cost />
      <PaneButtons />
      <Ends />
    </header>
  );
}

function NameButton(): React.ReactNode {
  const name = useEditor((state) => state.document.name);
  const isSaved = useEditor((state) => state.file.saved);
  const path = useEditor((state) => state.file.path);
  const { open, panel } = useShell();
  const place = path === null ? "not saved to a file" : isSaved ? `saved in ${path}` : `changed since it was saved in ${path}`;
  return (
    <button
      type="button" className="nl-btn nl-title" aria-label={`Drawing ${name}`} title={`${name}, ${place}`} aria-haspopup="menu" aria-expanded={panel?.name === "name"}
      onClick={(event) => open("name", event.currentTarget)}
    >
      <Mark />
      <span className="name">{name || "Untitled network"}</span>
      {path !== null && !isSaved && <i className="dot" aria-hidden="true" />}
      <Icon name="down" size={14} />
    </button>
  );
}

function Files(): React.ReactNode {
  const isLive = useEditor((state) => state.connection === "live");
  const { open, panel } = useShell();
  const actions = useActions();
  const read = useRead();
  return (
    <>
      <BarButton
        icon="open" label="Open" tip="Open a drawing or an example" disabled={!isLive} aria-haspopup="dialog" aria-expanded={panel?.name === "open"}
        onClick={(event) => open("open", event.currentTarget)}
      />
      <BarButton
        icon="save" label="Save" tip="Save the drawing to a file" disabled={!isLive} aria-haspopup="dialog" aria-expanded={panel?.name === "save"}
        onClick={(event) => {
          const button = event.currentTarget;
          saveOrAsk({ read, actions, open: (name) => open(name, button) });
        }}
      />
    </>
  );
}

function History(): React.ReactNode {
  const { undo, redo } = useEditor((state) => state.history);
  const isLocked = useEditor((state) => state.readOnly);
  const actions = useActions();
  return (
    <>
      <BarButton icon="undo" label="Undo" tip={undo ? `Undo: ${undo}` : "Nothing to undo"} chord="Ctrl+Z" disabled={isLocked || undo === null} onClick={() => actions.undo()} />
      <BarButton icon="redo" label="Redo" tip={redo ? `Redo: ${redo}` : "Nothing to redo"} chord="Ctrl+Shift+Z" disabled={isLocked || redo === null} onClick={() => actions.redo()} />
    </>
  );
}

function PaneButtons(): React.ReactNode {
  const panes = useEditor((state) => state.panes);
  const n = useEditor((state) => state.problems.filter((problem) => problem.severity !== "note").length);
  const worst = useEditor((state) => (state.problems.some((problem) => problem.severity === "error") ? "err" : "warn"));
  const actions = useActions();
  const read = useRead();
  const { plan } = useShell();
  const toggle = (name: "plots" | "code" | "problems"): void => togglePane({ read, actions, mode: () => plan.mode }, name);
  return (
    <>
      <BarButton icon="chart" label="Plots" face="Plots" tip="Show or hide the activity" aria-pressed={panes.plots} onClick={() => toggle("plots")} />
      <BarButton icon="code" label="Code" face="Code" tip="Show or hide the Python of this drawing" aria-pressed={panes.code} onClick={() => toggle("code")} />
      <BarButton
        icon={worst === "err" && n > 0 ? "error" : "warning"} label="Problems" tip={n ? `${n} to look at` : "Nothing is wrong"} aria-pressed={panes.problems}
        className={n ? `nl-issues ${worst}` : "nl-issues"} face={n ? <><i>Problems</i> <b>{n}</b></> : <i>Problems</i>} onClick={() => toggle("problems")}
      />
    </>
  );
}

function Ends(): React.ReactNode {
  const { open, panel, isFull, toggleFull } = useShell();
  return (
    <>
      <BarButton
        icon="export" label="Export" face="Export" tip="Take the Python along" aria-haspopup="dialog" aria-expanded={panel?.name === "export"}
        onClick={(event) => open("export", event.currentTarget)}
      />
      <BarButton icon="full" label={isFull ? "Leave full screen" : "Full screen"} onClick={toggleFull} />
      <BarButton icon="more" label="More" tip="More commands" aria-haspopup="menu" aria-expanded={panel?.name === "more"} onClick={(event) => open("more", event.currentTarget)} />
    </>
  );
}
