// Messages are a statement and an explanation: the first stands out.

/** The first sentence and the rest. Points inside of numbers and names do not end one. */
export function headline(text: string): [string, string] {
  const end = /[.?!](?=\s+[\p{Lu}\d])/u.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + 1).trim()] : [text, ""];
}
