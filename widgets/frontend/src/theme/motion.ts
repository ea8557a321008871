// Whether things may move by themselves: not where the person does not want it, nor where the
// processor paints the page and every moving dot costs it a whole picture.

import { isSoftwareRendered } from "../plots/plotly";

export const isReduced = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const mayMove = (): boolean => !isReduced() && !isSoftwareRendered();
