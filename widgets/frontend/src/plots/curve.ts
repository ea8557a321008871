// Curves into pixels. Stroking a noisy path by canvas takes some 4 ms of a processor a curve;
// a curve has one value at a time, so its columns can be filled one after the other.

import type { Frame2d, Picture } from "./paint";
import type { Ring } from "./ring";

const FINE = 4; // columns looked at in a pixel: their mean smooths the edges
const DASH = [5, 2]; // px drawn and left out, along the time axis

export interface Stroke {
  color: number;
  width: number; // device pixels
  dashed?: boolean;
}

/** What a curve covers in one fine column: an empty one has its top below its bottom. */
class Columns {
  top = new Float32Array(0);
  bottom = new Float32Array(0);

  begin(n: number): void {
    if (this.top.length < n) {
      this.top = new Float32Array(n);
      this.bottom = new Float32Array(n);
    }
    this.top.fill(Infinity, 0, n);
    this.bottom.fill(-Infinity, 0, n);
  }

  cover(at: number, low: number, high: number): void {
    if (low < this.top[at]!) this.top[at] = low;
    if (high > this.bottom[at]!) this.bottom[at] = high;
  }

  /** A straight line; columns outside of 0 to n are left out. */
  line(x0: number, y0: number, x1: number, y1: number, n: number): void {
    const first = Math.max(0, Math.floor(x0));
    const last = Math.min(n - 1, Math.floor(x1));
    const slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0;
    for (let at = first; at <= last; at++) {
      const from = at <= x0 ? y0 : y0 + slope * (at - x0);
      const to = at + 1 >= x1 ? y1 : y0 + slope * (at + 1 - x0);
      this.cover(at, Math.min(from, to), Math.max(from, to));
    }
  }
}

// one curve is painted at a time: memory is kept from one to the next
const centre = new Columns();
const inked = new Columns();
let coverage = new Float32Array(0);

/** Draw a curve with a round pen; where samples crowd in a column its peaks stay. */
export function paintCurve(
  picture: Picture, curve: Ring<Float32Array>, frame: Frame2d, y: (value: number) => number, stroke: Stroke,
): void {
  const n = Math.max(0, Math.floor((frame.right - frame.left) * FINE));
  centre.begin(n);
  trace(curve, frame, y, n);
  inked.begin(n);
  press(n, stroke.width / 2);
  if (coverage.length < picture.height) coverage = new Float32Array(picture.height);
  const period = DASH[0]! + DASH[1]!;
  const shift = (frame.from * (frame.right - frame.left)) / (frame.to - frame.from); // dashes move with the curve
  for (let from = 0; from < n; from += FINE) {
    const column = Math.floor(frame.left + from / FINE);
    const along = Math.floor(from / FINE + shift) % period;
    if (stroke.dashed && along >= DASH[0]!) continue;
    fill(picture, column, from, Math.min(from + FINE, n), stroke.color);
  }
}

/** Which heights the curve itself passes in every fine column. */
function trace(curve: Ring<Float32Array>, frame: Frame2d, y: (value: number) => number, n: number): void {
  const scale = (FINE * (frame.right - frame.left)) / (frame.to - frame.from);
  let [x0, y0] = [NaN, NaN];
  for (const run of curve.runs()) {
    for (let i = run.from; i < run.to; i++) {
      const x1 = (run.time[i]! - frame.from) * scale;
      const y1 = y(run.value[i]!);
      if (x1 >= 0 && x0 < n && Number.isFinite(y1)) {
        if (Number.isFinite(y0)) centre.line(x0, y0, x1, y1, n);
        else if (x1 < n) centre.cover(Math.floor(x1), y1, y1);
      }
      [x0, y0] = [x1, y1];
    }
  }
}

/** The pen follows: a disc at every height of every column. */
function press(n: number, radius: number): void {
  const reach = Math.ceil(radius * FINE);
  for (let aside = -reach; aside <= reach; aside++) {
    const share = 1 - (aside / FINE / radius) ** 2;
    if (share < 0) continue;
    const half = radius * Math.sqrt(share);
    for (let at = Math.max(0, -aside); at < Math.min(n, n - aside); at++) {
      inked.cover(at, centre.top[at + aside]! - half, centre.bottom[at + aside]! + half);
    }
  }
}

/** Add up what the fine columns of a pixel cover, and mix it into the picture. */
function fill({ pixels, width, height }: Picture, column: number, from: number, to: number, color: number): void {
  if (column < 0 || column >= width) return;
  let [first, last] = [height, -1];
  for (let at = from; at < to; at++) {
    const top = Math.max(0, inked.top[at]!);
    const bottom = Math.min(height, inked.bottom[at]!);
    if (top >= bottom) continue;
    const [begin, end] = [Math.floor(top), Math.ceil(bottom)];
    for (let row = begin; row < end; row++) {
      coverage[row]! += (Math.min(bottom, row + 1) - Math.max(top, row)) / FINE;
    }
    first = Math.min(first, begin);
    last = Math.max(last, end - 1);
  }
  for (let row = first; row <= last; row++) {
    const at = row * width + column;
    pixels[at] = over(color, coverage[row]!, pixels[at]!);
    coverage[row] = 0;
  }
}

/** An opaque colour over another, both as little-endian RGBA. */
export function over(color: number, share: number, under: number): number {
  const behind = ((under >>> 24) / 255) * (1 - share);
  const alpha = share + behind;
  if (alpha <= 0) return under;
  const mix = (shift: number): number =>
    Math.round((((color >>> shift) & 255) * share + ((under >>> shift) & 255) * behind) / alpha) << shift;
  return ((Math.round(alpha * 255) << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
}
