import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programArguments } from "./programs.ts";
import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

export interface TestProcess {
  pid: number;
  hasEnded(): boolean;
  /** What it has written to standard output. */
  output(): string;
  /** Resolves with how it ended. */
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * What happens once to an activity of a worker process. The process dies before the effect, or after it (before the answer), or holds the activity before its effect until somebody kills it;
 * or the activity lingers: it has its effect, and answers when it is let go on or cancelled; or the attempt fails before the effect or after it, as something that passes or for good, is never heard of again after it, or is delivered twice.
 */
export interface FaultPlan {
  activity: string;
  fault:
    | "die before"
    | "die after"
    | "hold"
    | "linger"
    | "fail before"
    | "fail after"
    | "fail for good"
    | "fall silent"
    | "twice";
}

function faultPlanFile({ config }: { config: { dataDir: string } }): string {
  return join(config.dataDir, "fault-plan");
}

/** It comes with the next activity of its name. Returns its file, which is there until then. */
export function planFault(world: { config: { dataDir: string } }, plan: FaultPlan): string {
  const file = faultPlanFile(world);
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

/** There while an activity is held or lingers; one that lingers goes on once it is taken away. */
export function heldFaultFile(planFile: string): string {
  return `${planFile}.held`;
}

/** A real worker process of this world; it follows the fault plan that is there when an activity begins. */
export async function spawnWorker(world: Pick<World, "config" | "environment">): Promise<TestProcess> {
  const environment = { ...world.environment, TEST_FAULT_PLAN: faultPlanFile(world) };
  return spawnProcess("test/support/worker-process.ts", "worker ready", environment);
}

/** On a machine that runs other tests. */
const START_TIMEOUT_MS = 120_000;

export async function spawnProcess(
  file: string,
  readyText: string,
  environment: Record<string, string>,
): Promise<TestProcess> {
  const child: ChildProcess = spawn(process.execPath, programArguments(file), {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  await waitUntil(
    `${file} says ${readyText}`,
    () => {
      if (hasEnded() && !output.includes(readyText)) throw new Error(`${file} ended while starting: ${output}`);
      return output.includes(readyText);
    },
    START_TIMEOUT_MS,
  );
  return {
    pid: child.pid ?? 0,
    hasEnded,
    output: () => output,
    async kill(signal) {
      if (!hasEnded()) {
        child.kill(signal);
        await once(child, "exit");
      }
      return { code: child.exitCode, signal: child.signalCode };
    },
  };
}
