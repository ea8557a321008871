// Small pieces of a field: symbol, help, the curve of a distribution, a problem with its fixes.

import { useEffect, useId, useRef, useState } from "react";
import { Icon } from "../icons";
import type { Op, Problem, Severity } from "../protocol";
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

const SEVERITIES = { error: "error", warning: "warning", note: "info" } as const;

/** The sign of a severity: its shape tells it apart without colour. */
export function SeverityIcon({ of, size = 16 }: { of: Severity; size?: number }): React.ReactNode {
  return <Icon name={SEVERITIES[of]} size={size} />;
}

/** A problem where it happened: what is wrong, and buttons that put it right. */
export function Message({ problem, id, onFix }: { problem: Problem; id?: string; onFix(ops: Op[], label: string): void }): React.ReactNode {
  if (problem.severity !== "error" && problem.fixes.length === 0) {
    return (
      <div className={`nl-note ${problem.severity}`} id={id}>
        <SeverityIcon of={problem.severity} size={14} />
        <span>{problem.text}</span>
      </div>
    );
  }
  const [head, rest] = headline(problem.text);
  return (
    <div className={`nl-msg ${problem.severity}`} id={id} role={problem.severity === "error" ? "alert" : undefined}>
      <SeverityIcon of={problem.severity} />
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
