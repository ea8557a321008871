// What one spike does to a neuron: the potential it makes, by small exponential steps.

export interface Membrane {
  tau: number; // ms
  resistance: number; // MOhm
  rest: number; // mV
  threshold: number | null; // mV
}

export type Synapse =
  | { shape: "Expon" | "Alpha"; tau: number } // ms
  | { shape: "Delta" };

export type Output =
  | { kind: "COBA"; reversal: number } // weight in nS, reversal in mV
  | { kind: "CUBA" } // weight in pA
  | { kind: "none" }; // weight in mV

export interface Potential {
  time: Float64Array; // ms, the spike arrives at 0
  change: Float64Array; // mV, from where the neuron was held
  held: number; // mV
  peak: number; // mV, the largest change by size
}

const BEFORE = 25; // points drawn before the spike arrives
const POINTS = 300;
const MILLI = 1e-3; // MOhm * pA is 1e-3 mV

/** The response of a membrane held halfway between rest and threshold, never reset. */
export function onePotential(membrane: Membrane, synapse: Synapse, output: Output, weight: number): Potential {
  const { tau, resistance, rest, threshold } = membrane;
  const held = threshold === null ? rest : (rest + threshold) / 2;
  const slowest = Math.max(tau, synapse.shape === "Delta" ? 0 : synapse.tau);
  const span = Math.min(400, Math.max(20, 4 * slowest));
  const time = new Float64Array(POINTS);
  const change = new Float64Array(POINTS);
  // the fastest process gets twenty steps, so that its rise is smooth
  const fastest = Math.min(tau, synapse.shape === "Delta" ? tau : synapse.tau);
  const between = span / (POINTS - 1 - BEFORE);
  const parts = Math.max(1, Math.ceil((between * 20) / fastest));
  const dt = between / parts;
  const fade = synapse.shape === "Delta" ? 0 : Math.exp(-dt / synapse.tau);
  let v = held;
  let g = 0;
  let h = 0; // rising half of the alpha function
  let peak = 0;
  for (let i = 0; i < POINTS; i++) {
    time[i] = (i - BEFORE) * between;
    if (i === BEFORE) {
      if (synapse.shape === "Expon") g = weight;
      else if (synapse.shape === "Alpha") h = weight;
      else v += weight;
    }
    change[i] = v - held;
    if (Math.abs(v - held) > Math.abs(peak)) peak = v - held;
    for (let k = 0; k < parts; k++) {
      // tau dV/dt = a - b V with conductance and current held for this step
      const gain = resistance * g * MILLI;
      const b = output.kind === "COBA" ? 1 + gain : 1;
      const a = held + (output.kind === "COBA" ? gain * output.reversal : output.kind === "CUBA" ? gain : 0);
      v = a / b + (v - a / b) * Math.exp((-dt * b) / tau);
      if (synapse.shape === "Expon") {
        g *= fade;
      } else if (synapse.shape === "Alpha") {
        g = (g + (h * dt) / synapse.tau) * fade;
        h *= fade;
      }
      if (Math.abs(v - held) > Math.abs(peak)) peak = v - held;
    }
  }
  return { time, change, held, peak };
}
