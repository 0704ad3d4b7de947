import { Context } from "@temporalio/activity";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { beating } from "./beating.ts";

export function runningActionActivities(store: Store, workflows: WorkflowControl) {
  return {
    /**
     * Cancels what is under way on the resource besides its delete, if anything, and returns when its compensation has ended. An action whose workflow never
     * started is ended on its row; should it start after all, its first step finds the resource taken over by the delete.
     */
    async cancelRunningAction(input: ActionInput): Promise<void> {
      await store.actions.markStarted(input.actionId);
      const running = await store.actions.findRunningChange(input.resourceId);
      if (!running) return;
      const { cancellationSignal } = Context.current();
      await beating(() => workflows.cancelAndWait(actionToStart(running), cancellationSignal));
      // Its workflow ends the row by itself; this is for the one that never started, or was terminated by hand.
      await store.actions.end(running.id, "cancelled", {
        code: "cancelled",
        message: "The action was cancelled.",
        step: null,
        retryable: true,
        leftovers: [],
      });
    },
  };
}
