// What anywidget loads: one session a model, one editor a view.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { Model } from "./bridge";
import { Session } from "./session";
import { App } from "./shell/App";
import { EditorView } from "./store";
import "./theme/tokens.css";
import "./theme/base.css";

interface Setting {
  model: Model;
  signal?: AbortSignal;
}

interface ViewSetting extends Setting {
  el: HTMLElement;
}

/** Called once a model by the host, so that its views share one session. */
export default function neuroloom(): { initialize(setting: Setting): () => void; render(setting: ViewSetting): () => void } {
  let session: Session | null = null;
  const open = (model: Model, signal: AbortSignal): Session => (session ??= new Session(model, signal));
  return {
    initialize({ model, signal }) {
      const ending = endingWith(signal);
      open(model, ending.signal);
      return () => ending.abort();
    },
    render({ model, el, signal }) {
      const ending = endingWith(signal);
      const view = new EditorView(open(model, ending.signal));
      const root = createRoot(el);
      root.render(
        <StrictMode>
          <App view={view} />
        </StrictMode>,
      );
      let isOpen = true;
      const close = (): void => {
        if (!isOpen) return;
        isOpen = false;
        view.close();
        // React refuses to unmount while it renders
        queueMicrotask(() => root.unmount());
      };
      ending.signal.addEventListener("abort", close, { once: true });
      return () => ending.abort();
    },
  };
}

/** Hosts differ: some end by a signal, some by the function that was returned. */
function endingWith(signal: AbortSignal | undefined): AbortController {
  const ending = new AbortController();
  signal?.addEventListener("abort", () => ending.abort(), { once: true });
  return ending;
}
