// A drag makes hundreds of values; the kernel gets at most 25 a second, and always the last.

const INTERVAL = 40; // ms

export interface Clock {
  now(): number;
  request(callback: () => void): number;
  cancel(handle: number): void;
}

const BROWSER: Clock = {
  now: () => performance.now(),
  request: (callback) => requestAnimationFrame(callback),
  cancel: (handle) => cancelAnimationFrame(handle),
};

export class Coalescer<T> {
  private waiting: { value: T } | null = null;
  private handle: number | null = null;
  private last = -Infinity;

  constructor(
    private readonly send: (value: T, done: boolean) => void,
    private readonly clock: Clock = BROWSER,
  ) {}

  /** A value on the way: sent with the next animation frame that is due. */
  move(value: T): void {
    this.waiting = { value };
    this.schedule();
  }

  /** The final value: sent at once, in place of one that still waits. */
  end(value: T): void {
    this.stop();
    this.send(value, true);
  }

  /** Forget what waits. */
  stop(): void {
    if (this.handle !== null) this.clock.cancel(this.handle);
    this.handle = null;
    this.waiting = null;
  }

  private schedule(): void {
    if (this.handle !== null) return;
    this.handle = this.clock.request(() => {
      this.handle = null;
      if (!this.waiting) return;
      if (this.clock.now() - this.last < INTERVAL - 1) {
        this.schedule();
        return;
      }
      const { value } = this.waiting;
      this.waiting = null;
      this.last = this.clock.now();
      this.send(value, false);
    });
  }
}
