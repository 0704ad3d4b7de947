import { LIMITS } from "../src/domain/limits.ts";
import type { Store } from "../src/store/store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export function idempotencyKeyActivities(store: Store) {
  return {
    /** Deletes the records of Idempotency-Keys that may be used anew; returns how many. */
    async forgetExpiredIdempotencyKeys(): Promise<number> {
      return store.idempotencyKeys.deleteExpired(new Date(Date.now() - LIMITS.idempotencyKeyTtlDays * DAY_MS));
    },
  };
}
