import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { cacheFolder } from "./cache.ts";
import { ensureGo } from "./go-toolchain.ts";
import type { Progress } from "./progress.ts";
import { run, tryRun } from "./run.ts";

const MODULE_FOLDER = fileURLToPath(new URL("../../tools/temporal", import.meta.url));
/** Worker versioning needs server 1.29.1, which came with this release of the CLI. */
const MIN_VERSION = [1, 5, 0] as const;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const PROBE_TIMEOUT_MS = 4_000;
/** Generous: on a machine that is busy a good one must not pass for none, and be built again. */
const VERSION_TIMEOUT_MS = 120_000;

/**
 * The Temporal CLI, which carries the development server: the one on PATH if it is new enough, the one we built or fetched before, a download, or a build from
 * the Go module registry (some minutes, once). A missing Go is installed only where that is allowed.
 */
export async function findTemporalCli(progress: Progress, mayInstallGo = false): Promise<string> {
  if (await isNewEnough("temporal")) return "temporal";
  const version = await pinnedVersion();
  const cached = cacheFolder(`temporal-${version}`, "temporal");
  if (existsSync(cached) && (await isNewEnough(cached))) return cached;

  await mkdir(dirname(cached), { recursive: true });
  const downloaded = await progress.step(`Temporal CLI ${version}: download`, () => download(version, cached));
  if (downloaded) return cached;
  progress.note("temporal.download is not reachable: building from the Go module registry instead");
  await progress.step(`Temporal CLI ${version}: build (about 6 minutes, once)`, (report) =>
    build(version, cached, mayInstallGo, report),
  );
  return cached;
}

async function pinnedVersion(): Promise<string> {
  const module = await readFile(join(MODULE_FOLDER, "go.mod"), "utf8");
  const version = /temporalio\/cli v(\d+\.\d+\.\d+)/.exec(module)?.[1];
  if (!version) throw new Error("tools/temporal/go.mod names no version of github.com/temporalio/cli");
  return version;
}

async function isNewEnough(program: string): Promise<boolean> {
  const output = await tryRun(program, ["--version"], { timeoutMs: VERSION_TIMEOUT_MS });
  const found = /version (\d+)\.(\d+)\.(\d+)/.exec(output ?? "");
  if (!found) return false;
  for (const [index, least] of MIN_VERSION.entries()) {
    const part = Number(found[index + 1]);
    if (part !== least) return part > least;
  }
  return true;
}

/** False where the download site cannot be reached. */
async function download(version: string, target: string): Promise<boolean> {
  const arch = process.arch === "arm64" ? "arm64" : "amd64";
  const url = `https://temporal.download/cli/archive/v${version}?platform=${process.platform}&arch=${arch}`;
  try {
    await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok) return false;
    const program = fileFromTar(gunzipSync(Buffer.from(await response.arrayBuffer())), "temporal");
    if (!program) return false;
    await writeFile(`${target}.partial`, program);
    await chmod(`${target}.partial`, 0o755);
    await rename(`${target}.partial`, target);
    return await isNewEnough(target);
  } catch {
    return false;
  }
}

/** One file of a tar archive: headers of 512 bytes, name at 0, size in octal at 124, content padded to 512. */
function fileFromTar(archive: Buffer, name: string): Buffer | null {
  for (let offset = 0; offset + 512 <= archive.length; ) {
    const entry = archive.toString("latin1", offset, offset + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(archive.toString("latin1", offset + 124, offset + 136), 8) || 0;
    if (entry === name) return archive.subarray(offset + 512, offset + 512 + size);
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return null;
}

async function build(
  version: string,
  target: string,
  mayInstall: boolean,
  report: (detail: string) => void,
): Promise<void> {
  const go = await ensureGo({ mayInstall, report });
  const partial = `${target}.partial`;
  const linkerFlags = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${version}`;
  try {
    await run(
      go,
      [
        "build",
        "-v",
        "-mod=readonly",
        "-trimpath",
        "-ldflags",
        linkerFlags,
        "-o",
        partial,
        "github.com/temporalio/cli/cmd/temporal",
      ],
      { cwd: MODULE_FOLDER, env: { CGO_ENABLED: "0", GOTOOLCHAIN: "auto", GOFLAGS: undefined }, onLine: report },
    );
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}
