// Drawing by hand where WebGL is slow: a sheet for the page, and spikes as pixels.

import type { Ring } from "./ring";

/**
 * A picture that is drawn off screen and handed to the page as a whole.
 *
 * Where the processor plays graphics card this is several times faster than drawing on the
 * canvas of the page: memory of the processor is asked for, and one upload a frame is left.
 */
export class Sheet {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private readonly context = this.canvas.getContext("2d", { willReadFrequently: true })!;
  private readonly page: ImageBitmapRenderingContext;

  constructor(private readonly target: HTMLCanvasElement) {
    this.page = target.getContext("bitmaprenderer")!;
  }

  /** An empty sheet of a size in CSS pixels; its context draws in CSS pixels. */
  begin(width: number, height: number, ratio: number): OffscreenCanvasRenderingContext2D {
    const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    const { canvas, context, target } = this;
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = target.width = across;
      canvas.height = target.height = down;
      target.style.width = `${width}px`;
      target.style.height = `${height}px`;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  /** Show what was drawn since `begin`. */
  show(): void {
    this.page.transferFromImageBitmap(this.canvas.transferToImageBitmap());
  }

  widthOf(text: string, font: string): number {
    this.context.font = font;
    return this.context.measureText(text).width;
  }
}

export type Pen = OffscreenCanvasRenderingContext2D;

/** What is put on a sheet at once; in device pixels, little-endian RGBA. */
export interface Picture {
  pixels: Uint32Array;
  width: number;
  height: number;
}

/** A stretch of time and where it lies in a picture. */
export interface Frame2d {
  from: number;
  to: number;
  left: number;
  right: number;
}

export interface PaintedBand {
  spikes: Ring<Uint16Array>;
  rows: number;
  top: number; // in device pixels, from the top of the picture
  height: number;
  color: number;
}

/** Put every spike of a stretch of time into the picture; returns how many were drawn. */
export function paintSpikes({ pixels, width, height }: Picture, bands: PaintedBand[], frame: Frame2d, ratio: number): number {
  const { from, to, left } = frame;
  const end = Math.min(frame.right, width);
  const scale = (frame.right - left) / (to - from);
  const across = Math.max(1, Math.round(1.25 * ratio));
  let drawn = 0;
  for (const band of bands) {
    const pitch = band.height / Math.max(1, band.rows);
    const high = Math.max(1, Math.round(Math.min(3 * ratio, Math.max(1.6 * ratio, pitch * 1.1))));
    const bottom = Math.min(height, Math.round(band.top + band.height));
    for (const run of band.spikes.runs()) {
      for (let i = run.from; i < run.to; i++) {
        const time = run.time[i]!;
        if (time < from || time >= to) continue;
        const x = (left + (time - from) * scale) | 0;
        const y = (band.top + run.value[i]! * pitch) | 0;
        const last = Math.min(y + high, bottom);
        const right = Math.min(x + across, end);
        for (let row = y; row < last; row++) {
          for (let column = x; column < right; column++) pixels[row * width + column] = band.color;
        }
        drawn++;
      }
    }
  }
  return drawn;
}
