// plotly comes once a page, when plots are first shown: it is larger than the editor.

export interface Plotly {
  react(root: HTMLElement, data: object[], layout: object, config?: object): Promise<unknown>;
  relayout(root: HTMLElement, layout: object): Promise<unknown>;
  purge(root: HTMLElement): void;
  toImage(figure: object, options: object): Promise<string>;
}

interface PlotlyWindow {
  Plotly?: Plotly;
  neuroloomPlotly?: Promise<Plotly>;
  define?: unknown;
}

/** Load plotly from bytes that the kernel sends; one copy serves all editors of the page. */
export function loadPlotly(fetchBytes: () => Promise<ArrayBuffer | Uint8Array>): Promise<Plotly> {
  const page = window as unknown as PlotlyWindow;
  page.neuroloomPlotly ??= fetchBytes()
    .then((bytes) => runScript(page, bytes as Uint8Array<ArrayBuffer>))
    .catch((error: unknown) => {
      delete page.neuroloomPlotly; // another view may have a kernel
      throw error;
    });
  return page.neuroloomPlotly;
}

function runScript(page: PlotlyWindow, bytes: Uint8Array<ArrayBuffer>): Promise<Plotly> {
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  const script = document.createElement("script");
  script.src = url;
  // with require.js on the page plotly would register itself there instead
  const define = page.define;
  const other = page.Plotly;
  page.define = undefined;
  return new Promise<Plotly>((resolve, reject) => {
    const finish = (): void => {
      page.define = define;
      URL.revokeObjectURL(url);
      script.remove();
    };
    script.onload = () => {
      finish();
      const plotly = page.Plotly;
      if (other) page.Plotly = other; // a notebook may use its own plotly
      if (plotly) resolve(plotly);
      else reject(new Error("plotly did not start"));
    };
    script.onerror = () => {
      finish();
      reject(new Error("plotly could not be loaded"));
    };
    document.head.append(script);
  });
}

let software: boolean | null = null;

/** Whether WebGL is missing or done by the processor: then plotly cannot keep up. */
export function isSoftwareRendered(): boolean {
  if (software !== null) return software;
  const context = document.createElement("canvas").getContext("webgl");
  const info = context?.getExtension("WEBGL_debug_renderer_info");
  const name = info ? String(context!.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  software = !context || /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return software;
}
