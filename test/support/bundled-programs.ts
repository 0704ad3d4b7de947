import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { PROGRAMS } from "./programs.ts";

/** Below node_modules, where the packages are found that the bundles import. */
const CACHE_FOLDER = "node_modules/.cache/cloudnexus";

/** Each source knows where it is, as it does outside a bundle. */
const ownUrls: Plugin = {
  name: "own-urls",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: source.replaceAll("import.meta.url", url), loader: "ts" };
    });
  },
};

/** The programs as one file each, of the sources as they are: so they start in a fraction of the time. For the run's setup; whoever calls it removes them. */
export async function bundlePrograms(): Promise<{ folder: string; remove(): void }> {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const folder = resolve(mkdtempSync(join(CACHE_FOLDER, "programs-")));
  await build({
    entryPoints: PROGRAMS,
    outdir: folder,
    outbase: ".",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    plugins: [ownUrls],
    logLevel: "warning",
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
