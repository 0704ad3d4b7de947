import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../telemetry/logger.ts";
import { GRPC } from "./grpc-codes.ts";

const RETRY_MS = 1_000;
const PASSING: ReadonlySet<number> = new Set([
  GRPC.cancelled,
  GRPC.deadlineExceeded,
  GRPC.resourceExhausted,
  GRPC.unavailable,
]);

interface PatienceOptions {
  /** Which failures pass; the others are thrown. */
  passes?: (error: unknown) => boolean;
  retryMs?: number;
}

/** What a worker asks of Temporal before it begins. A Temporal that is busy, or only starting, is asked again until it answers; what it refuses is thrown. */
export async function patiently<T>(
  ask: () => Promise<T>,
  logger: Logger,
  { passes = isPassing, retryMs = RETRY_MS }: PatienceOptions = {},
): Promise<T> {
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
function isPassing(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (PASSING.has((cause as { code?: number }).code ?? -1)) return true;
  }
  return false;
}
