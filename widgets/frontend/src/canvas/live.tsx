// What flows to the nodes while a network runs: rates and strips of spikes, past React's state.

import { mayMove } from "../theme/motion";
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Samples } from "../bridge";
import type { Picture } from "../session";
import { useActions } from "../store";
import { Rates, type RateView } from "./rates";
import { Strip } from "./raster";

const CALM_STRIPS = 250; // ms

type StripListener = (frame: Picture, arrays: ReadonlyMap<string, Samples>) => void;

export class Live {
  readonly rates: Rates;
  readonly rows = new Map<string, number>(); // how many neurons of a node are drawn
  private readonly strips = new Map<string, StripListener>();
  private readonly frames = new Set<(frame: Picture) => void>();
  private waiting: [Picture, ReadonlyMap<string, Samples>][] = [];
  private shown = 0; // when strips were last drawn

  constructor(private readonly isCalm: () => boolean) {
    this.rates = new Rates(isCalm);
  }

  take(frame: Picture, arrays: ReadonlyMap<string, Samples>): void {
    for (const { id, rows } of frame.populations) this.rows.set(id, rows.length);
    const now = performance.now();
    this.rates.take(frame, now);
    this.waiting.push([frame, arrays]);
    // each strip makes the page paint a part far from the plots: seldom, where that is dear
    if (!this.isCalm() || now - this.shown >= CALM_STRIPS) {
      this.shown = now;
      for (const [old, its] of this.waiting.splice(0)) for (const listener of this.strips.values()) listener(old, its);
    }
    for (const listener of this.frames) listener(frame);
  }

  onStrip(id: string, listener: StripListener): () => void {
    this.strips.set(id, listener);
    return () => void this.strips.delete(id);
  }

  onFrame(listener: (frame: Picture) => void): () => void {
    this.frames.add(listener);
    return () => void this.frames.delete(listener);
  }
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("There is no activity outside of an editor.");
  return live;
}



/** Feed one `Live` from the frames of the session. */
export function useLiveSource(): Live {
  const actions = useActions();
  const [live] = useState(() => new Live(() => !mayMove()));
  useEffect(() => actions.onFrame((frame, arrays) => live.take(frame, arrays)), [actions, live]);
  return live;
}

export function useRate(id: string): RateView | undefined {
  const { rates } = useLive();
  return useSyncExternalStore(rates.subscribe, () => rates.of(id));
}

export function useLegendTop(): number {
  const { rates } = useLive();
  return useSyncExternalStore(rates.subscribe, () => rates.top);
}

/** The last half second of spikes of a node. */
export function MiniRaster({ id, hue }: { id: string; hue: string }): React.ReactNode {
  const live = useLive();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const strip = new Strip(element);
    let run: number | null = null;
    let color = "";
    let asked = -Infinity; // the theme may change; asking at each frame is dear
    return live.onStrip(id, (frame, arrays) => {
      const steps = arrays.get(`spikes/${id}/step`);
      const rows = arrays.get(`spikes/${id}/row`);
      if (!steps || !rows) return;
      if (run !== frame.run) strip.clear();
      run = frame.run;
      if (performance.now() - asked > 1000) {
        asked = performance.now();
        color = getComputedStyle(element).color;
      }
      strip.add(steps, rows, live.rows.get(id) ?? 1, frame, color);
    });
  }, [live, id]);
  return <canvas ref={canvas} className="nl-strip" style={{ color: `var(--nl-${hue})` }} aria-hidden="true" />;
}
