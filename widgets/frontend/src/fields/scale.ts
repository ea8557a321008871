// The track of a slider: from a parameter's declaration to places between 0 and 1.

import { toNumber } from "./quantity";

export interface ScaleSpec {
  unit: string;
  low: number | null;
  high: number | null;
  minimum?: number | null;
  maximum?: number | null;
  integer?: boolean;
  log?: boolean;
}

export interface Scale {
  low: number;
  high: number;
  log: boolean;
  integer: boolean;
  step: number; // of one arrow key; on a log scale a share of the track
  minimum: number;
  maximum: number;
}

/** The nearest 1, 2 or 5 times a power of ten, below or above. */
export function nice(value: number, direction: -1 | 1): number {
  if (value === 0) return 0;
  const sign = Math.sign(value);
  const size = Math.abs(value);
  const power = 10 ** Math.floor(Math.log10(size) + 1e-9);
  const steps = [1, 2, 5, 10];
  const outward = direction * sign > 0;
  const ratio = size / power;
  const step = outward
    ? steps.find((s) => s >= ratio - 1e-9)!
    : [...steps].reverse().find((s) => s <= ratio + 1e-9)!;
  return sign * step * power;
}

/** Range and kind of the track; it grows to hold the values it has to show. */
export function makeScale(spec: ScaleSpec, ...values: (number | null)[]): Scale | null {
  const { low, high } = spec;
  if (low === null || high === null || !(high > low)) return null;
  const minimum = spec.minimum ?? -Infinity;
  const maximum = spec.maximum ?? Infinity;
  const log = low > 0 && (spec.log === true || high / low > 100);
  const known = values.filter((v): v is number => v !== null && Number.isFinite(v));
  const inside = log ? known.filter((v) => v > 0) : known;
  const span = high - low;
  // half of the plausible range is added on either side, as far as the limits allow
  let from = log ? nice(low / 3, -1) : clip(nice(low - span / 2, -1), minimum, maximum);
  let to = log ? nice(high * 3, 1) : clip(nice(high + span / 2, 1), minimum, maximum);
  if (!log && low >= 0 && from < 0) from = Math.max(0, minimum);
  if (log && minimum > 0) from = Math.max(from, minimum);
  if (log) to = Math.min(to, maximum);
  from = Math.min(from, low, ...inside);
  to = Math.max(to, high, ...inside);
  if (log && !(from > 0)) return null;
  const integer = spec.integer === true;
  if (integer) [from, to] = [Math.ceil(from), Math.floor(to)];
  let step = log ? 1 / 200 : nice((to - from) / 200, -1);
  if (integer && !log) step = Math.max(1, step);
  return { low: from, high: to, log, integer, step, minimum, maximum };
}

export function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Where a value sits on the track, clipped to it. */
export function place(scale: Scale, value: number): number {
  const share = scale.log
    ? Math.log(Math.max(value, scale.low) / scale.low) / Math.log(scale.high / scale.low)
    : (value - scale.low) / (scale.high - scale.low);
  return clip(share, 0, 1);
}

/** The value at a place of the track, rounded to what a hand can mean. */
export function valueAt(scale: Scale, share: number): number {
  const at = clip(share, 0, 1);
  if (at === 0) return scale.low;
  if (at === 1) return scale.high;
  const exact = scale.log
    ? scale.low * (scale.high / scale.low) ** at
    : scale.low + at * (scale.high - scale.low);
  return settle(scale, exact);
}

/** Move by arrow keys: `steps` of 1, 10 with Shift; a page is a tenth of the track. */
export function moved(scale: Scale, value: number, steps: number): number {
  if (!scale.log) return settle(scale, value + steps * scale.step);
  const next = valueAt(scale, place(scale, value) + steps * scale.step);
  if (next !== value || !scale.integer) return next;
  return settle(scale, value + Math.sign(steps)); // small integers are further apart
}

export function paged(scale: Scale, value: number, pages: number): number {
  return valueAt(scale, place(scale, value) + pages / 10);
}

function settle(scale: Scale, value: number): number {
  const unit = scale.log
    ? 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1) // two digits
    : scale.step;
  const rounded = Math.round(value / (scale.integer ? Math.max(1, unit) : unit));
  const exact = rounded * (scale.integer ? Math.max(1, unit) : unit);
  const tidy = Number(exact.toPrecision(12)); // 0.30000000000000004 is 0.3
  return clip(clip(tidy, scale.low, scale.high), scale.minimum, scale.maximum);
}

/** The default of a parameter as a number in its unit. */
export function defaultOf(spec: { unit: string; default?: unknown }): number | null {
  return toNumber(spec.default, spec.unit);
}
