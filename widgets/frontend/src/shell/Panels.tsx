// The panel that is open, if any.

import { useEditor, useActions } from "../store";
import { AddList, CommandList, FindList } from "./CommandList";
import { ExportPanel } from "./ExportPanel";
import { OpenPanel, SavePanel } from "./FilePanels";
import { KeysSheet } from "./KeysSheet";
import { printed } from "./keys";
import { Item, PanelBox } from "./PanelBox";
import { SpeedMenu } from "./SpeedMenu";
import { useReach } from "./useReach";
import { useShell, type PanelName } from "./useShell";

const PANELS: Record<PanelName, () => React.ReactNode> = {
  name: NameMenu, save: SavePanel, open: OpenPanel, export: ExportPanel, speed: SpeedMenu, more: MoreMenu, commands: CommandList, add: AddList,
  find: FindList, keys: KeysSheet, context: ContextMenu,
};

export function Panels(): React.ReactNode {
  const { panel } = useShell();
  if (!panel) return null;
  const Shown = PANELS[panel.name];
  return <Shown key={panel.name} />;
}

function Commands({ ids }: { ids: readonly string[] }): React.ReactNode {
  const { commands } = useShell();
  const all = commands();
  return ids.map((id) => {
    const command = all.find((each) => each.id === id);
    if (!command) return <hr key={id} />;
    return <Item key={id} label={command.label} keys={command.chords[0] && printed(command.chords[0])} disabled={!command.enabled} onPick={command.run} />;
  });
}

function NameMenu(): React.ReactNode {
  const examples = useEditor((state) => state.examples);
  const isLive = useEditor((state) => state.connection === "live");
  const actions = useActions();
  const { focusField } = useReach();
  return (
    <PanelBox label="Drawing" role="menu">
      <Commands ids={["new", "open-file", "save", "save-as", "export"]} />
      <Item
        label="Rename" disabled={!isLive}
        onPick={() => {
          actions.select([]);
          actions.setPanes({ inspector: true });
          focusField("graph.name");
        }}
      />
      {examples.length > 0 && <h4>Examples</h4>}
      {examples.map(({ key, title, text }) => (
        <Item key={key} label={title} note={text} disabled={!isLive} onPick={() => void actions.file("example", key)} />
      ))}
    </PanelBox>
  );
}

function MoreMenu(): React.ReactNode {
  return (
    <PanelBox label="More" role="menu">
      <Commands ids={["commands", "keys", "—1", "find", "fit", "tidy", "map", "table", "settings", "full", "—2", "step", "record", "—3", "all", "paste"]} />
    </PanelBox>
  );
}

function ContextMenu(): React.ReactNode {
  const { commands } = useShell();
  const hasSelection = useEditor((state) => state.selection.length > 0);
  const ids = commands().filter((command) => command.context && command.enabled).map(({ id }) => id);
  return (
    <PanelBox label="What can be done here" role="menu">
      <Commands ids={hasSelection ? [...ids, "—1", "paste", "commands"] : ["add", "paste", "all", "—1", "fit", "tidy", "table", "settings", "—2", "commands"]} />
    </PanelBox>
  );
}
