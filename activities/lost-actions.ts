import { Context } from "@temporalio/activity";
import type { Action } from "../src/domain/action.ts";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { runningActions } from "./running-actions.ts";

/** Most actions have ended by then, and need not be asked about. */
const MIN_AGE_MS = 15_000;

/**
 * Starts anew what a workflow has begun and Temporal knows nothing of any more: it was lost, or replaced by an empty one. A workflow that was ended by hand is still
 * known, and left to the auditor. Returns how many.
 */
export async function restartLostActions(store: Store, workflows: WorkflowControl): Promise<number> {
  let restarted = 0;
  for await (const few of runningActions(store, new Date(Date.now() - MIN_AGE_MS))) {
    const begun = few.filter(({ startedAt }) => startedAt !== null);
    const done = await Promise.all(begun.map((action) => restartIfLost(store, workflows, action)));
    restarted += done.filter(Boolean).length;
  }
  return restarted;
}

async function restartIfLost(store: Store, workflows: WorkflowControl, action: Action): Promise<boolean> {
  if ((await workflows.stateOf(actionToStart(action))) !== "absent") return false;
  // It may have ended since the page was read.
  const now = await store.actions.find(action.id, action.accountId);
  if (now?.status !== "running") return false;
  await workflows.start(actionToStart(now));
  Context.current().log.warn("a workflow was lost, and is started anew", {
    action_id: action.id,
    resource_id: action.resourceId,
  });
  return true;
}
