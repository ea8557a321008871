// Errors first, then warnings, then notes; each in the order the kernel found them.

import type { Problem } from "../protocol";

const RANK: Record<Problem["severity"], number> = { error: 0, warning: 1, note: 2 };

export function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}
