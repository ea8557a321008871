// Values of the document as text and numbers: "20 ms", 0.02, {dist: "Normal", ...}.
// The kernel owns the grammar; here is only what a slider and a label need.

export interface Normal {
  dist: "Normal";
  mean: string | number;
  std: string | number;
}
export interface Uniform {
  dist: "Uniform";
  low: string | number;
  high: string | number;
}
export type Distribution = Normal | Uniform;

export interface Quantity {
  value: number;
  unit: string;
}

const NUMBER = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(.*)$/i;
const PREFIXES: Record<string, number> = {
  "": 0, f: -15, p: -12, n: -9, u: -6, "µ": -6, "μ": -6, m: -3, c: -2, k: 3, M: 6, G: 9,
};
const BASES = ["Hz", "Ohm", "ohm", "Ω", "s", "V", "A", "S", "F", "m", "M", "C", "mol"];
const SAME: Record<string, string> = { ohm: "Ohm", "Ω": "Ohm" };

/** What a person may type or paste, in the characters that the kernel reads. */
export function plainText(text: string): string {
  return text.replace(/[\u2212\u2013]/g, "-").replace(/[\u2009\u202f\u00a0]/g, " ").trim();
}

/** Read "67 nS", "-50 mV" or "0.02"; null when it is more than a number and a unit. */
export function parseQuantity(text: string): Quantity | null {
  const plain = plainText(text).replace(/(\d) (?=\d{3}(\D|$))/g, "$1");
  const match = NUMBER.exec(plain);
  if (!match) return null;
  const value = Number(match[1]);
  const unit = match[2]!.trim();
  if (!Number.isFinite(value) || /[\d+*()±,]/.test(unit.replace(/\^-?\d/g, ""))) return null;
  return unit === "%" ? { value: value / 100, unit: "" } : { value, unit };
}

function split(unit: string): { exponent: number; base: string } | null {
  for (const base of BASES) {
    if (!unit.endsWith(base)) continue;
    const exponent = PREFIXES[unit.slice(0, unit.length - base.length)];
    if (exponent !== undefined) return { exponent, base: SAME[base] ?? base };
  }
  return null;
}

/** The number of `quantity` in `unit`; null when the units measure different things. */
export function convert(quantity: Quantity, unit: string): number | null {
  if (quantity.unit === unit) return quantity.value;
  const from = split(quantity.unit);
  const to = split(unit);
  if (!from || !to || from.base !== to.base) return null;
  const shift = from.exponent - to.exponent;
  // dividing by a whole power of ten is exact where multiplying by 1e-3 is not
  return shift < 0 ? quantity.value / 10 ** -shift : quantity.value * 10 ** shift;
}

export function isDistribution(value: unknown): value is Distribution {
  return typeof value === "object" && value !== null && "dist" in value;
}

/** A number or "number unit" of the document as a number in `unit`, else null. */
export function toNumber(value: unknown, unit: string): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string") return null;
  const quantity = parseQuantity(value);
  return quantity && convert(quantity, unit);
}

/** At most `digits` significant digits, without an exponent where that stays short. */
export function trim(value: number, digits = 6): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e9 || size < 1e-6 ? value.toExponential(digits - 1) : value.toPrecision(digits);
  const [mantissa, exponent] = text.split("e");
  const short = mantissa!.includes(".") ? mantissa!.replace(/\.?0+$/, "") : mantissa!;
  if (exponent === undefined) return short;
  const plain = Number(text);
  return size >= 1e9 || size < 1e-6 ? `${short}e${Number(exponent)}` : String(plain);
}

/** For the eye: a minus sign, and thin spaces between thousands. */
export function pretty(text: string): string {
  return text
    .replace(/-(?=[\d.])/g, "\u2212")
    .replace(/\d{4,}(?![\d.]*e)/g, (run, at: number, whole: string) =>
      whole[at - 1] === "." ? run : run.replace(/\B(?=(\d{3})+$)/g, "\u2009"),
    );
}

/** A unit as it is printed: "MΩ" for "Mohm". */
export const prettyUnit = (unit: string): string => unit.replace(/ohm/i, "Ω").replace(/^u(?=[A-Za-z])/, "µ");

/** A count: 51200 as "51 200". */
export function count(value: number): string {
  return pretty(String(Math.round(value)));
}

/** "20 ms" from a number and a unit; a bare number has no space after it. */
export function join(value: number, unit: string): string {
  return unit ? `${trim(value)} ${unit}` : trim(value);
}

export interface Shown {
  number: string;
  unit: string;
}

/** A document value as number text and unit: {"-55 ± 5", "mV"}. */
export function shown(value: unknown, unit: string): Shown {
  if (isDistribution(value)) {
    const [a, b] = value.dist === "Normal" ? [value.mean, value.std] : [value.low, value.high];
    const [x, y] = [toNumber(a, unit), toNumber(b, unit)];
    if (x === null || y === null) return { number: `${value.dist}(${String(a)}, ${String(b)})`, unit: "" };
    const glue = value.dist === "Normal" ? " ± " : " to ";
    return { number: trim(x) + glue + trim(y), unit };
  }
  const number = toNumber(value, unit);
  if (number !== null) return { number: trim(number), unit };
  if (Array.isArray(value)) return { number: value.map(String).join(", "), unit: "" };
  return { number: value === null || value === undefined ? "" : String(value), unit: "" };
}

/** The same as one text, as it stands in the input: "-55 ± 5 mV". */
export function asText(value: unknown, unit: string): string {
  if (isDistribution(value) && value.dist === "Uniform") {
    return `uniform(${String(value.low)}, ${String(value.high)})`;
  }
  const text = shown(value, unit);
  return text.unit ? `${text.number} ${text.unit}` : text.number;
}
