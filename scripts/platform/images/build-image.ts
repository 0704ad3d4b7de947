import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { cacheFolder } from "../cache.ts";
import { run } from "../run.ts";
import { hostMirrors } from "./mirrors.ts";
import { buildProgram } from "./program.ts";
import type { Recipe } from "./recipe.ts";

const ARCHITECTURES: Record<string, string | undefined> = { x64: "x86_64", arm64: "aarch64" };
const UNUSED_FILES = ["doc", "man", "info", "locale/[a-z]*_*", "lintian"].map((path) => `/usr/share/${path}/*`);

export interface BuiltImage {
  metadata: string;
  rootfs: string;
}

/** The image's two files, from the cache or built. */
export async function buildImage(recipe: Recipe, hash: string, report: (detail: string) => void): Promise<BuiltImage> {
  const folder = builtFolder(recipe, hash);
  if (!existsSync(folder)) {
    const parent = join(folder, "..");
    await mkdir(parent, { recursive: true, mode: 0o755 });
    const workDir = await mkdtemp(join(parent, "building-"));
    try {
      await buildRootfs(recipe, workDir, report);
      report("pack the metadata");
      await packMetadata(recipe, hash, workDir);
      await rename(workDir, folder);
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }
  return { metadata: join(folder, "metadata.tar.xz"), rootfs: join(folder, "rootfs.squashfs") };
}

export function isBuilt(recipe: Recipe, hash: string): boolean {
  return existsSync(builtFolder(recipe, hash));
}

function builtFolder(recipe: Recipe, hash: string): string {
  return cacheFolder("images", `${recipe.name}-${hash}`);
}

async function buildRootfs(recipe: Recipe, workDir: string, report: (detail: string) => void): Promise<void> {
  const options = { onLine: report };
  const rootfs = join(workDir, "rootfs");
  const arguments_ = [
    "--mode=root",
    "--variant=minbase",
    `--components=${recipe.components.join(",")}`,
    `--include=${recipe.packages.join(",")}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Retries "3"',
    ...(recipe.check_valid_until ? [] : ['--aptopt=Acquire::Check-Valid-Until "false"']),
    // Half an image is thrown away, so nothing of it has to be safe before it is packed.
    "--dpkgopt=force-unsafe-io",
    ...[...UNUSED_FILES, ...recipe.exclude].map((path) => `--dpkgopt=path-exclude=${path}`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    ...(await customizeHooks(recipe, workDir, report)),
    recipe.suite,
    rootfs,
    ...(await hostMirrors(recipe)),
  ];
  await run("mmdebstrap", arguments_, options);
  report("pack the root file system");
  const compression = ["-comp", "zstd", "-Xcompression-level", "3"];
  await run("mksquashfs", [rootfs, join(workDir, "rootfs.squashfs"), ...compression, "-noappend", "-quiet"], options);
  await rm(rootfs, { recursive: true, force: true });
}

/** Files before steps: first those of every folder, then the programs and what the image says of itself, then every folder's customize.sh. */
async function customizeHooks(recipe: Recipe, workDir: string, report: (detail: string) => void): Promise<string[]> {
  const hooks: string[] = [];
  for (const folder of recipe.folders) {
    const files = join(folder, "files");
    if (existsSync(files)) hooks.push(`cp --recursive --no-preserve=ownership ${quoted(`${files}/.`)} "$1/"`);
  }
  for (const [program, path] of Object.entries(recipe.programs)) {
    const built = await buildProgram(program, report);
    hooks.push(`install -D -m 0755 ${quoted(built)} "$1"${quoted(path)}`);
  }
  if (recipe.engine) {
    const file = join(workDir, "image.json");
    const { name, major } = recipe.engine;
    await writeFile(file, `${JSON.stringify({ engine: name, major })}\n`);
    hooks.push(`install -D -m 0644 ${quoted(file)} "$1/usr/lib/cloudnexus/image.json"`);
  }
  const steps = recipe.folders.map((folder) => join(folder, "customize.sh")).filter((step) => existsSync(step));
  return [...hooks, ...steps.map((step) => `${quoted(step)} "$1"`)].map((hook) => `--customize-hook=${hook}`);
}

async function packMetadata(recipe: Recipe, hash: string, workDir: string): Promise<void> {
  const architecture = ARCHITECTURES[process.arch];
  if (!architecture) throw new Error(`no image can be built for the architecture ${process.arch}`);
  const templates = Object.entries(recipe.templates).map(([path, template]): [string, object] => [
    path,
    { when: ["create", "copy"], template },
  ]);
  const { description, os, release } = recipe;
  const metadata = {
    architecture,
    creation_date: Math.floor(Date.now() / 1000),
    properties: { description, os, release, architecture, recipe: hash },
    templates: Object.fromEntries(templates),
  };
  await writeFile(join(workDir, "metadata.yaml"), stringify(metadata));
  const own = recipe.folders.at(-1) ?? "";
  const sources = ["-C", workDir, "metadata.yaml", ...(templates.length > 0 ? ["-C", own, "templates"] : [])];
  const archive = join(workDir, "metadata.tar.xz");
  await run("tar", ["--create", "--xz", "--owner=0", "--group=0", "--file", archive, ...sources]);
}

/** For the shell that mmdebstrap runs its hooks with. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
