// The strip of spikes on a node: pixels shift left, new spikes are set at the right end.

export const STRIP = { width: 78, height: 22, rows: 11, seconds: 0.5, scale: 2 };

/** Places of the spikes of a frame on a strip: x in px from its left end, row 0 to rows - 1. */
export function marks(
  steps: ArrayLike<number>, rows: ArrayLike<number>, count: number, frame: { n_steps: number; dt: number }, strip = STRIP,
): { shift: number; x: Float32Array; y: Uint8Array } {
  const perStep = (frame.dt / strip.seconds) * strip.width;
  const shift = frame.n_steps * perStep;
  const n = Math.min(steps.length, rows.length);
  const [x, y] = [new Float32Array(n), new Uint8Array(n)];
  for (let i = 0; i < n; i++) {
    x[i] = strip.width - shift + steps[i]! * perStep;
    y[i] = count > strip.rows ? Math.floor((rows[i]! * strip.rows) / count) : rows[i]!;
  }
  return { shift, x, y };
}

/** Draws on a canvas that holds the last half second. */
export class Strip {
  private readonly context: CanvasRenderingContext2D;
  private owed = 0; // of a pixel: shifts are whole pixels

  constructor(private readonly canvas: HTMLCanvasElement) {
    canvas.width = STRIP.width * STRIP.scale;
    canvas.height = STRIP.height * STRIP.scale;
    this.context = canvas.getContext("2d")!;
  }

  clear(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.owed = 0;
  }

  add(steps: ArrayLike<number>, rows: ArrayLike<number>, count: number, frame: { n_steps: number; dt: number }, color: string): void {
    const { width, height } = this.canvas;
    const { shift, x, y } = marks(steps, rows, Math.max(1, count), frame);
    const exact = shift * STRIP.scale + this.owed;
    const pixels = Math.min(width, Math.floor(exact));
    this.owed = exact >= width ? 0 : exact - pixels;
    if (pixels > 0) {
      const kept = width - pixels;
      // "copy" takes away what was there: the strip is transparent, so old spikes would shine through
      this.context.globalCompositeOperation = "copy";
      if (kept > 0) this.context.drawImage(this.canvas, pixels, 0, kept, height, 0, 0, kept, height);
      this.context.globalCompositeOperation = "source-over";
      this.context.clearRect(kept, 0, pixels, height);
    }
    this.context.fillStyle = color;
    const pitch = height / Math.max(STRIP.rows, 1);
    for (let i = 0; i < x.length; i++) {
      const left = x[i]! * STRIP.scale;
      if (left >= 0) this.context.fillRect(Math.floor(left), Math.floor(y[i]! * pitch), 2, 3);
    }
  }
}
