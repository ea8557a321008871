// Where an axis is labelled: round numbers, few of them.

const STEPS = [1, 2, 5, 10];

/** A round step that gives at most `most` intervals. */
export function stepOf(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  return STEPS.find((step) => step * power >= rough - 1e-12)! * power;
}

/** Round numbers in a range, with their texts. */
export function ticks(low: number, high: number, most: number): { at: number; text: string }[] {
  if (!(high > low)) return [];
  const step = stepOf(high - low, most);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const result = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    result.push({ at: k * step, text: (k * step).toFixed(digits).replace(/^-/, "\u2212") });
  }
  return result;
}

/** The end of an axis from zero that only grows: 1, 2, 3, 4, 6, 8 times a power of ten. */
export function grownEnd(value: number, before: number): number {
  if (!(value > before)) return before;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 6, 8, 10].find((step) => step * power >= value)! * power;
}

/** A range that holds both, widened outwards to whole steps of a fifth of its span. */
export function grownRange(low: number, high: number, before: [number, number]): [number, number] {
  if (low >= before[0] && high <= before[1]) return before;
  const from = Math.min(low, before[0]);
  const to = Math.max(high, before[1]);
  const step = stepOf(Math.max(to - from, 1e-12), 5);
  return [Math.floor(from / step) * step, Math.ceil(to / step) * step];
}
