import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { interruption } from "./interruption.ts";
import { LogTail } from "./log-tail.ts";

const NICE = {
  "above normal": constants.priority.PRIORITY_ABOVE_NORMAL,
  "below normal": constants.priority.PRIORITY_BELOW_NORMAL,
} as const;
export type Priority = keyof typeof NICE;

export interface BackgroundOptions {
  /** What it is called in messages. */
  title: string;
  program: string;
  args: readonly string[];
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Standard output and error are appended here. */
  logFile: string;
  /** Asked until it says yes; it is given what the process has logged so far. */
  isReady: (log: LogTail) => Promise<boolean>;
  readyTimeoutMs: number;
  stopSignal?: NodeJS.Signals;
  /** After this long without an end the process is killed. */
  stopTimeoutMs?: number;
  /** Of the CPU where it is short: first what somebody waits for, last what can wait. Normal by default. */
  priority?: Priority | undefined;
}

export interface BackgroundProcess {
  pid: number;
  /** Resolves when the process has ended, however it came about. */
  exited: Promise<void>;
  /** The end of its log, for messages. */
  lastWords: () => string;
  stop: () => Promise<void>;
}

const READY_POLL_MS = 25;
const SETPRIV = "/usr/bin/setpriv";

/**
 * Starts a server in a session of its own, so that Ctrl-C reaches only us and we stop things in order, and waits until it is ready. Where the system has
 * setpriv, the kernel ends the server if we are killed.
 */
export async function startInBackground(options: BackgroundOptions): Promise<BackgroundProcess> {
  interruption.throwIfAborted();
  mkdirSync(dirname(options.logFile), { recursive: true });
  const tail = new LogTail(options.logFile);
  const log = openSync(options.logFile, "a");
  const signal = options.stopSignal ?? "SIGTERM";
  const command = [options.program, ...options.args];
  const bound = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", signal.slice("SIG".length), "--", ...command] : command;
  const [program = "", ...args] = bound;
  const child = spawn(program, args, {
    stdio: ["ignore", log, log],
    env: { ...process.env, ...options.env },
    detached: true,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  closeSync(log);
  if (options.priority !== undefined && child.pid !== undefined) prioritize(child.pid, options.priority);
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = () => stopChild(child, exited, signal, options.stopTimeoutMs ?? 10_000);

  const deadline = Date.now() + options.readyTimeoutMs;
  while (!(await options.isReady(tail))) {
    if (hasEnded(child)) throw new Error(`${options.title} ended while starting: ${tail.lastWords()}`);
    if (interruption.aborted) {
      await stop();
      interruption.throwIfAborted();
    }
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${options.title} was not ready in time: ${tail.lastWords()}`);
    }
    await delay(READY_POLL_MS);
  }
  return { pid: child.pid ?? 0, exited, stop, lastWords: () => tail.lastWords() };
}

/** Where the kernel shares the CPU out by session (autogroup), a process's own priority counts only among those of its session, which has one, too. */
function prioritize(pid: number, priority: Priority): void {
  const nice = NICE[priority];
  try {
    setPriority(pid, nice);
    const autogroup = `/proc/${pid}/autogroup`;
    if (existsSync(autogroup)) writeFileSync(autogroup, String(nice));
  } catch {
    // Only root may come before others. Everything works without it, if later.
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<void>,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  if (hasEnded(child)) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  await exited;
  clearTimeout(timer);
}
