import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../telemetry/logger.ts";

const RETRY_MS = 1_000;
/** By gRPC's codes: cancelled, deadline exceeded, resource exhausted, unavailable. */
const PASSING = new Set([1, 4, 8, 14]);

/** What a worker asks of Temporal before it begins. A Temporal that is busy, or only starting, is asked again until it answers; what it refuses is thrown. */
export async function patiently<T>(ask: () => Promise<T>, logger: Logger, retryMs = RETRY_MS): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (err) {
      if (!passes(err)) throw err;
      logger.warn({ err }, "Temporal does not answer; trying again");
      await delay(retryMs);
    }
  }
}

/** The client wraps some failures of a call into its own. */
function passes(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (PASSING.has((cause as { code?: number }).code ?? -1)) return true;
  }
  return false;
}
