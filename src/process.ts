import type { Logger } from "./telemetry/logger.ts";

/** Ends a process that cannot start, with one line that says why. */
export function exitOnStartFailure(error: unknown): never {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const [line] = text.split("\n");
  process.stderr.write(`cloudnexus cannot start: ${line}\n`);
  process.exit(1);
}

/** Connections get 15 s and activities 10 s; what hangs after that is a database or a Temporal that no longer answers. */
const STOP_TIMEOUT_MS = 25_000;

/** Waits for SIGINT or SIGTERM, then stops in order and ends the process: with 0, or with 1 if that took longer than 25 s. A second signal ends it at once. */
export async function stopOnSignal(logger: Logger, stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      logger.info({ signal }, "stopping");
      process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
      resolve();
    };
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  });
  setTimeout(() => {
    logger.error("stopping took too long");
    logger.flush();
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
  await stop();
  logger.info("stopped");
  logger.flush();
  process.exit(0);
}
