import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startDetached, waitUntilReady } from "./detached-process.ts";
import { interruption } from "./interruption.ts";
import { endProcess, runsProgram, waitUntilGone } from "./live-process.ts";
import { startLxcfs } from "./lxcfs.ts";
import { oneLine } from "./one-line.ts";
import type { Progress } from "./progress.ts";
import { run, tryRun } from "./run.ts";

export const INCUS_SOCKET = "/var/lib/incus/unix.socket";

const INCUS_DIR = "/var/lib/incus";
const LXCFS_MOUNT = "/var/lib/lxcfs";
const LXCFS_PID_FILE = "/run/lxcfs.pid";
const DAEMON_BINARIES = ["/usr/libexec/incus/incusd", "/usr/lib/incus/incusd", "/opt/incus/bin/incusd"];
const READY_TIMEOUT_MS = 90_000;
const SHUTDOWN_TIMEOUT_MS = 90_000;

/** `stop` ends what this call started (and does nothing otherwise). Servers come back with the next start of the daemon. */
export interface IncusDaemon {
  startedHere: boolean;
  stop: () => Promise<void>;
}

/** True if a daemon answers on the socket. */
export async function isIncusAnswering(): Promise<boolean> {
  return existsSync(INCUS_SOCKET) && (await tryRun("incus", ["query", "/1.0"], { timeoutMs: 10_000 })) !== undefined;
}

/**
 * Makes sure that a daemon answers. A running one is used as it is. With systemd the distribution's units are started and
 * stay, as any system service. Without it lxcfs and incusd are started in sessions of their own: Ctrl-C in the terminal
 * does not reach them, so that the caller can stop them last.
 */
export async function ensureIncusDaemon(progress: Progress, logDir: string): Promise<IncusDaemon> {
  if (await isIncusAnswering()) return { startedHere: false, stop: () => Promise.resolve() };
  return await progress.step("Start the Incus daemon", async (report) => {
    if (existsSync("/run/systemd/system")) return await startBySystemd();
    await mkdir(logDir, { recursive: true });
    report("lxcfs");
    const lxcfs = await startLxcfs(LXCFS_MOUNT, LXCFS_PID_FILE, join(logDir, "lxcfs.log")).catch((error: unknown) => {
      // Limits hold without it; servers only see them wrong.
      progress.note(`${oneLine(error)}; servers will see this machine's memory instead of their own`);
      return undefined;
    });
    interruption.throwIfAborted();
    report("incusd");
    await endStaleDnsmasq();
    try {
      const incusd = await startIncusd(join(logDir, "incusd.log"));
      return { startedHere: true, stop: () => shutDown(incusd, lxcfs) };
    } catch (error) {
      if (lxcfs !== undefined) await endProcess(lxcfs, "SIGTERM", 5_000);
      throw error;
    }
  });
}

async function startBySystemd(): Promise<IncusDaemon> {
  await run("systemctl", ["start", "lxcfs.service", "incus.socket", "incus.service"], { timeoutMs: READY_TIMEOUT_MS });
  await run("incus", ["query", "/1.0"], { timeoutMs: READY_TIMEOUT_MS });
  return { startedHere: false, stop: () => Promise.resolve() };
}

async function startIncusd(logFile: string): Promise<number> {
  const fromPath = (await tryRun("which", ["incusd"]))?.trim();
  const binary = DAEMON_BINARIES.find((path) => existsSync(path)) ?? fromPath;
  if (!binary) throw new Error("incusd was not found: install the package incus-base (or incus)");
  const child = await startDetached(binary, ["--group", "root"], logFile);
  await waitUntilReady(child, isIncusAnswering, READY_TIMEOUT_MS, "incusd does not answer");
  return child.pid;
}

/**
 * A dnsmasq left behind by a daemon that was killed holds the bridge's address and blocks the next start. It is recognised by
 * the pid file of its network and by its command line, which names Incus' folder.
 */
async function endStaleDnsmasq(): Promise<void> {
  const networks = await readdir(join(INCUS_DIR, "networks")).catch(() => []);
  for (const network of networks) {
    const pidFile = join(INCUS_DIR, "networks", network, "dnsmasq.pid");
    if (!existsSync(pidFile)) continue;
    const pid = Number(/\d+/.exec(await readFile(pidFile, "utf8"))?.[0]);
    const commandLine = pid > 1 ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") : "";
    if (!commandLine.includes("dnsmasq") || !commandLine.includes(join(INCUS_DIR, "networks", network))) continue;
    await endProcess(pid, "SIGTERM", 5_000);
  }
}

/** The process of the daemon that answers: not the one that was started here, if it was restarted since. */
async function presentDaemon(): Promise<number | undefined> {
  const answer = await tryRun("incus", ["query", "/1.0"], { timeoutMs: 10_000, isCleanUp: true });
  if (answer === undefined) return undefined;
  return (JSON.parse(answer) as { environment: { server_pid: number } }).environment.server_pid;
}

/** Stops the servers as a power button would (their state is kept and restored by the next start), then the daemon, then lxcfs. */
async function shutDown(started: number, lxcfs: number | undefined): Promise<void> {
  const incusd = (await presentDaemon()) ?? started;
  if (await runsProgram(incusd, "incusd")) {
    const seconds = String(SHUTDOWN_TIMEOUT_MS / 1000);
    await tryRun("incus", ["admin", "shutdown", "--timeout", seconds], {
      timeoutMs: SHUTDOWN_TIMEOUT_MS + 10_000,
      isCleanUp: true,
    });
    if (!(await waitUntilGone(incusd, 10_000))) await endProcess(incusd, "SIGTERM", 10_000);
  }
  await endStaleDnsmasq();
  if (lxcfs !== undefined && (await runsProgram(lxcfs, "lxcfs"))) await endProcess(lxcfs, "SIGTERM", 5_000);
}
