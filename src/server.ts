import { loadConfig } from "./config/config.ts";
import { declareProcessRole } from "./domain/process-role.ts";
import { exitOnStartFailure, stopOnSignal } from "./process.ts";
import { startApi } from "./start-api.ts";
import { createLogger } from "./telemetry/logger.ts";

/** The API process. */
async function main(): Promise<void> {
  declareProcessRole("api");
  const config = loadConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: "api" });
  const api = await startApi(config, logger);
  logger.info({ address: api.address }, "api ready");
  await stopOnSignal(logger, () => api.stop());
}

await main().catch(exitOnStartFailure);
