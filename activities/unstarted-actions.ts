import { Context } from "@temporalio/activity";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { beating } from "./beating.ts";
import { openReleasedGates } from "./gates.ts";
import { restartLostActions } from "./lost-actions.ts";

/** Long enough for the request itself to start or cancel its workflow, short enough for the promise of 30 s. */
const MIN_AGE_MS = 5_000;
const BATCH_SIZE = 100;

export function unstartedActionActivities(store: Store, workflows: WorkflowControl) {
  return {
    /**
     * Starts the workflow of every action that was accepted but not started: the API died between commit and start, or Temporal was away. The same of those that
     * were asked to cancel, of retries, and of what waits for a hold that was released. Returns how many it started.
     */
    async startUnstartedActions(): Promise<number> {
      const olderThan = new Date(Date.now() - MIN_AGE_MS);
      const [unstarted, toCancel, retries] = await Promise.all([
        store.actions.listUnstarted(olderThan, BATCH_SIZE),
        store.actions.listToCancel(olderThan, BATCH_SIZE),
        store.retries.listUnstarted(olderThan, BATCH_SIZE),
      ]);
      return beating(async () => {
        for (const action of unstarted) await workflows.start(actionToStart(action));
        for (const action of toCancel) await workflows.cancel(actionToStart(action));
        for (const retry of retries) await workflows.startRetry(retry);
        await openReleasedGates(store, workflows, Context.current().cancellationSignal);
        const again = await restartLostActions(store, workflows);
        // A cancel that is asked for again is none of them: its undo may take minutes.
        return unstarted.length + retries.length + again;
      });
    },
  };
}
