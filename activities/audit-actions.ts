import type { Action } from "../src/domain/action.ts";
import type { AuditPart } from "../src/domain/audit.ts";
import { publicMessage } from "../src/domain/error-codes.ts";
import type { ActionFailure } from "../src/domain/workflow-contracts.ts";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { actionEndActivities } from "./action-end.ts";
import { auditedRepair } from "./audit-log.ts";
import { ChangedMeanwhile, type Finding } from "./audit-part.ts";
import { runningActions } from "./running-actions.ts";

/** Long after the sweep should have started it. */
const MIN_AGE_MS = 60_000;
/** Running actions without a running workflow. */
export async function findActions(
  store: Store,
  workflows: WorkflowControl,
  part: AuditPart,
): Promise<{ findings: Finding[]; compared: number }> {
  const olderThan = new Date(Date.now() - MIN_AGE_MS);
  const findings: Finding[] = [];
  let compared = 0;
  for await (const few of runningActions(store, olderThan)) {
    compared += few.length;
    const found = await Promise.all(few.map((action) => findOne(store, workflows, action)));
    findings.push(...found.filter((one) => one !== null).filter((one) => part.classes.includes(one.class)));
  }
  return { findings, compared };
}

async function findOne(store: Store, workflows: WorkflowControl, action: Action): Promise<Finding | null> {
  const state = await workflows.stateOf(actionToStart(action));
  if (state === "running") return null;
  // A workflow writes the end of its action before its own.
  const now = await store.actions.find(action.id, action.accountId);
  if (now?.status !== "running") return null;
  const { id, type, region, accountId, resourceId } = action;
  const isForgotten = state === "absent" && action.startedAt === null;
  const name = isForgotten ? "action_not_started" : "workflow_missing";
  return {
    class: name,
    region,
    subject: id,
    accountId,
    detail: `${type} of ${resourceId}: ${isForgotten ? "no workflow has touched it" : `its workflow is ${state}`}`,
    holdMs: 0,
    refusal: null,
    show: null,
    note: null,
    async repair(by) {
      if ((await store.actions.find(id, accountId))?.status !== "running") throw new ChangedMeanwhile();
      if (state === "absent") await workflows.start(actionToStart(action));
      else await endAsFailed(store, action);
      const of = { accountId, resourceKind: "action", resourceId: id } as const;
      await auditedRepair(store, by, { ...of, class: name, detail: `${type} of ${resourceId}` });
    },
  };
}

/** As its workflow would have, but for what it has done: that is found as left behind by the audit of its region, once the action has ended. */
async function endAsFailed(store: Store, action: Action): Promise<void> {
  const step = action.steps.find(({ status }) => status !== "succeeded")?.name ?? null;
  const failure: ActionFailure = {
    code: "internal_error",
    message: publicMessage("internal_error"),
    step,
    retryable: true,
    leftovers: [],
  };
  await actionEndActivities(store).markFailed({ ...actionToStart(action).input, failure });
}
