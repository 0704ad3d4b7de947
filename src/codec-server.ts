import { loadCodecServerConfig } from "./config/codec-server.ts";
import { exitOnStartFailure, stopOnSignal } from "./process.ts";
import { startCodecServer } from "./start-codec-server.ts";
import { createLogger } from "./telemetry/logger.ts";

/** The codec server: opens encrypted payloads for the Temporal UI and CLI of operators (docs/operations.md). */
async function main(): Promise<void> {
  const config = loadCodecServerConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: "codec-server" });
  const server = await startCodecServer(config, logger);
  logger.info({ address: server.address, origins: config.origins }, "codec server ready");
  await stopOnSignal(logger, () => server.close());
}

await main().catch(exitOnStartFailure);
