import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "../../src/config/config.ts";
import { startWorker } from "../../src/start-worker.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { installTemporalRuntime } from "../../src/temporal/runtime.ts";
import { type Around, aroundActivities, faultOfTest, runTwice, stayAlive } from "./activity-faults.ts";
import { type FaultPlan, heldFaultFile } from "./processes.ts";
import { waitUntil } from "./wait.ts";

/** A worker process for tests, in which something goes wrong once. The file TEST_FAULT_PLAN says at which activity and what; it is taken away before that happens, so that the successor lives. Of a `hold` and a `linger` its name is another then. */
const planFile = process.env["TEST_FAULT_PLAN"] ?? "";
const heldFile = heldFaultFile(planFile);

async function never(): Promise<never> {
  for (;;) await delay(1_000_000);
}

/** An effect takes several attempts where it is not there yet: the fault comes with the one that succeeds. */
const after =
  (happens: () => unknown): Around =>
  async (run) => {
    await run();
    rmSync(planFile);
    return happens();
  };

const before =
  (happens: Around): Around =>
  (run, context) => {
    rmSync(planFile);
    return happens(run, context);
  };

function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return never();
}

const linger: Around = async (run, context) => {
  renameSync(planFile, heldFile);
  const result = await run();
  await stayAlive(
    context,
    waitUntil("the activity is let go on", () => !existsSync(heldFile)),
  );
  return result;
};

const FAULTS: Record<FaultPlan["fault"], Around> = {
  "die before": before(die),
  "die after": after(die),
  hold: () => {
    renameSync(planFile, heldFile);
    return never();
  },
  linger,
  "fail before": before(() => Promise.reject(faultOfTest(false))),
  "fail after": after(() => Promise.reject(faultOfTest(false))),
  "fail for good": after(() => Promise.reject(faultOfTest(true))),
  "fall silent": after(never),
  twice: before(runTwice),
};

const faults = aroundActivities((activity) => {
  if (!existsSync(planFile)) return undefined;
  const plan = JSON.parse(readFileSync(planFile, "utf8")) as FaultPlan;
  return plan.activity === activity ? FAULTS[plan.fault] : undefined;
});

const config = loadConfig(process.env);
const logger = createLogger({ level: config.logLevel, name: "worker" });
installTemporalRuntime(logger);
await startWorker(config, logger, { interceptors: [faults] });
process.stdout.write("worker ready\n");
