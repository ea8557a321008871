// The size of a view, and whether it has the whole screen or a panel to itself.

import { useCallback, useEffect, useState } from "react";
import type { CanvasApi } from "../canvas/Canvas";
import type { Room } from "./layout";
import { LEAST } from "./ResizeEdge";

const GAP = 12; // px that a panel keeps around its output

export interface RoomOf {
  room: Room;
  isFull: boolean;
  /** Height where a panel is to be filled; null in a cell. */
  fills: number | null;
  toggleFull(): void;
}

export function useRoom(root: React.RefObject<HTMLElement | null>, canvas: React.RefObject<CanvasApi | null>): RoomOf {
  const [room, setRoom] = useState<Room>({ width: 1100, height: 700 });
  const [isFull, setFull] = useState(false);
  const [fills, setFills] = useState<number | null>(null);
  useEffect(() => {
    const element = root.current!;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      // hidden tabs have no size: keep the last one, so that nothing is laid out anew
      if (width > 0) setRoom((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element);
    const onFull = (): void => {
      setFull(document.fullscreenElement === element);
      // once the new size is laid out
      setTimeout(() => canvas.current?.fit(), 120);
    };
    element.addEventListener("fullscreenchange", onFull);
    return () => {
      observer.disconnect();
      element.removeEventListener("fullscreenchange", onFull);
    };
  }, [root, canvas]);
  useEffect(() => {
    // "New View for Output" has no cell around it: its panel is ours
    const panel = root.current!.closest<HTMLElement>(".jp-LinkedOutputView");
    if (!panel) return;
    const observer = new ResizeObserver(() => setFills(Math.max(LEAST, panel.clientHeight - GAP)));
    observer.observe(panel);
    return () => observer.disconnect();
  }, [root]);
  const toggleFull = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void root.current?.requestFullscreen().catch(() => undefined);
  }, [root]);
  return { room, isFull, fills, toggleFull };
}
