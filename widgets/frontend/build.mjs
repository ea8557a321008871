// Bundle the editor into ../static, beside the Python that serves it. `--watch` rebuilds on change.
import * as esbuild from "esbuild";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
const isWatching = process.argv.includes("--watch");

const options = {
  absWorkingDir: here,
  entryPoints: { editor: "src/index.tsx" },
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  minify: !isWatching,
  sourcemap: isWatching ? "inline" : false,
  define: { "process.env.NODE_ENV": JSON.stringify(isWatching ? "development" : "production") },
  legalComments: "linked",
  logLevel: "info",
};

mkdirSync(out, { recursive: true });
// too large for the first script: the kernel sends it when plots are first shown
copyFileSync(join(here, "node_modules/plotly.js/dist/plotly-gl2d.min.js"), join(out, "plotly-gl2d.min.js"));
if (isWatching) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
