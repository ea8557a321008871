// One picture, two ways to draw it: plotly with WebGL, or pixels over plotly's axes.

import type { Activity } from "./activity";
import type { Palette } from "./colors";
import { CONFIG, anchors, axesLayout, dataTraces, type Window } from "./figure";
import { paintSpikes, strokeCurve, type PaintedBand, type Pen } from "./paint";
import { isSoftwareRendered, type Plotly } from "./plotly";
import type { Ranges, Scene } from "./scene";

export type RendererName = "plotly" | "pixels";

export interface Drawing {
  scene: Scene;
  activity: Activity;
  ranges: Ranges;
  palette: Palette;
  font: string;
  ratio: number; // device pixels in a CSS pixel
  context: Pen; // over plotly, cleared
}

/** Where support and tests tell a browser which painter to use. */
const WISH = "neuroloom-plots";

export function wished(): RendererName | undefined {
  try {
    const name = localStorage.getItem(WISH);
    return name === "plotly" || name === "pixels" ? name : undefined;
  } catch {
    return undefined; // a page that may not store anything: nobody wished
  }
}

/** More spikes than this are faster as pixels on any machine. */
const MANY = 50_000;
const SLOW = 50; // ms a draw
const TRIALS = 9;
const PATIENCE = 8000; // ms for one draw: a lost WebGL context never answers
const STUCK = 250; // ms a draw: three of them are proof enough

/** Why a draw came to nothing; null when it is done. */
function troubleOf(figure: Promise<void>): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("no answer"), PATIENCE);
    const end = (trouble: string | null): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    figure.then(() => end(null), (error: unknown) => end(String(error)));
  });
}

export class Renderer {
  name: RendererName;
  private plotly: Plotly | null = null;
  private stale = true; // axes wait for plotly or for a new scene
  private image: ImageData | null = null;
  private spent: number[] = [];

  constructor(private readonly root: HTMLElement, private readonly wish?: RendererName) {
    this.name = wish ?? (isSoftwareRendered() ? "pixels" : "plotly");
  }

  /** plotly has arrived: axes come with the next draw. */
  use(plotly: Plotly): void {
    this.plotly = plotly;
    this.stale = true;
  }

  /** The scene, an axis or the theme changed. */
  invalidate(): void {
    this.stale = true;
  }

  /** Draw the window; returns when the picture is handed to the browser. */
  async draw(drawing: Drawing, window: Window): Promise<void> {
    if (this.name === "pixels" || !this.plotly) {
      this.axes(drawing, window);
      this.pixels(drawing, window);
      return;
    }
    const begin = performance.now();
    const trouble = await troubleOf(this.figure(this.plotly, drawing, window));
    if (trouble !== null) {
      console.warn(`plotly could not draw (${trouble}): pixels from here on`);
      this.leave();
      return this.draw(drawing, window);
    }
    await new Promise(requestAnimationFrame); // WebGL works on after the call
    if (!this.wish) this.judge(performance.now() - begin, drawing.activity.points);
  }

  destroy(): void {
    this.plotly?.purge(this.root);
    this.plotly = null;
  }

  private async figure(plotly: Plotly, drawing: Drawing, window: Window): Promise<void> {
    const { scene, activity, ranges, palette, font } = drawing;
    this.stale = false;
    const data = [...anchors(scene), ...dataTraces(scene, activity, ranges, palette, window, "scattergl")];
    await plotly.react(this.root, data, axesLayout(scene, ranges, palette, font, window), CONFIG);
  }

  /** Leave plotly when it cannot keep up: half of the last draws were slow, a few very slow, or too many points. */
  private judge(took: number, points: number): void {
    this.spent.push(took);
    if (this.spent.length > TRIALS) this.spent.shift();
    const isStuck = this.spent.length >= 3 && this.spent.slice(-3).every((ms) => ms > STUCK);
    const median = [...this.spent].sort((a, b) => a - b)[this.spent.length >> 1]!;
    if (points > MANY || isStuck || (this.spent.length === TRIALS && median > SLOW)) {
      this.leave();
    }
  }

