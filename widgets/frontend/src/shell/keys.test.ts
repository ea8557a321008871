import { expect, it } from "vitest";
import { chordOf, isJupyters, printed } from "./keys";

const press = (key: string, mods = ""): string =>
  chordOf({ key, ctrlKey: mods.includes("c"), metaKey: mods.includes("m"), altKey: mods.includes("a"), shiftKey: mods.includes("s") });

it("names letters by their capital, with or without Caps Lock", () => {
  expect([press("e"), press("E", "s")]).toEqual(["E", "E"]);
});
it("tells undo from redo, on a Mac too", () => {
  expect([press("z", "c"), press("Z", "cs"), press("z", "m")]).toEqual(["Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Z"]);
});
it("takes a character for what it writes", () => {
  expect([press("?", "s"), press("/"), press("]"), press(" "), press("0")]).toEqual(["?", "/", "]", "Space", "0"]);
});
it("leaves to the notebook what is the notebook's", () => {
  for (const chord of [press("Enter", "s"), press("Enter", "c"), press("s", "c"), press("C", "cs")]) expect(isJupyters(chord)).toBe(true);
  for (const chord of [press("Enter"), press("z", "c"), press("c", "c")]) expect(isJupyters(chord)).toBe(false);
});
it("prints chords short", () => {
  expect(printed("Ctrl+Shift+Z")).toBe("Ctrl Shift Z");
  expect(printed("Delete")).toBe("Del");
});
