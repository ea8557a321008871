// Small pieces of a field: symbol, help, the curve of a distribution, a problem with its fixes.

import { useEffect, useId, useRef, useState } from "react";
import type { Op, Problem } from "../protocol";
import type { Distribution } from "./quantity";
import { headline } from "./sentence";

const GREEK: Record<string, string> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", Delta: "Δ", epsilon: "ε", eta: "η", theta: "θ", kappa: "κ", lambda: "λ",
  mu: "μ", nu: "ν", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", chi: "χ", psi: "ψ", omega: "ω",
};

/** "V_th" with its index set low, "tau" as a letter. */
export function Symbol({ text }: { text: string }): React.ReactNode {
  const [head, ...index] = text.split("_");
  return (
    <span className="sym">
      {GREEK[head!] ?? head}
      {index.length > 0 && <sub>{index.map((part) => GREEK[part] ?? part).join(", ")}</sub>}
    </span>
  );
}

const WIDTH = 248;

/** A question mark that tells what the field does; over the page, so no pane clips it. */
export function Help({ name, text, source }: { name: string; text: string; source: string }): React.ReactNode {
  const [place, setPlace] = useState<{ left: number; top: number; above: boolean } | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = (): void => {
    const box = button.current!.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left - 12, window.innerWidth - WIDTH - 8));
    const above = box.bottom + 120 > window.innerHeight;
    setPlace({ left, top: above ? box.top - 6 : box.bottom + 6, above });
  };
  const close = (): void => setPlace(null);
  useEffect(() => {
    if (!place) return;
    // what is fixed over the page must not stay behind when the page moves
    window.addEventListener("scroll", close, { capture: true, passive: true, once: true });
    return () => window.removeEventListener("scroll", close, { capture: true });
  }, [place]);
  if (!text && !source) return null;
  return (
    <>
      <button
        ref={button} type="button" className="nl-q" aria-label={`About ${name}`} aria-describedby={place ? id : undefined}
        onPointerEnter={open} onPointerLeave={close} onFocus={open} onBlur={close} onClick={open}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !place) return;
          event.stopPropagation();
          close();
        }}
      >
        ?
      </button>
      {place && (
        <span
          id={id} role="tooltip" className="nl-tip"
          style={{ left: place.left, top: place.top, width: WIDTH, transform: place.above ? "translateY(-100%)" : undefined }}
        >
          {text}
          {source && <small>{source}</small>}
        </span>
      )}
    </>
  );
}

const CURVES: Record<Distribution["dist"], string> = {
  Normal: "M1 24C28 24 32 3 46 3S64 24 91 24",
  Uniform: "M1 24H22V6H70V24H91",
};

export function Curve({ dist }: { dist: Distribution["dist"] }): React.ReactNode {
  return (
    <svg width="92" height="26" className="nl-curve" aria-hidden="true">
      <path d={CURVES[dist]} />
    </svg>
  );
}

const ICONS = {
  error: ["M8 1.8 14.2 8 8 14.2 1.8 8z", "M8 5.2v3.2M8 10.7v.01"],
  warning: ["M8 2.5 14 13H2z", "M8 6.5v3M8 11.3v.01"],
  note: ["M13.7 8a5.7 5.7 0 1 1-11.4 0 5.7 5.7 0 0 1 11.4 0z", "M8 7.5V11M8 5.2v.01"],
  pin: ["M6 2.5h4l-.5 4 2 2.5h-7l2-2.5z", "M8 9v4.5"],
  distribution: ["M2 12.5c3 0 3.2-8.5 6-8.5s3 8.5 6 8.5"],
  check: ["m3.5 8.5 3 3 6-7"],
  copy: ["M5.5 7A1.5 1.5 0 0 1 7 5.5h5A1.5 1.5 0 0 1 13.5 7v5a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 12z", "M3.5 10.5h-1v-8h8v1"],
  right: ["m6.5 4.5 3.5 3.5-3.5 3.5"],
  down: ["m4.5 6.5 3.5 3.5 3.5-3.5"],
  plus: ["M8 3v10M3 8h10"],
  save: ["M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10"],
  close: ["m4.5 4.5 7 7M11.5 4.5l-7 7"],
} as const;

export function Icon({ name, size = 16 }: { name: keyof typeof ICONS; size?: number }): React.ReactNode {
  return (
    <svg
      className="ic" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true"
      fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round"
    >
      {ICONS[name].map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}

/** A problem where it happened: what is wrong, and buttons that put it right. */
export function Message({ problem, id, onFix }: { problem: Problem; id?: string; onFix(ops: Op[], label: string): void }): React.ReactNode {
  if (problem.severity !== "error" && problem.fixes.length === 0) {
    return (
      <div className={`nl-note ${problem.severity}`} id={id}>
        <Icon name={problem.severity} size={14} />
        <span>{problem.text}</span>
      </div>
    );
  }
  const [head, rest] = headline(problem.text);
  return (
    <div className={`nl-msg ${problem.severity}`} id={id} role={problem.severity === "error" ? "alert" : undefined}>
      <Icon name={problem.severity} />
      <div>
        <b>{head}</b> {rest}
      </div>
      <Fixes problem={problem} onFix={onFix} />
    </div>
  );
}

export function Fixes({ problem, onFix }: { problem: Problem; onFix(ops: Op[], label: string): void }): React.ReactNode {
  if (problem.fixes.length === 0) return null;
  return (
    <div className="fix">
      {problem.fixes.map((fix) => (
        <button key={fix.label} type="button" className="nl-btn sm line" onClick={() => onFix(fix.ops, fix.label)}>
          {fix.label}
        </button>
      ))}
    </div>
  );
}
