import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startDetached, waitUntilReady } from "./detached-process.ts";
import { run } from "./run.ts";

const READY_TIMEOUT_MS = 10_000;

/**
 * Makes sure that lxcfs serves at the mount point: without it a server sees the host's memory in /proc/meminfo instead of its plan's. Answers the pid, if one
 * was started.
 */
export async function startLxcfs(mountPoint: string, pidFile: string, logFile: string): Promise<number | undefined> {
  if (await isServing(mountPoint)) return undefined;
  // One that was killed leaves its mount behind, on which nothing can be read; containers then start without it and nobody is told.
  if (await isMounted(mountPoint)) await run("umount", ["--lazy", mountPoint]);
  await mkdir(mountPoint, { recursive: true });
  const child = await startDetached("lxcfs", ["--pidfile", pidFile, mountPoint], logFile);
  await waitUntilReady(child, () => isServing(mountPoint), READY_TIMEOUT_MS, "lxcfs did not mount");
  return child.pid;
}

async function isServing(mountPoint: string): Promise<boolean> {
  if (!(await isMounted(mountPoint))) return false;
  const entries = await readdir(join(mountPoint, "proc")).catch((): string[] => []);
  return entries.includes("meminfo");
}

async function isMounted(mountPoint: string): Promise<boolean> {
  return (await readFile("/proc/mounts", "utf8")).includes(` ${mountPoint} fuse.lxcfs `);
}
