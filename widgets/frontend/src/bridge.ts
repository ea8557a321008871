// The model of the widget, with types: messages out, messages and buffers in.

import type { ArrayHeader, BrowserMessage, Catalogue, Doc, KernelMessage } from "./protocol";

/** What a widget host gives: anywidget's front-end model. */
export interface Model {
  get(name: string): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback?: (...args: never[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

export type Samples = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

const ARRAYS = {
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array, float64: Float64Array,
} as const;

export class Bridge {
  constructor(private readonly model: Model) {}

  /** Send; tells whether there was anybody to send to. */
  send(message: BrowserMessage): boolean {
    try {
      this.model.send(message);
      return true;
    } catch {
      return false; // the kernel went away, and its comm with it
    }
  }

  /** Call back with each message of the kernel, until the signal ends it. */
  onMessage(callback: (message: KernelMessage, buffers: DataView[]) => void, signal: AbortSignal): void {
    const listener = (content: unknown, buffers: DataView[] | undefined): void => {
      if (typeof content === "object" && content !== null && "type" in content) callback(content as KernelMessage, buffers ?? []);
    };
    this.listen("msg:custom", listener, signal);
  }

  /** Call back when the kernel went away, or came back. */
  onConnection(callback: () => void, signal: AbortSignal): void {
    this.listen("comm:close", callback, signal);
    this.listen("comm_live_update", callback, signal);
  }

  /** What the notebook keeps: enough to look at a drawing without a kernel. */
  saved(): { document: Doc | null; catalogue: Catalogue | null } {
    const document = this.model.get("document") as Partial<Doc> | undefined;
    const catalogue = this.model.get("catalogue") as Partial<Catalogue> | undefined;
    return {
      document: Array.isArray(document?.nodes) && Array.isArray(document.edges) ? (document as Doc) : null,
      catalogue: Array.isArray(catalogue?.nodes) ? (catalogue as Catalogue) : null,
    };
  }

  private listen(event: string, listener: (...args: never[]) => void, signal: AbortSignal): void {
    this.model.on(event, listener);
    signal.addEventListener("abort", () => this.model.off(event, listener), { once: true });
  }
}

/** Typed arrays of a frame, whose bytes follow each other in one buffer. Nothing of an unknown type, or after it. */
export function decodeArrays(
  headers: readonly ArrayHeader[], sizes: readonly number[], bytes: DataView | undefined,
): Map<string, Samples> {
  const arrays = new Map<string, Samples>();
  if (!bytes || headers.length !== sizes.length) return arrays;
  let at = bytes.byteOffset;
  const end = at + bytes.byteLength;
  for (const [k, [named, dtype]] of headers.entries()) {
    const make = ARRAYS[dtype as keyof typeof ARRAYS];
    const length = sizes[k]!;
    const next = at + length * (make?.BYTES_PER_ELEMENT ?? Infinity);
    if (!make || next > end) break;
    const isAligned = at % make.BYTES_PER_ELEMENT === 0;
    const buffer = isAligned ? bytes.buffer : bytes.buffer.slice(at, next);
    const all = new make(buffer as ArrayBuffer, isAligned ? at : 0, length);
    const names = typeof named === "string" ? [named] : named;
    const each = length / names.length;
    names.forEach((name, i) => arrays.set(name, names.length === 1 ? all : all.subarray(i * each, (i + 1) * each)));
    at = next;
  }
  return arrays;
}
