import { Runtime } from "@temporalio/worker";
import type { Logger } from "../telemetry/logger.ts";

/** The SDK's one runtime of this process: its logs go to ours, and signals are left to the process. */
export function installTemporalRuntime(logger: Logger): void {
  const log =
    (level: "trace" | "debug" | "info" | "warn" | "error") =>
    (message: string, { error, ...meta }: { error?: unknown } = {}) =>
      // `err` is the name under which our logger writes an error with its message and stack.
      logger[level](error === undefined ? meta : { ...meta, err: error }, message);
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) => log(level.toLowerCase() as "info")(message, meta),
      trace: log("trace"),
      debug: log("debug"),
      info: log("info"),
      warn: log("warn"),
      error: log("error"),
    },
  });
}
