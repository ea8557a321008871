// The shape that says what a node is, at the size of a title.

export interface GlyphProps {
  shape: "population" | "input" | "probe";
  sign: number;
  hue: string; // a token
}

export function Glyph({ shape, sign, hue }: GlyphProps): React.ReactNode {
  const color = `var(--nl-${hue})`;
  const body = {
    fill: `color-mix(in srgb,${color} 14%,var(--nl-surface))`, stroke: color, strokeWidth: 3.5, strokeLinejoin: "round",
  } as const;
  const mark = { stroke: color, strokeWidth: 2.8, fill: "none", strokeLinecap: "round" } as const;
  return (
    <svg className="nl-glyph" width="22" height="22" viewBox="0 0 52 52" aria-hidden="true">
      {shape === "input" && <path d="M26 6.5 43 16.3v19.4L26 45.5 9 35.7V16.3Z" {...body} />}
      {shape === "probe" && <rect x="6" y="10" width="40" height="32" rx="7" {...body} />}
      {shape === "population" && sign > 0 && (
        <>
          <path d="M26 7 46 41H6Z" {...body} />
          <path d="M26 23.5v11M20.5 29h11" {...mark} />
        </>
      )}
      {shape === "population" && sign < 0 && (
        <>
          <circle cx="26" cy="26" r="19.5" {...body} />
          <path d="M20 26h12" {...mark} />
        </>
      )}
      {shape === "population" && sign === 0 && <rect x="8" y="8" width="36" height="36" rx="9" {...body} />}
    </svg>
  );
}
