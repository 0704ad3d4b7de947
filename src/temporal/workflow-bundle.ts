import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { FAILURE_CONVERTER_PATH } from "./data-converter.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CACHE_FOLDER = `${ROOT}node_modules/.cache/cloudnexus`;
const INTERCEPTORS = ["action-log", "gate", "summaries"].map((name) => `${ROOT}workflows/${name}.ts`);
const WORKFLOWS = `${ROOT}workflows/index.ts`;
/**
 * Loaded once by each worker, and not anew for every workflow, which takes longer than running the start of one. So no module keeps anything of a workflow; what they export is frozen. In this
 * order: the first decides about the stacks of all.
 */
const SHARED_MODULES = [`${ROOT}workflows/short-stacks.ts`, FAILURE_CONVERTER_PATH, ...INTERCEPTORS, WORKFLOWS];
/** What a bundle is made of, apart from the failure converter: the workflows, and what they may import. */
const SOURCE_FOLDERS = ["workflows", "src/domain"];

export interface WorkflowBundle {
  codePath: string;
  /** Of the code: the same wherever the same workflows run. */
  hash: string;
}

/** The workflows as one script. Bundling takes seconds, so the result is kept under the hash of its sources. */
export async function workflowBundle(): Promise<WorkflowBundle> {
  const hash = await sourceHash();
  const codePath = `${CACHE_FOLDER}/workflows-${hash}.js`;
  try {
    await readFile(codePath);
  } catch {
    const { code } = await bundleWorkflowCode({
      workflowsPath: WORKFLOWS,
      workflowInterceptorModules: INTERCEPTORS,
      preloadModules: SHARED_MODULES,
      failureConverterPath: FAILURE_CONVERTER_PATH,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    });
    await mkdir(CACHE_FOLDER, { recursive: true });
    // Several processes may start at once: each writes its own draft, and the last rename wins with the same content.
    await writeFile(`${codePath}.${process.pid}`, code);
    await rename(`${codePath}.${process.pid}`, codePath);
  }
  return { codePath, hash };
}

async function sourceHash(): Promise<string> {
  const hash = createHash("sha256");
  const sdk = createRequire(import.meta.url).resolve("@temporalio/workflow/package.json");
  hash.update(await readFile(sdk)).update(await readFile(FAILURE_CONVERTER_PATH));
  for (const folder of SOURCE_FOLDERS) {
    const files = (await readdir(`${ROOT}${folder}`)).filter((file) => file.endsWith(".ts")).sort();
    for (const file of files) hash.update(`\0${folder}/${file}\0`).update(await readFile(`${ROOT}${folder}/${file}`));
  }
  return hash.digest("hex").slice(0, 24);
}
