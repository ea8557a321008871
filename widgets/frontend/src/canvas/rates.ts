// Rates of the nodes as the eye takes them: smoothed, one range for all, ten times a second.

import type { Frame } from "../protocol";

const SMOOTH = 0.2; // s of wall time
const INTERVAL = 100; // ms between pictures
const CALM = 500; // ms where motion is reduced

export interface RateView {
  hz: number;
  level: number; // of the legend
}

const NICE = [1, 2, 3, 5, 10];

/** The end of the legend for a rate: 1, 2, 3 or 5 times a power of ten; it only grows. */
export function legendTop(rate: number, before: number): number {
  if (!(rate > before)) return before;
  const power = 10 ** Math.floor(Math.log10(rate));
  return power * NICE.find((step) => step * power >= rate * (1 - 1e-9))!;
}

export class Rates {
  top = 10; // Hz
  private readonly smooth = new Map<string, number>();
  private shown = new Map<string, RateView>();
  private readonly listeners = new Set<() => void>();
  private run: number | null = null;
  private last = 0;
  private pictured = 0;

  constructor(private readonly isCalm: () => boolean = () => false) {}

  take({ rates, run }: Pick<Frame, "rates" | "run">, now: number): void {
    if (run !== this.run) this.clear();
    this.run = run;
    const weight = this.last === 0 ? 1 : 1 - Math.exp(-Math.max(0, now - this.last) / 1000 / SMOOTH);
    this.last = now;
    for (const [id, rate] of Object.entries(rates)) {
      const before = this.smooth.get(id);
      this.smooth.set(id, before === undefined ? rate : before + (rate - before) * weight);
    }
    if (now - this.pictured < (this.isCalm() ? CALM : INTERVAL)) return;
    this.pictured = now;
    this.picture();
  }

  clear(): void {
    this.smooth.clear();
    this.shown = new Map();
    this.top = 10;
    this.last = this.pictured = 0;
    this.tell();
  }

  of(id: string): RateView | undefined {
    return this.shown.get(id);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  private picture(): void {
    this.top = legendTop(Math.max(0, ...this.smooth.values()), this.top);
    const shown = new Map<string, RateView>();
    for (const [id, rate] of this.smooth) {
      // whole percents: what the eye cannot tell apart needs no new picture
      const next = { hz: Number(rate.toPrecision(rate < 10 ? 2 : 3)), level: Math.round((rate / this.top) * 100) / 100 };
      const before = this.shown.get(id);
      shown.set(id, before && before.hz === next.hz && before.level === next.level ? before : next);
    }
    this.shown = shown;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** "6.1", "17.8", "104": three digits are enough on a node. */
export const rateText = (hz: number): string => (hz >= 100 ? hz.toFixed(0) : hz.toFixed(1));
