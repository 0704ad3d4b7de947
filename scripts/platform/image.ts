import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { aptSources } from "./apt.ts";
import { cacheFolder } from "./cache.ts";
import { LOCAL_REGIONS, STORAGE_POOL } from "./incus-region.ts";
import type { Progress } from "./progress.ts";
import { run, tryRun } from "./run.ts";

const IMAGES_DIR = fileURLToPath(new URL("../../images/", import.meta.url));
/** Raised when the builder itself makes other images from the same recipe. */
const BUILDER_VERSION = 1;
const ARCHITECTURES: Record<string, string | undefined> = { x64: "x86_64", arm64: "aarch64" };

const recipeSchema = z.strictObject({
  alias: z.string(),
  description: z.string(),
  os: z.string(),
  release: z.string(),
  suite: z.string(),
  components: z.array(z.string()),
  packages: z.array(z.string()),
  templates: z.record(z.string(), z.string()),
});
type Recipe = z.infer<typeof recipeSchema>;

/** Makes sure that Incus has the image of the recipe `images/<name>` under its alias; answers the alias. */
export async function ensureImage(progress: Progress, name: string): Promise<string> {
  const recipeDir = join(IMAGES_DIR, name);
  const recipe = recipeSchema.parse(parse(await readFile(join(recipeDir, "recipe.yaml"), "utf8")));
  const hash = await hashOf(recipeDir);
  const present = await tryRun("incus", ["image", "get-property", recipe.alias, "recipe"]);
  if (present?.trim() === hash) return recipe.alias;

  const builtDir = cacheFolder("images", `${name}-${hash}`);
  if (!existsSync(builtDir)) {
    await progress.step(`Build the image ${name}`, async (report) => {
      await build(recipeDir, recipe, hash, builtDir, report);
    });
  }
  await progress.step(`Import the image ${recipe.alias}`, async (report) => {
    await importImage(recipe.alias, builtDir);
    report("try it out");
    await tryOut(recipe.alias);
  });
  return recipe.alias;
}

async function build(
  recipeDir: string,
  recipe: Recipe,
  hash: string,
  builtDir: string,
  report: (detail: string) => void,
): Promise<void> {
  const parent = join(builtDir, "..");
  await mkdir(parent, { recursive: true, mode: 0o755 });
  const workDir = await mkdtemp(join(parent, "building-"));
  const options = { onLine: report };
  try {
    const rootfs = join(workDir, "rootfs");
    const arguments_ = [
      "--mode=root",
      "--variant=minbase",
      `--components=${recipe.components.join(",")}`,
      `--include=${recipe.packages.join(",")}`,
      '--aptopt=APT::Install-Recommends "false"',
      '--aptopt=Acquire::Retries "3"',
      ...["doc", "man", "info", "locale/[a-z]*_*", "lintian"].map(
        (path) => `--dpkgopt=path-exclude=/usr/share/${path}/*`,
      ),
      "--dpkgopt=path-include=/usr/share/doc/*/copyright",
      `--customize-hook=${join(recipeDir, "customize.sh")}`,
      recipe.suite,
      rootfs,
      ...(await hostMirrors(recipe)),
    ];
    await run("mmdebstrap", arguments_, options);
    report("pack the root file system");
    const squashfs = join(workDir, "rootfs.squashfs");
    await run(
      "mksquashfs",
      [rootfs, squashfs, "-comp", "zstd", "-Xcompression-level", "3", "-noappend", "-quiet"],
      options,
    );
    await writeMetadata(recipeDir, recipe, hash, workDir);
    await rm(rootfs, { recursive: true, force: true });
    await rename(workDir, builtDir);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function writeMetadata(recipeDir: string, recipe: Recipe, hash: string, workDir: string): Promise<void> {
  const architecture = ARCHITECTURES[process.arch];
  if (!architecture) throw new Error(`no image can be built for the architecture ${process.arch}`);
  const templates = Object.entries(recipe.templates).map(([path, template]): [string, object] => [
    path,
    { when: ["create", "copy"], template },
  ]);
  const metadata = {
    architecture,
    creation_date: Math.floor(Date.now() / 1000),
    properties: { description: recipe.description, os: recipe.os, release: recipe.release, architecture, recipe: hash },
    templates: Object.fromEntries(templates),
  };
  await writeFile(join(workDir, "metadata.yaml"), stringify(metadata));
  const sources = ["-C", workDir, "metadata.yaml", "-C", recipeDir, "templates"];
  await run("tar", [
    "--create",
    "--xz",
    "--owner=0",
    "--group=0",
    "--file",
    join(workDir, "metadata.tar.xz"),
    ...sources,
  ]);
}

/** The alias moves to the new image; the old one goes (instances made from it keep their disks). */
async function importImage(alias: string, builtDir: string): Promise<void> {
  const previous = z
    .array(z.object({ name: z.string(), target: z.string() }))
    .parse(JSON.parse(await run("incus", ["image", "alias", "list", "--format", "json"])))
    .find((entry) => entry.name === alias)?.target;
  const files = [join(builtDir, "metadata.tar.xz"), join(builtDir, "rootfs.squashfs")];
  await run("incus", ["image", "import", ...files, "--alias", alias, "--reuse"]);
  const imported = (await run("incus", ["image", "info", alias])).match(/Fingerprint: (\w+)/)?.[1];
  if (previous && previous !== imported) await tryRun("incus", ["image", "delete", previous]);
}

/**
 * The first instance of an image unpacks it; creates at the same time would all do so and collide. One throwaway instance now
 * spares that, and shows whether this machine can run containers at all.
 */
async function tryOut(alias: string): Promise<void> {
  const name = "cloudnexus-image-check";
  const network = LOCAL_REGIONS[0]?.network ?? "";
  await tryRun("incus", ["delete", "--force", name]);
  try {
    await run("incus", ["launch", alias, name, "--storage", STORAGE_POOL, "--network", network]);
    await run("incus", ["exec", name, "--", "true"], { timeoutMs: 30_000 });
  } finally {
    await tryRun("incus", ["delete", "--force", name], { isCleanUp: true });
  }
}

/** On a host of the same suite, the mirrors it already uses; elsewhere mmdebstrap's defaults (main, updates, security). */
async function hostMirrors(recipe: Recipe): Promise<string[]> {
  const wanted = [recipe.suite, `${recipe.suite}-updates`, `${recipe.suite}-security`];
  const sources = (await aptSources()).filter(
    ({ suite, component }) => wanted.includes(suite) && recipe.components.includes(component),
  );
  if (!sources.some(({ suite }) => suite === recipe.suite)) return [];
  return [...new Set(sources.map(({ uri, suite, component }) => `deb ${uri} ${suite} ${component}`))];
}

async function hashOf(recipeDir: string): Promise<string> {
  const hash = createHash("sha256").update(`${BUILDER_VERSION} ${process.arch}\n`);
  const entries = await readdir(recipeDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const mode = (await stat(file)).mode & 0o111 ? "x" : "-";
    hash
      .update(`${relative(recipeDir, file)} ${mode}\n`)
      .update(await readFile(file))
      .update("\n");
  }
  return hash.digest("hex").slice(0, 16);
}
