// Colours of the theme as numbers: CSS mixes them, plotly and pixels need them mixed.

export type Rgb = [number, number, number];

export interface Palette {
  of(token: string): string; // "rgb(10,108,181)"
  pixel(token: string): number; // for a Uint32Array over ImageData; every browser is little-endian
  faint(token: string, alpha: number): string;
}

/** Read tokens where they apply; ask again after a change of theme. */
export function readPalette(element: HTMLElement): Palette {
  const known = new Map<string, Rgb>();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const probe = document.createElement("span");
  probe.hidden = true;
  const rgb = (token: string): Rgb => {
    const cached = known.get(token);
    if (cached) return cached;
    probe.style.color = `var(--nl-${token})`;
    element.append(probe);
    context.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    const color: Rgb = [r!, g!, b!];
    known.set(token, color);
    return color;
  };
  return {
    of: (token) => `rgb(${rgb(token).join(",")})`,
    faint: (token, alpha) => `rgba(${rgb(token).join(",")},${alpha})`,
    pixel: (token) => {
      const [r, g, b] = rgb(token);
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    },
  };
}
