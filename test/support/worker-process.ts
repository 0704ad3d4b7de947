import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "../../src/config/config.ts";
import { startWorker } from "../../src/start-worker.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { installTemporalRuntime } from "../../src/temporal/runtime.ts";
import { aroundActivities } from "./activity-faults.ts";
import type { DeathPlan } from "./processes.ts";

/**
 * A worker process that dies of its own hand, for tests. The file TEST_DEATH_PLAN says at which activity and when; it is taken away first, so that the
 * successor lives. `hold` does not let the activity begin, and waits to be killed; the plan's file then ends in `.held`.
 */
const planFile = process.env["TEST_DEATH_PLAN"] ?? "";

async function never(): Promise<never> {
  for (;;) await delay(1_000_000);
}

function die(): Promise<never> {
  rmSync(planFile);
  process.kill(process.pid, "SIGKILL");
  return never();
}

const faults = aroundActivities((activity) => {
  if (!existsSync(planFile)) return undefined;
  const plan = JSON.parse(readFileSync(planFile, "utf8")) as DeathPlan;
  if (plan.activity !== activity) return undefined;
  return async (run) => {
    if (plan.when === "before") return die();
    if (plan.when === "hold") {
      renameSync(planFile, `${planFile}.held`);
      return never();
    }
    await run();
    return die();
  };
});

const config = loadConfig(process.env);
const logger = createLogger({ level: config.logLevel, name: "worker" });
installTemporalRuntime(logger);
await startWorker(config, logger, { interceptors: [faults] });
process.stdout.write("worker ready\n");
