// What commands may reach, from wherever a button stands.

import { createContext, useContext } from "react";
import type { Reach } from "./commands";

export const ReachContext = createContext<Reach | null>(null);

export function useReach(): Reach {
  const reach = useContext(ReachContext);
  if (!reach) throw new Error("Commands are used outside of an editor.");
  return reach;
}
