// A view: what its panes share, around the frame.

import { ReactFlowProvider } from "@xyflow/react";
import { LiveContext, useLiveSource } from "../canvas/live";
import { ViewContext, type EditorView } from "../store";
import { Root } from "./Root";

export function App({ view }: { view: EditorView }): React.ReactNode {
  return (
    <ViewContext value={view}>
      <ReactFlowProvider>
        <Alive />
      </ReactFlowProvider>
    </ViewContext>
  );
}

function Alive(): React.ReactNode {
  return (
    <LiveContext value={useLiveSource()}>
      <Root />
    </LiveContext>
  );
}
