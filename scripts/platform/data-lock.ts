import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "./live-process.ts";

/** Two runs on one data folder would open the same databases. Throws if another one lives; answers how to give the lock back. */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = join(dataDir, "run.pid");
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    while (!link(draft, lock)) {
      const owner = Number(readFileSync(lock, "utf8"));
      if (owner !== process.pid && (await isAlive(owner)) && isCloudNexus(owner)) {
        throw new Error(`another CloudNexus runs on ${dataDir} (pid ${owner}): stop it, or set CLOUDNEXUS_DATA_DIR`);
      }
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return async () => await rm(lock, { force: true });
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** After a restart of the machine the pid may be another program's. */
function isCloudNexus(pid: number): boolean {
  try {
    return /scripts\/(start|quickstart|backup|restore)\.ts/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}
