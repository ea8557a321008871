// The bottom edge: it makes the editor as high as one likes.

import { useActions, useEditor } from "../store";
import { Splitter } from "./Splitter";

export const LEAST = 420; // px
const MOST = 2400;

export function ResizeEdge(): React.ReactNode {
  const height = useEditor((state) => state.panes.height);
  const { setPanes } = useActions();
  return <Splitter label="Height of the editor" edge="bottom" value={height.root} min={LEAST} max={MOST} onChange={(root) => setPanes({ height: { ...height, root } })} />;
}
