// Light colouring of Python: words, numbers, texts, comments and calls. Nothing is parsed.

export type TokenKind = "keyword" | "number" | "string" | "comment" | "call" | "plain";

export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except " +
    "finally for from global if import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
);

// a name is matched whole, so that "for" inside of a name is no word
const RULES: [TokenKind | "name", string][] = [
  ["comment", "#.*"],
  ["string", "[rRbBfFuU]{0,2}(?:\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*')"],
  ["name", "[\\p{L}_][\\p{L}\\p{N}_]*"],
  ["number", "(?:0[xX][\\da-fA-F_]+|\\d[\\d_]*\\.?[\\d_]*(?:[eE][-+]?\\d+)?|\\.\\d+)"],
  ["plain", "\\s+|[^]"],
];

/** The lines of a source, each as coloured pieces; texts over several lines are kept. */
export function tokenize(source: string): Token[][] {
  const lines: Token[][] = [];
  let fence: string | null = null; // the quotes of an open text of several lines
  for (const line of source.split("\n")) {
    const tokens: Token[] = [];
    let rest = line;
    while (rest) {
      if (fence === null) {
        const opening: RegExpExecArray | null = /^[rRbBfFuU]{0,2}("""|''')/.exec(rest);
        if (opening) {
          fence = opening[1]!;
          rest = take(tokens, "string", rest, opening[0].length);
          continue;
        }
        const [kind, length] = match(rest);
        rest = take(tokens, kind, rest, length);
        continue;
      }
      const end = rest.indexOf(fence);
      const length: number = end < 0 ? rest.length : end + fence.length;
      if (end >= 0) fence = null;
      rest = take(tokens, "string", rest, length);
    }
    lines.push(tokens);
  }
  return lines;
}

const PATTERN = new RegExp(RULES.map(([, source]) => `(${source})`).join("|"), "yu");

function match(text: string): [TokenKind, number] {
  PATTERN.lastIndex = 0;
  const found = PATTERN.exec(text)!;
  const length = found[0].length;
  const [kind] = RULES[RULES.findIndex((_, i) => found[i + 1] !== undefined)]!;
  if (kind !== "name") return [kind, length];
  if (KEYWORDS.has(found[0])) return ["keyword", length];
  return [text[length] === "(" ? "call" : "plain", length];
}

/** Append a piece, joined to the last one of its kind; return what is left. */
function take(tokens: Token[], kind: TokenKind, text: string, length: number): string {
  const last = tokens[tokens.length - 1];
  const piece = text.slice(0, length);
  if (last && last.kind === kind && kind !== "call") last.text += piece;
  else tokens.push({ kind, text: piece });
  return text.slice(length);
}
