// What the parts of a field have in common.

import type { Problem } from "../protocol";
import type { FieldSpec } from "./spec";

/** Send a value to the kernel; resolves with the reasons of a refusal. */
export type Send = (value: unknown, options?: { gesture?: number; done?: boolean }) => Promise<Problem[]>;

export interface Shared {
  spec: FieldSpec;
  name: string;
  value: unknown;
  send: Send;
  isBad: boolean;
  described: string | undefined;
  isReadOnly: boolean;
  id: string;
}
