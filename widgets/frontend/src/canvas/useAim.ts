// Connecting without a mouse: choose the source, walk to the target with arrows, Enter.

import { useCallback, useMemo, useState } from "react";
import { useActions, useRead } from "../store";
import { candidates } from "./connect";
import { isArrow, neighbour, type Box } from "./geometry";

export interface Aim {
  source: string;
  target: string | null;
}

export interface Aiming {
  aim: Aim | null;
  start(source: string): void;
  /** Take a key while aiming; tells whether it was used. */
  key(key: string): boolean;
  /** End at a node, as a click does; tells whether anything was aimed. */
  finish(target: string): boolean;
  cancel(): void;
}

export function useAim(boxes: ReadonlyMap<string, Box>): Aiming {
  const [aim, setAim] = useState<Aim | null>(null);
  const read = useRead();
  const { perform, select } = useActions();

  const open = useCallback(
    (source: string): Box[] => {
      const { document, catalogue } = read();
      return candidates(document, catalogue, source).flatMap(({ id }) => boxes.get(id) ?? []);
    },
    [read, boxes],
  );
  const start = useCallback(
    (source: string) => {
      if (read().readOnly) return;
      const others = open(source);
      const target = others.find(({ id }) => id !== source) ?? others[0];
      setAim({ source, target: target?.id ?? null });
    },
    [read, open],
  );
  const cancel = useCallback(() => setAim(null), []);
  const finish = useCallback(
    (target: string): boolean => {
      if (!aim) return false;
      setAim(null);
      void perform([{ op: "connect", source: aim.source, target }]).then(({ created }) => {
        if (created.length) select(created.slice(0, 1));
      });
      return true;
    },
    [aim, perform, select],
  );
  const key = useCallback(
    (name: string): boolean => {
      if (!aim) return false;
      if (name === "Escape") cancel();
      else if (name === "Enter" && aim.target) finish(aim.target);
      else if (isArrow(name)) {
        const others = open(aim.source);
        const from = aim.target ?? aim.source;
        const next = neighbour(others, from, name);
        if (next) setAim({ ...aim, target: next });
      } else return false;
      return true;
    },
    [aim, cancel, finish, open],
  );
  return useMemo(() => ({ aim, start, key, finish, cancel }), [aim, start, key, finish, cancel]);
}
