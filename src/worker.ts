import { loadConfig } from "./config/config.ts";
import { declareProcessRole } from "./domain/process-role.ts";
import { exitOnStartFailure, stopOnSignal } from "./process.ts";
import { startWorker } from "./start-worker.ts";
import { createLogger } from "./telemetry/logger.ts";
import { installTemporalRuntime } from "./temporal/runtime.ts";

/** The worker process. */
async function main(): Promise<void> {
  declareProcessRole("worker");
  const config = loadConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: "worker" });
  installTemporalRuntime(logger, { metrics: config.metrics !== null });
  const worker = await startWorker(config, logger);
  worker.running.catch((err: unknown) => {
    logger.fatal({ err }, "the worker failed");
    logger.flush();
    process.exit(1);
  });
  logger.info({ regions: config.servedRegions, infrastructure: config.infrastructure }, "worker ready");
  await stopOnSignal(logger, () => worker.stop());
}

await main().catch(exitOnStartFailure);
