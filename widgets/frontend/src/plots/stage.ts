// The live part of the plots: takes frames as they come, draws at the pace of the screen.

import type { Samples } from "../bridge";
import { Activity, type FrameData } from "./activity";
import { readPalette, type Palette } from "./colors";
import { exportFigure, type Mark, type Window } from "./figure";
import { paintOverlay, type Cursor } from "./overlay";
import { Sheet } from "./paint";
import type { Plotly } from "./plotly";
import { Renderer, type RendererName } from "./renderer";
import { Ranges, buildScene, type Scene, type Source } from "./scene";
import { pretty, trim } from "../fields/quantity";

export interface StageElements {
  root: HTMLElement;
  axes: HTMLElement; // plotly's
  canvas: HTMLCanvasElement; // over it
}

const MERGED = 0.25; // s: the steps of one drag are one mark
const MARKS = 8;
const FONT_SIZE = 11;

export class Stage {
  readonly activity = new Activity();
  scene: Scene;
  updates = 0;
  private readonly renderer: Renderer;
  private readonly sheet: Sheet;
  private readonly ranges = new Ranges();
  private palette: Palette;
  private font: string;
  private sources: Source[] = [];
  private recordedFrom: (probe: string) => string | undefined = () => undefined;
  private size = { width: 0, height: 0, gutter: 50 };
  private hidden: ReadonlySet<string> = new Set();
  private marks: Mark[] = [];
  private run: number | null = null;
  private pointer: number | null = null;
  private request: number | null = null;
  private isDrawing = false;
  private isFresh = false; // frames came since the last draw
  private isVisible = true;
  private layoutSeen = -1;
  private plotly: Plotly | null = null;

  constructor(
    private readonly elements: StageElements,
    private readonly onScene: (scene: Scene) => void,
    wish?: RendererName,
  ) {
    this.renderer = new Renderer(elements.axes, wish);
    this.sheet = new Sheet(elements.canvas);
    this.palette = readPalette(elements.root);
    this.font = getComputedStyle(elements.root).fontFamily;
    this.scene = this.build();
  }

  use(plotly: Plotly): void {
    this.plotly = plotly;
    this.renderer.use(plotly);
    this.schedule();
  }

  setSources(sources: Source[], recordedFrom: (probe: string) => string | undefined): void {
    this.sources = sources;
    this.recordedFrom = recordedFrom;
    this.activity.keep(new Set(sources.map((source) => source.id)));
    this.size = { ...this.size, gutter: this.gutter() };
    this.rebuild();
  }

  setSize(width: number, height: number): void {
    if (width === this.size.width && height === this.size.height) return;
    this.size = { ...this.size, width, height };
    this.rebuild();
  }

  setHidden(hidden: ReadonlySet<string>): void {
    this.hidden = hidden;
    this.rebuild();
  }

  setWindow(seconds: number): void {
    this.activity.window = seconds;
    this.schedule();
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    if (isVisible) this.schedule();
  }

  /** The colours of the page changed. */
  retheme(): void {
    this.palette = readPalette(this.elements.root);
    this.font = getComputedStyle(this.elements.root).fontFamily;
    this.renderer.invalidate();
    this.schedule();
  }

  take(frame: FrameData, arrays: ReadonlyMap<string, Samples>): void {
    this.activity.take(frame, arrays);
    if (this.activity.run !== this.run) {
      this.run = this.activity.run;
      this.marks = [];
    }
    this.isFresh = true;
    this.schedule();
  }

  /** Back to t = 0: what was seen belongs to a run that is over. */
  reset(): void {
    this.activity.clear();
    this.marks = [];
    this.isFresh = true;
    this.schedule();
  }

  /** A slider changed the running network; the steps of one drag make one mark. */
  mark(mark: Mark): void {
    const last = this.marks[this.marks.length - 1];
    if (last && mark.at < last.at - 1e-9) this.marks = [];
    else if (last && mark.at - last.at < MERGED) this.marks.pop();
    this.marks = [...this.marks, mark].slice(-MARKS);
    this.schedule();
  }

  /** Show the cursor at an x of the plots, or nowhere. */
  point(x: number | null): void {
    this.pointer = x;
    this.schedule();
  }

  /** Move the cursor with keys, by a share of the window. */
  nudge(share: number): void {
    const { left, right } = this.scene.geometry;
    const at = (this.pointer ?? (left + right) / 2) + share * (right - left);
    this.point(Math.min(right, Math.max(left, at)));
  }

  get rendererName(): RendererName {
    return this.renderer.name;
  }

