// Drawing by hand where WebGL is slow: spikes into pixels, curves as paths.

import type { Ring } from "./ring";

export interface PaintedBand {
  spikes: Ring<Uint16Array>;
  rows: number;
  top: number; // in device pixels, from the top of the picture
  height: number;
  color: number;
}

/** Put every spike between two times into the picture; returns how many were drawn. */
export function paintSpikes(
  pixels: Uint32Array, width: number, height: number, bands: PaintedBand[],
  from: number, to: number, ratio: number,
): number {
  pixels.fill(0);
  const scale = width / (to - from);
  const across = Math.max(1, Math.round(1.25 * ratio));
  let drawn = 0;
  for (const band of bands) {
    const pitch = band.height / Math.max(1, band.rows);
    const high = Math.max(1, Math.round(Math.min(3 * ratio, Math.max(1.6 * ratio, pitch * 1.1))));
    const bottom = Math.min(height, Math.round(band.top + band.height));
    for (const run of band.spikes.runs()) {
      for (let i = run.from; i < run.to; i++) {
        const x = ((run.time[i]! - from) * scale) | 0;
        if (x < 0 || x >= width || run.time[i]! < from) continue;
        const y = (band.top + run.value[i]! * pitch) | 0;
        const last = Math.min(y + high, bottom);
        const right = Math.min(x + across, width);
        for (let row = y; row < last; row++) {
          for (let column = x; column < right; column++) pixels[row * width + column] = band.color;
        }
        drawn++;
      }
    }
  }
  return drawn;
}

export interface Frame2d {
  from: number;
  to: number;
  left: number;
  right: number;
}

/** Stroke a curve; crowded samples become one vertical stroke a column, so peaks stay. */
export function strokeCurve(
  context: CanvasRenderingContext2D, curve: Ring<Float32Array>, frame: Frame2d, y: (value: number) => number,
): void {
  const scale = (frame.right - frame.left) / (frame.to - frame.from);
  const crowded = curve.length > 2 * (frame.right - frame.left);
  context.beginPath();
  let column = -1;
  let low = 0;
  let high = 0;
  let begun = false;
  const point = (x: number, at: number): void => {
    if (begun) context.lineTo(x, at);
    else context.moveTo(x, at);
    begun = true;
  };
  for (const run of curve.runs()) {
    for (let i = run.from; i < run.to; i++) {
      if (run.time[i]! < frame.from) continue;
      const x = frame.left + (run.time[i]! - frame.from) * scale;
      const at = y(run.value[i]!);
      if (!crowded) {
        point(x, at);
      } else if (Math.floor(x) === column) {
        low = Math.min(low, at);
        high = Math.max(high, at);
      } else {
        if (column >= 0) {
          point(column, low);
          point(column, high);
        }
        column = Math.floor(x);
        low = high = at;
      }
    }
  }
  if (crowded && column >= 0) {
    point(column, low);
    point(column, high);
  }
  context.stroke();
}
