import { persistentStore, waitingStore } from "./activity-options.ts";
import { onAnyBuild } from "./any-build.ts";

/** Started by a schedule every 10 s: no accepted request is lost because its workflow was not started. Repeating it is harmless. */
export async function sweepUnstartedActions(): Promise<number> {
  await persistentStore.forgetExpiredIdempotencyKeys();
  const started = await waitingStore.startUnstartedActions();
  await persistentStore.forgetExpiredEvents();
  return started;
}

onAnyBuild(sweepUnstartedActions);
