import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../cache.ts";
import { ensureGo } from "../go-toolchain.ts";
import { run } from "../run.ts";

const MODULE_FOLDER = fileURLToPath(new URL("../../../tools/ferretdb", import.meta.url));
const MODULE = "github.com/FerretDB/FerretDB";

/** FerretDB as tools/ferretdb pins it, from the Go module registry (about a minute, once). */
export async function buildFerretdb(report: (detail: string) => void): Promise<string> {
  const version = await pinnedVersion();
  const cached = cacheFolder(`ferretdb-${version}`, "ferretdb");
  if (existsSync(cached)) return cached;
  const go = await ensureGo({ mayInstall: true, report });
  await mkdir(dirname(cached), { recursive: true });
  const workDir = await mkdtemp(join(dirname(cached), "building-"));
  try {
    for (const file of ["go.mod", "go.sum"]) await cp(join(MODULE_FOLDER, file), join(workDir, file));
    const options = { cwd: workDir, env: { CGO_ENABLED: "0", GOFLAGS: undefined }, onLine: report };
    report("fetch the modules");
    await run(go, ["mod", "vendor"], options);
    // A build outside its own repository has no version, and the program refuses to start without one.
    await writeFile(join(workDir, "vendor", MODULE, "build/version/version.txt"), `${version}\n`);
    const built = join(workDir, "ferretdb");
    const flags = ["-v", "-mod=vendor", "-trimpath", "-ldflags", "-s -w", "-o", built];
    await run(go, ["build", ...flags, `${MODULE}/cmd/ferretdb`], options);
    await rename(built, cached);
    return cached;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function pinnedVersion(): Promise<string> {
  const module = await readFile(join(MODULE_FOLDER, "go.mod"), "utf8");
  const version = /FerretDB\/FerretDB (v\d+\.\d+\.\d+)/.exec(module)?.[1];
  if (!version) throw new Error(`tools/ferretdb/go.mod names no version of ${MODULE}`);
  return version;
}
