// Which element a line of the generated Python draws.

export type CodeMap = Record<string, [number, number]>;

/** The element with the tightest range around a line: a projection inside of a block. */
export function owner(map: CodeMap, line: number): string | null {
  let best: string | null = null;
  let length = Infinity;
  for (const [id, [from, to]] of Object.entries(map)) {
    if (line < from || line > to || to - from >= length) continue;
    best = id;
    length = to - from;
  }
  return best;
}
