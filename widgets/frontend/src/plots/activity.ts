// What the plots know: the last seconds of a run, filled by frames, read when drawing.

import type { Samples } from "../bridge";
import type { Population } from "../protocol";
import type { Picture } from "../session";
import { Ring, curveRing, spikeRing } from "./ring";

/** The part of a frame that is drawn. */
export type FrameData = Omit<Picture, "type" | "seq">;

export interface Rows {
  id: string;
  n: number;
  rows: number[];
}

export interface Trace {
  probe: string;
  variable: string;
  neuron: number;
  curve: Ring<Float32Array>;
}

const KEPT = 2; // seconds of simulated time beyond the window
const SMOOTH = 0.005; // s, of the drawn rate

export class Activity {
  window = 1;
  time = 0;
  run: number | null = null;
  revision = 0;
  leftOut = 0;
  rows = new Map<string, Rows>();
  spikes = new Map<string, Ring<Uint16Array>>();
  rates = new Map<string, Ring<Float32Array>>();
  traces = new Map<string, Trace>();
  /** Counts up when labels have to be laid out again: rows, populations, traces. */
  layout = 0;
  private smoothed = new Map<string, number>();
  private keys = new Map<string, number>();

  /** Append one frame. A new run, or a step back in time, begins anew. */
  take(frame: FrameData, arrays: ReadonlyMap<string, Samples>): void {
    if (frame.run !== this.run || frame.t0 < this.time - 1e-9) this.clear();
    this.run = frame.run;
    this.revision = frame.revision;
    this.leftOut = frame.left_out;
    this.time = frame.t0 + frame.n_steps * frame.dt;
    for (const entry of frame.populations) this.takeRows(entry);
    for (const [name, samples] of arrays) this.takeArray(name, samples, frame, arrays);
    const oldest = this.time - this.window - KEPT;
    for (const ring of this.spikes.values()) ring.forget(oldest);
    for (const ring of this.rates.values()) ring.forget(oldest);
    for (const trace of this.traces.values()) trace.curve.forget(oldest);
  }

  clear(): void {
    this.time = 0;
    for (const ring of this.spikes.values()) ring.clear();
    for (const ring of this.rates.values()) ring.clear();
    this.traces.clear();
    this.smoothed.clear();
    this.layout++;
  }

  /** Spikes in memory: what a full redraw has to walk over. */
  get points(): number {
    let sum = 0;
    for (const ring of this.spikes.values()) sum += ring.length;
    return sum;
  }

  /** Forget nodes and probes that were taken out of the drawing. */
  keep(ids: ReadonlySet<string>): void {
    for (const map of [this.rows, this.spikes, this.rates, this.smoothed, this.keys]) {
      for (const id of map.keys()) if (!ids.has(id) && map.delete(id)) this.layout++;
    }
    for (const [name, trace] of this.traces) {
      if (!ids.has(trace.probe) && this.traces.delete(name)) this.layout++;
    }
  }

  private takeRows({ id, n, rows, rows_key: key }: Population): void {
    if (this.keys.get(id) === key) return; // told again, for another view
    // other neurons: the old spikes would stand in rows of strangers
    this.spikes.get(id)?.clear();
    this.keys.set(id, key);
    this.rows.set(id, { id, n, rows });
    this.layout++;
  }

  private takeArray(
    name: string, samples: Samples, frame: FrameData, arrays: ReadonlyMap<string, Samples>,
  ): void {
    const { t0, dt } = frame;
    if (name.startsWith("spikes/") && name.endsWith("/step")) {
      const id = name.slice("spikes/".length, -"/step".length);
      const rows = arrays.get(`spikes/${id}/row`);
      const n = Math.min(samples.length, rows?.length ?? 0);
      this.ring(this.spikes, id, spikeRing).push(n, (i) => t0 + samples[i]! * dt, (i) => rows![i]!);
    } else if (name.startsWith("rate/")) {
      const id = name.slice("rate/".length);
      const bin = frame.rate_bin * dt;
      const weight = 1 - Math.exp(-bin / SMOOTH);
      const end = this.time; // the last bin of a frame may be short
      let level = this.smoothed.get(id) ?? samples[0] ?? 0;
      this.ring(this.rates, id, curveRing).push(
        samples.length,
        (i) => Math.min(end, t0 + (i + 1) * bin),
        (i) => (level += (samples[i]! - level) * weight),
      );
      this.smoothed.set(id, level);
    } else if (name.startsWith("trace/")) {
      const [, probe, variable, neuron] = name.split("/") as [string, string, string, string];
      let trace = this.traces.get(name);
      if (!trace) {
        trace = { probe, variable, neuron: Number(neuron), curve: curveRing() };
        this.traces.set(name, trace);
        this.layout++;
      }
      const stride = frame.trace_stride * dt;
      trace.curve.push(samples.length, (i) => t0 + (i + 1) * stride, (i) => samples[i]!);
    }
  }

  private ring<R>(rings: Map<string, R>, id: string, make: () => R): R {
    let ring = rings.get(id);
    if (!ring) {
      rings.set(id, (ring = make()));
      this.layout++;
    }
    return ring;
  }
}
