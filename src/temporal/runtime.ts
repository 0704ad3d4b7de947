import { ApplicationFailure } from "@temporalio/common";
import { Runtime, type TelemetryOptions } from "@temporalio/worker";
import type { Logger } from "../telemetry/logger.ts";
import { withSdkMetrics } from "./sdk-metrics.ts";

/** The SDK's own lines about beginnings: it writes them before it asks for the ids of the action. Ours have them (step-log.ts, workflows/action-log.ts). */
const WITHOUT_IDS = new Set(["Activity started", "Workflow started"]);

/**
 * The SDK's one runtime of this process: its logs, those of its native part included, go to ours, and signals are left to the process. With `metrics` the SDK
 * counts what it does (sdk-metrics.ts).
 */
export function installTemporalRuntime(logger: Logger, options: { metrics?: boolean } = {}): void {
  const log =
    (level: "trace" | "debug" | "info" | "warn" | "error") =>
    (message: string, { error, ...meta }: { error?: unknown } = {}) => {
      if (level === "debug" && WITHOUT_IDS.has(message)) return;
      logger[level](error === undefined ? meta : { ...meta, ...loggedError(error) }, message);
    };
  const logging = { filter: { core: "WARN", other: "ERROR" }, forward: {} } as const;
  const install = (telemetryOptions: TelemetryOptions) =>
    Runtime.install({
      shutdownSignals: [],
      telemetryOptions,
      logger: {
        log: (level, message, meta) => log(level.toLowerCase() as "info")(message, meta),
        trace: log("trace"),
        debug: log("debug"),
        info: log("info"),
        warn: log("warn"),
        error: log("error"),
      },
    });
  if (options.metrics) withSdkMetrics((metrics) => install({ logging, metrics }));
  else install({ logging });
}

/** `err` is the name under which our logger writes an error with its message and stack; our code is what the SDK calls the type of a failure. */
function loggedError(error: unknown): object {
  return error instanceof ApplicationFailure ? { err: error, error_code: error.type } : { err: error };
}