  private leave(): void {
    this.name = "pixels";
    this.stale = true;
  }

  /** Axes by plotly, only when something about them changed. */
  private axes(drawing: Drawing, window: Window): void {
    if (!this.stale || !this.plotly) return;
    this.stale = false;
    const { scene, ranges, palette, font } = drawing;
    const layout = axesLayout(scene, ranges, palette, font, window);
    void this.plotly.react(this.root, anchors(scene), layout, CONFIG);
  }

  private pixels(drawing: Drawing, window: Window): void {
    this.raster(drawing, window);
    const { scene, activity, ranges, palette, context } = drawing;
    const { left, right } = scene.geometry;
    const frame = { ...window, left, right };
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    const rate = scene.panel("rate");
    if (rate) {
      const [low, high] = ranges.rateAxis;
      for (const { id, token, dashed } of scene.rates) {
        const curve = activity.rates.get(id);
        if (!curve) continue;
        context.strokeStyle = palette.of(token);
        context.setLineDash(dashed ? [5, 2] : []);
        strokeCurve(context, curve, frame, (v) => rate.top + (rate.height * (high - v)) / (high - low));
      }
      context.setLineDash([]);
    }
    const input = scene.panel("input");
    if (input) this.inputs(drawing, frame, input);
    for (const { panel, variable, traces } of scene.traces) {
      const [low, high] = ranges.traceAxis(variable);
      for (const { curve, token } of traces) {
        context.strokeStyle = palette.of(token);
        strokeCurve(context, curve, frame, (v) => panel.top + (panel.height * (high - v)) / (high - low));
      }
    }
  }

  private inputs(
    { scene, activity, ranges, palette, context }: Drawing,
    frame: Window & { left: number; right: number }, panel: { top: number; height: number },
  ): void {
    const y = (share: number): number => panel.top + (panel.height * (1.15 - share)) / 1.25;
    for (const { id, token, stimulus } of scene.inputs) {
      context.strokeStyle = palette.of(token);
      const curve = activity.rates.get(id);
      const top = ranges.input.get(id) ?? 1;
      if (curve?.length) {
        strokeCurve(context, curve, frame, (v) => y(v / top));
      } else if (stimulus) {
        const { left, right, from, to } = frame;
        const x = (t: number): number => Math.min(right, Math.max(left, left + ((t - from) / (to - from)) * (right - left)));
        context.beginPath();
        let level = stimulus.from <= from && from < stimulus.to ? 1 : 0;
        context.moveTo(left, y(level));
        for (const at of [stimulus.from, stimulus.to]) {
          if (at <= from || at >= to) continue;
          context.lineTo(x(at), y(level));
          level = 1 - level;
          context.lineTo(x(at), y(level));
        }
        context.lineTo(right, y(level));
        context.stroke();
      }
    }
  }

  private raster({ scene, activity, palette, ratio, context }: Drawing, window: Window): void {
    const panel = scene.panel("spikes");
    if (!panel) return;
    const { left, right } = scene.geometry;
    const width = Math.max(1, Math.round((right - left) * ratio));
    const height = Math.max(1, Math.round(panel.height * ratio));
    if (this.image?.width !== width || this.image.height !== height) this.image = new ImageData(width, height);
    const painted: PaintedBand[] = [];
    for (const band of scene.bands) {
      const spikes = activity.spikes.get(band.id);
      if (!spikes) continue;
      painted.push({
        spikes, rows: band.rows, top: (band.top - panel.top) * ratio, height: band.height * ratio, color: palette.pixel(band.token),
      });
    }
    paintSpikes(new Uint32Array(this.image.data.buffer), width, height, painted, window.from, window.to, ratio);
    context.putImageData(this.image, Math.round(left * ratio), Math.round(panel.top * ratio));
  }
}
