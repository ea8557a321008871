// Samples in time order in typed arrays; the oldest give way. No allocation while live.

export type Values = Uint16Array | Uint32Array | Float32Array;

export class Ring<V extends Values> {
  private time: Float64Array;
  private value: V;
  private start = 0;
  length = 0;

  constructor(
    private readonly make: (size: number) => V,
    capacity: number,
    private readonly limit: number,
  ) {
    this.time = new Float64Array(capacity);
    this.value = make(capacity);
  }

  /** Append `n` samples; beyond the limit the oldest are lost. */
  push(n: number, time: (i: number) => number, value: (i: number) => number): void {
    if (this.length + n > this.time.length) this.grow(this.length + n);
    const capacity = this.time.length;
    const skip = Math.max(0, n - capacity);
    const over = this.length + (n - skip) - capacity;
    if (over > 0) this.drop(over);
    let at = (this.start + this.length) % capacity;
    for (let i = skip; i < n; i++) {
      this.time[at] = time(i);
      this.value[at] = value(i);
      if (++at === capacity) at = 0;
    }
    this.length += n - skip;
  }

  /** Let go of everything before a time. */
  forget(before: number): void {
    let gone = 0;
    const capacity = this.time.length;
    while (gone < this.length && this.time[(this.start + gone) % capacity]! < before) gone++;
    this.drop(gone);
  }

  clear(): void {
    this.start = this.length = 0;
  }

  /** The samples as at most two runs of the underlying arrays, oldest first. */
  runs(): { time: Float64Array; value: V; from: number; to: number }[] {
    const { time, value, start, length } = this;
    const end = start + length;
    const capacity = time.length;
    if (end <= capacity) return [{ time, value, from: start, to: end }];
    return [
      { time, value, from: start, to: capacity },
      { time, value, from: 0, to: end - capacity },
    ];
  }

  /** Copies in time order, as plotly wants them. */
  arrays(): { time: Float64Array; value: V } {
    const time = new Float64Array(this.length);
    const value = this.make(this.length);
    let at = 0;
    for (const run of this.runs()) {
      time.set(run.time.subarray(run.from, run.to), at);
      value.set(run.value.subarray(run.from, run.to) as never, at);
      at += run.to - run.from;
    }
    return { time, value };
  }

  /** The last value at or before a time. */
  before(time: number): number | null {
    const capacity = this.time.length;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time[(this.start + middle) % capacity]! <= time) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : this.value[(this.start + low - 1) % capacity]!;
  }

  private drop(n: number): void {
    const gone = Math.min(n, this.length);
    this.start = (this.start + gone) % this.time.length;
    this.length -= gone;
  }

  private grow(need: number): void {
    let size = this.time.length;
    while (size < need && size < this.limit) size *= 2;
    size = Math.min(size, this.limit);
    if (size === this.time.length) return;
    const { time, value } = this.arrays();
    this.time = new Float64Array(size);
    this.value = this.make(size);
    this.time.set(time);
    this.value.set(value as never);
    this.start = 0;
  }
}

/** Row numbers of spikes: up to a million are kept. */
export const spikeRing = (): Ring<Uint16Array> => new Ring((n) => new Uint16Array(n), 4096, 1 << 20);

/** A curve: up to 65 536 samples are kept. */
export const curveRing = (): Ring<Float32Array> => new Ring((n) => new Float32Array(n), 1024, 1 << 16);
