import { continueAsNew, sleep } from "@temporalio/workflow";
import { paceOf, type RetryInput } from "../src/domain/retry.ts";
import { persistentStore } from "./activity-options.ts";

/** A history may not grow without end. */
const ROUNDS_A_RUN = 1_000;

/**
 * Tries failed creates again, at the pace that an operator asked for: which ones is on rows (`retry_items`), each of which is dealt with once.
 *
 * Keyed by the retry (`retry/rty_…`). Nothing is undone: what was started goes on by itself.
 */
export async function retryFailedCreates(input: RetryInput): Promise<void> {
  const { count, everyMs } = paceOf(input.perMinute);
  for (let round = 0; round < ROUNDS_A_RUN; round++) {
    if (!(await persistentStore.startRetries({ retryId: input.retryId, count }))) return;
    await sleep(everyMs, { summary: "pace of the retry" });
  }
  await continueAsNew<typeof retryFailedCreates>(input);
}
