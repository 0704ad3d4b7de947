import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, updateLists } from "../../scripts/platform/apt.ts";
import { cacheFolder } from "../../scripts/platform/cache.ts";
import type { Progress } from "../../scripts/platform/progress.ts";
import { run, tryRun } from "../../scripts/platform/run.ts";

export interface PythonEnvironment {
  /** Names its folder among the caches. */
  name: string;
  /** Path of a requirements file that lists everything, versions pinned. */
  requirements: string;
}

/** The clients that use databases in the end-to-end tests. */
export const FOREIGN_CLIENTS: PythonEnvironment = {
  name: "foreign-clients",
  requirements: fileURLToPath(new URL("../e2e/foreign-clients/requirements.txt", import.meta.url)),
};

/** The distribution's own comes second: where the first on the path is somebody's without `ensurepip`, that one has it after an installation. */
const INTERPRETERS = ["python3", "/usr/bin/python3"];
/** What is asked of an interpreter: that it can make environments, with pip in them, and is one that the client libraries run on. */
const SUITABILITY = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.version)";

/** A Python that has what the requirements file lists, made where it is missing; answers its path. It is kept between runs and checkouts. */
export async function ensurePythonEnvironment(
  { name, requirements }: PythonEnvironment,
  progress: Progress,
): Promise<string> {
  const interpreter =
    (await findInterpreter()) ??
    (await progress.step("Install Python from the distribution", (report) => installInterpreter(report)));
  const folder = cacheFolder(name, await keyOf(requirements, interpreter));
  const python = join(folder, "bin", "python3");
  if (!existsSync(python)) {
    await progress.step(`Install the Python packages of ${name}`, (report) =>
      build(requirements, interpreter, folder, report),
    );
  }
  return python;
}

/** Made beside its place, so that one that was cut off is not taken for a whole one. An environment finds its libraries wherever it is. */
async function build(
  requirements: string,
  interpreter: string,
  folder: string,
  report: (detail: string) => void,
): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const partial = await mkdtemp(join(parent, "building-"));
  try {
    await run(interpreter, ["-m", "venv", partial]);
    const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-cache-dir"];
    // Nothing is compiled, and nothing comes that the file does not name.
    const options = ["--only-binary", ":all:", "--no-deps", "--requirement", requirements];
    await run(join(partial, "bin", "python3"), [...pip, ...options], { onLine: report });
    await run(join(partial, "bin", "python3"), ["-m", "pip", "check"]);
    // What is there has lost its interpreter.
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function findInterpreter(): Promise<string | undefined> {
  for (const interpreter of INTERPRETERS) {
    if ((await tryRun(interpreter, ["-c", SUITABILITY])) !== undefined) return interpreter;
  }
  return undefined;
}

async function installInterpreter(report: (detail: string) => void): Promise<string> {
  await updateLists(report);
  await installPackages(["python3-venv"], report);
  const installed = await findInterpreter();
  if (installed === undefined) throw new Error("python3-venv was installed, and no python3 can make an environment");
  return installed;
}

/** Other requirements or another interpreter make another environment. */
async function keyOf(requirements: string, interpreter: string): Promise<string> {
  const hash = createHash("sha256").update(await readFile(requirements));
  hash.update(await run(interpreter, ["-c", "import sys; print(sys.base_prefix, sys.version)"]));
  return hash.digest("hex").slice(0, 16);
}
