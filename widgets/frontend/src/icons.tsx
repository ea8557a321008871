// Line icons on a grid of 16, drawn with the colour of the text.

const PATHS = {
  play: ["!M5 3.2v9.6l8-4.8z"],
  pause: ["*M5 3.5v9M11 3.5v9"],
  step: ["!M4 3.5v9l6-4.5z", "M12.5 3.5v9"],
  reset: ["M3.2 8a4.8 4.8 0 1 0 1.5-3.5L3 6.1", "M3 2.8v3.3h3.3"],
  undo: ["M6 3 3 6l3 3", "M3 6h6.5a3.5 3.5 0 0 1 0 7H7"],
  redo: ["m10 3 3 3-3 3", "M13 6H6.5a3.5 3.5 0 0 0 0 7H9"],
  search: ["M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0z", "m10 10 3.5 3.5"],
  code: ["M5.5 4.5 2 8l3.5 3.5", "M10.5 4.5 14 8l-3.5 3.5"],
  more: ["*M3.5 8h.01M8 8h.01M12.5 8h.01"],
  full: ["M3 6V3h3", "M10 3h3v3", "M13 10v3h-3", "M6 13H3v-3"],
  down: ["m4.5 6.5 3.5 3.5 3.5-3.5"],
  close: ["m4.5 4.5 7 7", "M11.5 4.5l-7 7"],
  error: ["M8 1.8 14.2 8 8 14.2 1.8 8z", "M8 5.2v3.2M8 10.7v.01"],
  warning: ["M8 2.5 14 13H2z", "M8 6.5v3M8 11.3v.01"],
  info: ["M13.7 8A5.7 5.7 0 1 1 2.3 8a5.7 5.7 0 0 1 11.4 0z", "M8 7.5V11M8 5.2v.01"],
  ok: ["m3.5 8.5 3 3 6-7"],
  plus: ["M8 3v10M3 8h10"],
  minus: ["M3 8h10"],
  fit: ["M3 5.5V3h2.5M10.5 3H13v2.5M13 10.5V13h-2.5M5.5 13H3v-2.5", "M6 6h4v4H6z"],
  tidy: ["M5 8a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0z", "M14 3.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0z", "M14 12.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0z", "M5 7.5 11 4M5 8.5l6 3.5"],
  table: ["M2.5 4A1 1 0 0 1 3.5 3h9a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1z", "M2.5 6.5h11M6.5 6.5V13"],
  map: ["M2.5 4.5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1z", "M7 6h5v4H7z"],
  export: ["M8 2.5v8M4.5 7.5 8 11l3.5-3.5", "M3 13.5h10"],
  save: ["M3 4a1 1 0 0 1 1-1h6.5L13 5.5V12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z", "M5.5 3v3h4V3M5 13V9.5h6V13"],
  open: ["M2.5 12V4.5a1 1 0 0 1 1-1H6l1.5 1.5h4a1 1 0 0 1 1 1V7", "M2.5 12.5 4.5 7.5H14l-1.8 5z"],
  record: ["M12.5 8a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0z", "!M10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0z"],
  right: ["m6.5 4.5 3.5 3.5-3.5 3.5"],
  pin: ["M6 2.5h4l-.5 4 2 2.5h-7l2-2.5z", "M8 9v4.5"],
  distribution: ["M2 12.5c3 0 3.2-8.5 6-8.5s3 8.5 6 8.5"],
  copy: ["M5.5 7A1.5 1.5 0 0 1 7 5.5h5A1.5 1.5 0 0 1 13.5 7v5a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 12z", "M3.5 10.5h-1v-8h8v1"],
  chart: ["M2.5 13.5h11", "M3.5 10.5 6 6l3 3 4-5.5"],
} as const;

export type IconName = keyof typeof PATHS;

/** A leading "!" fills a path, a "*" draws it heavy. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): React.ReactNode {
  return (
    <svg
      className="ic" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true"
      fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round"
    >
      {PATHS[name].map((path) => {
        const isFilled = path.startsWith("!");
        const isHeavy = path.startsWith("*");
        return <path key={path} d={isFilled || isHeavy ? path.slice(1) : path} fill={isFilled ? "currentColor" : "none"} strokeWidth={isHeavy ? 2.4 : undefined} />;
      })}
    </svg>
  );
}

/** The mark of the editor: an excitatory and an inhibitory thread crossing. */
export function Mark(): React.ReactNode {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
      <path d="M3 15C7 15 7 5 11 5s3 5 6 5" stroke="var(--nl-exc)" />
      <path d="M3 5c4 0 4 10 8 10s3-5 6-5" stroke="var(--nl-inh)" />
    </svg>
  );
}
