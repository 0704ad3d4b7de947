import { Context } from "@temporalio/activity";
import type { DeleteServerInput } from "../src/domain/workflow-contracts.ts";
import type { WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { actionToStart } from "./unstarted-actions.ts";

const HEARTBEAT_INTERVAL_MS = 1_000;

export function runningCreateActivities(store: Store, workflows: WorkflowControl) {
  return {
    /**
     * Cancels the create that is under way on the server, if any, and returns when its compensation has ended. A create whose workflow never started is
     * ended on its row; should it start after all, its first step finds the server taken over by the delete.
     */
    async cancelCreate(input: DeleteServerInput): Promise<void> {
      const context = Context.current();
      await store.actions.markStarted(input.actionId);
      const create = await store.actions.findRunning(input.serverId, "create");
      if (!create) return;
      const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
      try {
        await workflows.cancelAndWait(actionToStart(create, ""), context.cancellationSignal);
      } finally {
        clearInterval(heartbeat);
      }
      // Its workflow ends the row by itself; this is for the one that never started, or was terminated by hand.
      await store.actions.end(create.id, "cancelled", {
        code: "cancelled",
        message: "The action was cancelled.",
        step: null,
        retryable: true,
        leftovers: [],
      });
    },
  };
}
