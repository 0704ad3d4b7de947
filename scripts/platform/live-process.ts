import { readFile, readlink } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;

/** Whether a process lives. One that ended and waits for its parent to notice (a zombie) does not. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!send(pid, 0)) return false;
  if (process.platform !== "linux") return true;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}

/** Guards against a pid that was given to another program meanwhile. */
export async function runsProgram(pid: number, name: string): Promise<boolean> {
  const target = await readlink(`/proc/${pid}/exe`).catch(() => "");
  return target.split("/").at(-1)?.startsWith(name) ?? false;
}

/** True if it ended within the time. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + timeoutMs;
  while (await isAlive(pid)) {
    if (Date.now() > deadlineMs) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Asks a process to end, and ends it the hard way when it has not after `graceMs`. */
export async function endProcess(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  send(pid, signal);
  if (await waitUntilGone(pid, graceMs)) return;
  send(pid, "SIGKILL");
  await waitUntilGone(pid, 5_000);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    // It lives, but is not ours to signal.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
