import { LIMITS } from "../src/domain/limits.ts";
import type { Store } from "../src/store/store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** In one transaction. */
const BATCH = 1_000;
/** The next sweep goes on. */
const BATCHES = 10;

export function eventActivities(store: Store) {
  return {
    /** Deletes events that are older than they are promised to be kept, the oldest first; returns how many. */
    async forgetExpiredEvents(): Promise<number> {
      const expiredBefore = new Date(Date.now() - LIMITS.eventRetentionDays * DAY_MS);
      let deleted = 0;
      for (let batch = 1; batch <= BATCHES; batch++) {
        const count = await store.events.deleteBefore(expiredBefore, BATCH);
        deleted += count;
        if (count < BATCH) break;
      }
      return deleted;
    },
  };
}
