// plotly reads a little HTML and TeX in its texts; a name is neither.

const ENTITIES: Record<string, string> = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "$": "&#36;",
};

/** Text of a person, safe as a label, title or annotation of plotly. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"'$]/g, (char) => ENTITIES[char]!).replace(/[\u0000-\u001f]/g, " ");
}
