import { Context } from "@temporalio/activity";
import type { Action } from "../src/domain/action.ts";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import { workflowId } from "../src/domain/workflow-ids.ts";
import type { BegunAction } from "../src/store/actions.ts";
import type { Store } from "../src/store/store.ts";
import { ASKED_AT_ONCE, pages } from "./running-actions.ts";

/** Most actions have ended by then, and need not be asked about. */
const MIN_AGE_MS = 15_000;
const PAGE_SIZE = 1_000;
/** Of those that Temporal lists as running: so a list that has outlived what it tells of is found out. */
const DOUBTED = 20;

/**
 * Starts anew what a workflow has begun and Temporal knows nothing of any more: it was lost, or replaced by an empty one. A workflow that was ended by hand is still
 * known, and left to the auditor. Returns how many.
 *
 * Thousands may be waiting for an operator. So only what Temporal does not list as running is asked about one by one, and a few others.
 */
export async function restartLostActions(store: Store, workflows: WorkflowControl): Promise<number> {
  const olderThan = new Date(Date.now() - MIN_AGE_MS);
  const listed = await workflows.listRunning();
  const doubted: BegunAction[] = [];
  const trusted: BegunAction[] = [];
  for await (const page of pages((after) => store.actions.listBegun(after, olderThan, PAGE_SIZE), PAGE_SIZE)) {
    for (const action of page) (listed.has(workflowId(action)) ? trusted : doubted).push(action);
  }
  for (let count = 0; count < DOUBTED && trusted.length > 0; count++) {
    doubted.push(...trusted.splice(Math.floor(Math.random() * trusted.length), 1));
  }
  const restarted = await restartThoseLost(store, workflows, doubted);
  const isListWrong = restarted.some((action) => listed.has(workflowId(action)));
  return restarted.length + (isListWrong ? (await restartThoseLost(store, workflows, trusted)).length : 0);
}

async function restartThoseLost(
  store: Store,
  workflows: WorkflowControl,
  doubted: BegunAction[],
): Promise<BegunAction[]> {
  const restarted: BegunAction[] = [];
  for (let start = 0; start < doubted.length; start += ASKED_AT_ONCE) {
    const few = doubted.slice(start, start + ASKED_AT_ONCE);
    const actions = await store.actions.inOrder(few);
    const lost = await Promise.all(actions.map((action) => restartIfLost(store, workflows, action)));
    restarted.push(...actions.filter((_, index) => lost[index]));
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
