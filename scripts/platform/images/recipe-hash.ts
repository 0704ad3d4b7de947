import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Recipe } from "./recipe.ts";

const TOOLS_DIR = fileURLToPath(new URL("../../../tools/", import.meta.url));
/** Raised when the builder itself makes other images from the same recipe. */
const BUILDER_VERSION = 2;
/** What running or building leaves in a folder is no part of the recipe. */
const NOT_OURS = /(^|\/)(__pycache__|vendor)(\/|$)/;

/** Of everything that goes into the image: the recipe's folder, its shared folders, the modules of its programs. */
export async function hashOf(recipe: Recipe): Promise<string> {
  const hash = createHash("sha256").update(`${BUILDER_VERSION} ${process.arch}\n`);
  const modules = Object.keys(recipe.programs).map((program) => join(TOOLS_DIR, program));
  for (const folder of [...recipe.folders, ...modules]) {
    for (const file of await filesIn(folder)) {
      const mode = (await stat(file)).mode & 0o111 ? "x" : "-";
      hash
        .update(`${basename(folder)}/${relative(folder, file)} ${mode}\n`)
        .update(await readFile(file))
        .update("\n");
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.filter((file) => !NOT_OURS.test(relative(folder, file))).sort();
}
