// Every message between the browser and the kernel, and the documents inside of them.
// widgets/_protocol.py says the same in Python; a test compares the two.

export const PROTOCOL_VERSION = 2;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

// The drawing

export type Sign = -1 | 0 | 1;

export interface PartValue {
  kind: string;
  params?: Record<string, unknown>;
}

export interface DocNode {
  id: string;
  kind: string;
  label: string;
  size?: number;
  sign?: number;
  params?: Record<string, unknown>;
  position: [number, number];
  pins?: string[];
  muted?: boolean;
  silenced?: string[];
}

export interface DocEdge {
  id: string;
  kind: string;
  source: string;
  target: string;
  source_port?: string;
  target_port?: string;
  rule?: PartValue;
  synapse?: PartValue;
  output?: PartValue;
  weight?: unknown;
  delay?: unknown;
  label?: string;
  pins?: string[];
  silenced?: string[];
}

export interface DocMeta {
  name: string;
  dt: string | number;
  seed: number;
  precision: number;
}

export interface Doc extends DocMeta {
  nodes: DocNode[];
  edges: DocEdge[];
}

// What can be drawn

export interface Param {
  name: string;
  label: string;
  symbol: string;
  unit: string;
  default: unknown;
  low: number | null;
  high: number | null;
  minimum: number | null;
  maximum: number | null;
  choices: Json[];
  integer: boolean;
  log: boolean;
  structural: boolean;
  group: string;
  help: string;
  source?: string;
  distribution: boolean;
}

export interface Port {
  name: string;
  direction: "in" | "out";
  signal: string;
  label: string;
}

export interface Kind {
  key: string;
  label: string;
  help: string;
  source: string;
  params: Param[];
  weight?: Param | null;
}

export type Shape = "population" | "input" | "probe";

export interface NodeKind extends Kind {
  group: string;
  shape: Shape;
  glyph: string;
  hotkey: string;
  ports: Port[];
  sources?: string; // the parameter that says how many sources a neuron stands for
}

export interface Catalogue {
  nodes: NodeKind[];
  rules: Kind[];
  synapses: Kind[];
  outputs: Kind[];
  edges: Kind[];
}

// Edits and problems

export type Op =
  | {
      op: "add-node";
      id?: string;
      kind: string;
      label?: string;
      size?: number;
      sign?: number;
      params?: Record<string, unknown>;
      position: [number, number];
    }
  | {
      op: "connect";
      id?: string;
      source: string;
      target: string;
      source_port?: string;
      target_port?: string;
      attrs?: Record<string, unknown>;
    }
  | { op: "remove"; ids: string[] }
  | { op: "set"; element: string | null; field: string; value: unknown }
  | { op: "move"; positions: Record<string, [number, number]> }
  | { op: "duplicate"; ids: string[]; offset: [number, number] }
  | { op: "paste"; nodes: Omit<DocNode, "source">[]; edges: DocEdge[] };

export interface Fix {
  label: string;
  ops: Op[];
}

export type Severity = "error" | "warning" | "note";

export interface Problem {
  code: string;
  severity: Severity;
  element: string | null;
  field: string | null;
  text: string;
  fixes: Fix[];
}

export interface Code {
  text: string;
  map: Record<string, [number, number]>;
  in_step: boolean;
  why?: string | null;
}

export interface Estimate {
  neurons: number;
  synapses: number;
  bytes: number;
  seconds: number;
  free_bytes: number | null;
}

export interface History {
  undo: string | null;
  redo: string | null;
}

export interface FileState {
  path: string | null;
  saved: boolean;
}

export interface Example {
  key: string;
  title: string;
  text: string;
}

export interface FileEntry {
  name: string;
  path: string;
  folder?: boolean;
}

// Browser -> kernel

export type RunCommand =
  | "run" | "pause" | "step" | "step-ms" | "reset" | "run-for" | "speed" | "cancel" | "record";
export type FileCommand = "save" | "open" | "export" | "new" | "example" | "list";

export interface Hello { type: "hello"; view: string; protocol: number }
export interface Bye { type: "bye"; view: string }
export interface Ack { type: "ack"; view: string; seq: number }
export interface Need { type: "need"; asset: "plotly" }
export interface Missed { type: "missed"; view: string }
export interface Edit { type: "edit"; intent: number; view: string; ops: Op[]; gesture?: number; done?: boolean; label?: string }
export interface Undo { type: "undo"; intent: number }
export interface Redo { type: "redo"; intent: number }
export interface Run { type: "run"; command: RunCommand; value?: number | boolean | null }
export interface View { type: "view"; view: string; rows: number | null; window: number }
export interface File { type: "file"; command: FileCommand; intent: number; path?: string }
export interface Silence { type: "silence"; element: string | null; code: string; intent: number }

export type BrowserMessage = Hello | Bye | Ack | Need | Missed | Edit | Undo | Redo | Run | View | File | Silence;

// Kernel -> browser

export type RunStateName =
  | "empty" | "draft" | "ready" | "changed" | "building" | "running" | "paused" | "stopped" | "failed";

export interface Progress {
  step: number;
  of: number;
  text: string;
  fraction: number;
}

export interface RunStateMessage {
  type: "run-state";
  state: RunStateName;
  t: number;
  step: number;
  progress: Progress | null;
  speed: number | null;
  factor: number | null;
  text: string | null;
  problem: Problem | null;
  applied: { text: string; t: number } | null;
  recording: boolean;
  left_out: number;
}

export type RunState = Omit<RunStateMessage, "type">;

export interface Snapshot {
  type: "snapshot";
  protocol: number;
  document: Doc;
  catalogue: Catalogue;
  problems: Problem[];
  code: Code;
  estimate: Estimate;
  history: History;
  run: RunState;
  revision: number;
  file: FileState;
  examples: Example[];
}

export interface Patch {
  type: "patch";
  intent: number | null;
  revision: number;
  nodes: DocNode[];
  edges: DocEdge[];
  removed: string[];
  problems: Problem[];
  history: History;
  invalidates: "layout" | "parameter" | "structure";
  meta?: Partial<DocMeta>;
  code?: Code;
  estimate?: Estimate;
  file?: FileState;
}

export interface Refused { type: "refused"; intent: number; problems: Problem[] }

export interface Population {
  id: string;
  n: number;
  rows: number[];
  rows_key: number;
}

/** An array of a frame: its name, or those of its rows, and its type. */
export type ArrayHeader = [name: string | string[], dtype: string];

/** What is the same in many frames: told when it changes, when a view opens, and when one has missed it. */
export interface Layout {
  dt: number;
  rate_bin: number;
  trace_stride: number;
  populations: Population[];
  arrays: ArrayHeader[];
}

export interface Frame {
  type: "frame";
  seq: number;
  run: number;
  revision: number;
  step0: number;
  n_steps: number;
  rates: Record<string, number>;
  sizes: number[];
  layout: number;
  told?: Layout | null;
  left_out: number;
}

export interface Asset { type: "asset"; name: string }
export interface CatalogueChange { type: "catalogue"; catalogue: Catalogue }

export interface FileDone {
  type: "file";
  intent: number;
  command: FileCommand;
  path: string | null;
  text?: string;
  problems?: Problem[];
  entries?: FileEntry[];
}

export type KernelMessage =
  | Snapshot | Patch | Refused | RunStateMessage | Frame | Asset | CatalogueChange | FileDone;
