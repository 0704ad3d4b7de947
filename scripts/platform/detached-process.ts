import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { interruption } from "./interruption.ts";
import { endProcess } from "./live-process.ts";
import { LogTail } from "./log-tail.ts";

/** A process in a session of its own: Ctrl-C in the terminal does not reach it, and it can outlive us. */
export interface DetachedProcess {
  pid: number;
  exitCode(): number | null;
  log: LogTail;
}

export async function startDetached(program: string, args: string[], logFile: string): Promise<DetachedProcess> {
  const tail = new LogTail(logFile);
  const log = await open(logFile, "a", 0o600);
  try {
    const child = spawn(program, args, { detached: true, stdio: ["ignore", log.fd, log.fd], cwd: "/" });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("spawn", () => resolve(child.pid ?? 0));
      child.once("error", (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    });
    child.unref();
    return { pid, exitCode: () => child.exitCode, log: tail };
  } finally {
    await log.close();
  }
}

/** Whatever ends the wait but success ends the process too. */
export async function waitUntilReady(
  child: DetachedProcess,
  isReady: () => Promise<boolean>,
  timeoutMs: number,
  failure: string,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  try {
    while (!(await isReady())) {
      interruption.throwIfAborted();
      if (child.exitCode() !== null || Date.now() > deadlineMs) {
        throw new Error(`${failure}: ${child.log.lastWords()}`);
      }
      await delay(100);
    }
  } catch (error) {
    if (child.exitCode() === null) await endProcess(child.pid, "SIGTERM", 10_000);
    throw error;
  }
}
