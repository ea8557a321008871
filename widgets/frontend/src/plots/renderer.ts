// One picture, two ways to draw it: plotly with WebGL, or pixels over plotly's axes.

import type { Activity } from "./activity";
import type { Palette } from "./colors";
import { CONFIG, anchors, axesLayout, dataTraces, type Window } from "./figure";
import { paintCurve } from "./curve";
import type { Panel } from "./geometry";
import { paintSpikes, type PaintedBand, type Pen, type Picture } from "./paint";
import { isSoftwareRendered, type Plotly } from "./plotly";
import type { Ring } from "./ring";
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
const LINE = 1.5; // CSS pixels
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
    const { scene, activity, ranges, palette, ratio, context } = drawing;
    const { width, height, left, right } = scene.geometry;
    const picture = this.blank(Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio)));
    const frame = { ...window, left: Math.round(left * ratio), right: Math.round(right * ratio) };
    paintSpikes(picture, this.bands(drawing), frame, ratio);
    const draw = (curve: Curve, y: (value: number) => number, token: string, dashed = false): void =>
      paintCurve(picture, curve, frame, (value) => ratio * y(value), { color: palette.pixel(token), width: LINE * ratio, dashed });
    const rate = scene.panel("rate");
    if (rate) {
      const y = heightIn(rate, ...ranges.rateAxis);
      for (const { id, token, dashed } of scene.rates) {
        const curve = activity.rates.get(id);
        if (curve) draw(curve, y, token, dashed);
      }
    }
    for (const { panel, variable, traces } of scene.traces) {
      const y = heightIn(panel, ...ranges.traceAxis(variable));
      for (const { curve, token } of traces) draw(curve, y, token);
    }
    const input = scene.panel("input");
    if (input) {
      for (const { id, token } of scene.inputs) {
        const curve = activity.rates.get(id);
        const y = heightOfInput(input);
        if (curve) draw(curve, (value) => y(value / (ranges.input.get(id) ?? 1)), token);
      }
    }
    context.putImageData(this.image!, 0, 0);
    if (input) stimuli(drawing, window, input);
  }

  private blank(width: number, height: number): Picture {
    if (this.image?.width !== width || this.image.height !== height) this.image = new ImageData(width, height);
    const pixels = new Uint32Array(this.image.data.buffer);
    pixels.fill(0);
    return { pixels, width, height };
  }

  private bands({ scene, activity, palette, ratio }: Drawing): PaintedBand[] {
    return scene.bands.flatMap(({ id, rows, top, height, token }) => {
      const spikes = activity.spikes.get(id);
      return spikes ? [{ spikes, rows, top: top * ratio, height: height * ratio, color: palette.pixel(token) }] : [];
    });
  }
}

type Curve = Ring<Float32Array>;

const heightIn = (panel: Panel, low: number, high: number) => (value: number): number =>
  panel.top + (panel.height * (high - value)) / (high - low);

const heightOfInput = (panel: Panel) => (share: number): number => panel.top + (panel.height * (1.15 - share)) / 1.25;

/** Inputs that are on or off, where no curve of them is recorded. */
function stimuli({ scene, activity, palette, context }: Drawing, { from, to }: Window, panel: Panel): void {
  const { left, right } = scene.geometry;
  const x = (t: number): number => Math.min(right, Math.max(left, left + ((t - from) / (to - from)) * (right - left)));
  const y = heightOfInput(panel);
  context.lineWidth = LINE;
  for (const { id, token, stimulus } of scene.inputs) {
    if (!stimulus || activity.rates.get(id)?.length) continue;
    context.strokeStyle = palette.of(token);
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
