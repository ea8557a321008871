// What the panels take from the editor's store, and nothing else.

import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Catalogue, Code, Doc, Op, Problem, RunState } from "../protocol";
import { useActions, useEditor, useRead, type EditOptions, type FrameListener, type Reveal } from "../store";
import { fieldSpec, findEdge, findNode, type FieldSpec } from "./spec";

export const useDocument = (): Doc => useEditor((state) => state.document);
export const useCatalogue = (): Catalogue => useEditor((state) => state.catalogue);
export const useReadOnly = (): boolean => useEditor((state) => state.readOnly);
export const useProblems = (): Problem[] => useEditor((state) => state.problems);
export const useSelection = (): string[] => useEditor((state) => state.selection);
export const useRevision = (): number => useEditor((state) => state.revision);
export const useCode = (): Code => useEditor((state) => state.code);
export const useLastApplied = (): RunState["applied"] => useEditor((state) => state.run.applied);

export const useIsAtStart = (): boolean => useEditor((state) => state.run.step === 0 && state.run.state !== "running");

export function useSpec(element: string | null, path: string): FieldSpec | null {
  const doc = useDocument();
  const catalogue = useCatalogue();
  return useMemo(() => fieldSpec(doc, catalogue, element, path), [doc, catalogue, element, path]);
}

/** Whether other elements hold another value in the same field. */
export function useDiffers(element: string | null, others: string[], path: string): boolean {
  const doc = useDocument();
  const catalogue = useCatalogue();
  const text = (id: string | null): string => JSON.stringify(fieldSpec(doc, catalogue, id, path)?.value);
  return others.length > 0 && others.some((other) => text(other) !== text(element));
}

export function useElementProblems(element: string | null): Problem[] {
  const problems = useProblems();
  return useMemo(() => problems.filter((problem) => problem.element === element), [problems, element]);
}

export function useFieldProblems(element: string | null, path: string): Problem[] {
  const problems = useElementProblems(element);
  return useMemo(() => problems.filter((problem) => problem.field === path), [problems, path]);
}

/** What people call an element: "E", or "I → E" for a projection. */
export function useTitle(id: string | null): string {
  const doc = useDocument();
  const node = findNode(doc, id);
  if (node) return node.label;
  const edge = findEdge(doc, id);
  if (!edge) return doc.name;
  return edge.label || `${findNode(doc, edge.source)?.label ?? "?"} → ${findNode(doc, edge.target)?.label ?? "?"}`;
}

/** Reads a field at this moment, ahead of the next rendering. */
export function useReadSpec(element: string | null, path: string): () => FieldSpec | null {
  const read = useRead();
  return useCallback(() => fieldSpec(read().document, read().catalogue, element, path), [read, element, path]);
}

/** Send edits; resolves with the reasons when the kernel refuses them, else with none. */
export function useEdit(): (ops: Op[], options?: EditOptions) => Promise<Problem[]> {
  return useActions().edit;
}

export function useSelect(): (ids: string[]) => void {
  return useActions().select;
}

/** Select an element and put the focus into a field of it. */
export function useReveal(): (id: string, field: string | null) => void {
  return useActions().reveal;
}

/** What somebody asked to be shown: a problem's element and field. */
export const useRevealed = (): Reveal | null => useEditor((state) => state.reveal);

export function useSilence(): (element: string | null, code: string) => void {
  return useActions().silence;
}

/** Tell the kernel how many neurons are drawn and how long the window is. */
export function useView(): (rows: number | null, window: number) => void {
  return useActions().view;
}

/** Bytes of a file that the kernel keeps back until it is needed. */
export function useAsset(): (name: "plotly") => Promise<Uint8Array> {
  return useActions().asset;
}

/** Call back with every frame of the activity. */
export function useFrames(callback: FrameListener): void {
  const actions = useActions();
  const latest = useRef(callback);
  latest.current = callback;
  useEffect(() => actions.onFrame((frame, arrays) => latest.current(frame, arrays)), [actions]);
}
