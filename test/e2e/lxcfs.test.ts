import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endProcess } from "../../scripts/platform/live-process.ts";
import { startLxcfs } from "../../scripts/platform/lxcfs.ts";
import { run, tryRun } from "../../scripts/platform/run.ts";

let folder: string;
let mountPoint: string;
let pid: number | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cn-lxcfs-"));
  mountPoint = join(folder, "mount");
});
afterEach(async () => {
  if (pid !== undefined) await endProcess(pid, "SIGTERM", 5_000);
  await tryRun("umount", ["--lazy", mountPoint]);
  await rm(folder, { recursive: true, force: true });
});

const start = () => startLxcfs(mountPoint, join(folder, "pid"), join(folder, "log"));

it("serves, and is left alone by a second start", async () => {
  pid = await start();
  expect(await readFile(join(mountPoint, "proc/meminfo"), "utf8")).toContain("MemTotal");
  expect(await start()).toBeUndefined();
});

it("serves again after it was killed, although its dead mount is still there", async () => {
  const killed = (await start()) ?? 0;
  await endProcess(killed, "SIGKILL", 5_000);
  expect(await run("cat", ["/proc/mounts"])).toContain(mountPoint);

  pid = await start();
  expect(pid).not.toBe(killed);
  expect(await readFile(join(mountPoint, "proc/meminfo"), "utf8")).toContain("MemTotal");
});