  /** "E 6.1 Hz, I 17.8 Hz": the plots in words. */
  summary(): string {
    const rate = (id: string): number | null => this.activity.rates.get(id)?.before(this.activity.time + 1) ?? null;
    return this.scene.rates
      .map(({ id, name }) => ({ name, hz: rate(id) }))
      .filter(({ hz }) => hz !== null)
      .map(({ name, hz }) => `${name} ${trim(hz!, 3)} Hz`)
      .join(", ");
  }

  /** The picture as it is, as a data URL. */
  async picture(format: "png" | "svg"): Promise<string> {
    if (!this.plotly) throw new Error("plotly is not here yet");
    const type = format === "svg" && this.activity.points < 20_000 ? "scatter" : "scattergl";
    const figure = exportFigure(
      this.scene, this.activity, this.ranges, this.palette, this.font, this.window(), this.marks, type,
    );
    const { width, height } = this.scene.geometry;
    return this.plotly.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 });
  }

  destroy(): void {
    if (this.request !== null) cancelAnimationFrame(this.request);
    this.request = null;
    this.isVisible = false;
    this.renderer.destroy();
  }

  private window(): Window {
    const to = Math.max(this.activity.time, this.activity.window);
    return { from: to - this.activity.window, to };
  }

  /** Room at the left for the longest name, within reason. */
  private gutter(): number {
    const font = `500 ${FONT_SIZE}px ${this.font}`;
    const names = this.sources.filter((source) => source.shape === "population").map((source) => source.label);
    return Math.min(120, Math.max(50, ...names.map((name) => Math.ceil(this.sheet.widthOf(name, font)) + 34)));
  }

  private build(): Scene {
    return buildScene(this.sources, this.activity, this.recordedFrom, this.size, this.hidden);
  }

  private rebuild(): void {
    this.layoutSeen = this.activity.layout;
    this.scene = this.build();
    this.renderer.invalidate();
    this.onScene(this.scene);
    this.schedule();
  }

  private schedule(): void {
    if (this.request !== null || this.isDrawing || !this.isVisible) return;
    this.request = requestAnimationFrame(() => {
      this.request = null;
      void this.draw();
    });
  }

  private async draw(): Promise<void> {
    if (this.size.width < 80 || this.size.height < 80) return;
    this.isDrawing = true;
    const isUpdate = this.isFresh;
    this.isFresh = false;
    try {
      if (this.activity.layout !== this.layoutSeen) this.rebuild();
      if (isUpdate && this.ranges.grow(this.scene, this.activity)) this.renderer.invalidate();
      const { scene, activity, ranges, palette, font } = this;
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      const shown = this.window();
      const context = this.sheet.begin(scene.geometry.width, scene.geometry.height, ratio);
      await this.renderer.draw({ scene, activity, ranges, palette, font, ratio, context }, shown);
      paintOverlay(context, scene, palette, font, shown, this.marks, this.cursor(shown));
      this.sheet.show();
    } finally {
      this.isDrawing = false;
    }
    if (isUpdate) this.report();
    if (this.isFresh) this.schedule();
  }

  /** What tests and support read off the element. */
  private report(): void {
    this.updates++;
    const { dataset } = this.elements.root;
    dataset["updates"] = String(this.updates);
    dataset["renderer"] = this.renderer.name;
    dataset["t"] = this.activity.time.toFixed(4);
    dataset["revision"] = String(this.activity.revision);
  }

  private cursor(shown: Window): Cursor | null {
    if (this.pointer === null) return null;
    const { scene, ranges, activity } = this;
    const { left, right } = scene.geometry;
    const time = shown.from + ((this.pointer - left) / (right - left)) * (shown.to - shown.from);
    const values: Cursor["values"] = [];
    if (time <= activity.time) {
      const [floor, ceiling] = ranges.rateAxis;
      for (const { id, name, token } of scene.rates) {
        const value = activity.rates.get(id)?.before(time);
        if (value === null || value === undefined) continue;
        values.push({ token, panel: "rate", text: `${name} ${value.toFixed(1)} Hz`, share: (value - floor) / (ceiling - floor) });
      }
      for (const { panel, variable, unit, traces } of scene.traces) {
        const [low, high] = ranges.traceAxis(variable);
        for (const { curve, name, token } of traces) {
          const value = curve.before(time);
          if (value === null) continue;
          const text = `${traces.length > 1 ? `${name} ` : ""}${pretty(trim(value, 4))} ${unit}`.trim();
          values.push({ token, panel: panel.key, text, share: (value - low) / (high - low) });
        }
      }
    }
    return { time, values };
  }
}
