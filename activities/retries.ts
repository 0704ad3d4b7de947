import { Context } from "@temporalio/activity";
import type { Action } from "../src/domain/action.ts";
import { type ErrorCode, publicMessage } from "../src/domain/error-codes.ts";
import { newId } from "../src/domain/ids.ts";
import { type QuotaLimits, quotaShare } from "../src/domain/quotas.ts";
import type { Retry } from "../src/domain/retry.ts";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { NextItem } from "../src/store/retries.ts";
import type { Repositories, Store } from "../src/store/store.ts";

export function retryActivities(store: Store, limits: QuotaLimits, workflows: WorkflowControl) {
  return {
    /** Deals with the next failed creates of a retry, so many of them. False once none is left, and the retry has ended. */
    async startRetries({ retryId, count }: { retryId: string; count: number }): Promise<boolean> {
      await store.retries.markStarted(retryId);
      const retry = await store.retries.find(retryId);
      if (!retry) throw new Error(`BUG: there is no retry ${retryId}`);
      for (let begun = 0; begun < count; begun++) {
        if (await startNext(store, limits, workflows, retry)) continue;
        await store.retries.end(retryId, "succeeded");
        return false;
      }
      return true;
    },
  };
}

/** Why a create is left alone. */
class Skipped extends Error {
  readonly code: ErrorCode;
  readonly place: number;

  constructor(place: number, code: ErrorCode, message: string) {
    super(message);
    this.code = code;
    this.place = place;
  }
}

/** False if there is none. What is committed here is started by the sweep if Temporal does not hear of it now. */
async function startNext(
  store: Store,
  limits: QuotaLimits,
  workflows: WorkflowControl,
  retry: Retry,
): Promise<boolean> {
  let action: Action | null;
  try {
    action = await store.transaction((repositories) => acceptNext(repositories, limits, retry));
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    const { place, code, message } = error;
    await store.retries.markItemSkipped(retry.id, place, { code, message });
    return true;
  }
  if (!action) return false;
  try {
    await workflows.start(actionToStart(action));
  } catch (error) {
    Context.current().log.warn("a retried create was not started; the sweep will start it", { error });
  }
  return true;
}

/** The create runs again for the same server or database, as its holder's own `retry` has it, and the item is dealt with: both or neither. */
async function acceptNext(repositories: Repositories, limits: QuotaLimits, retry: Retry): Promise<Action | null> {
  const { retries, resources, actions, auditEvents, quotas } = repositories;
  const item = await retries.lockNext(retry.id);
  if (!item) return null;
  const { place, resourceKind, resourceId } = item;
  const rows = resources[resourceKind];
  const resource = await rows.lock(resourceId);
  if (!resource) throw new Skipped(place, "not_found", `The ${resourceKind} was deleted.`);
  const { status, actionId: latest, accountId, region, size, image } = resource;
  if (status !== "failed" || latest !== item.actionId) {
    throw new Skipped(place, "invalid_status", `The ${resourceKind} has gone on since: it is ${status}.`);
  }
  const action = await actions.insert({
    ...{ id: newId("action"), accountId, type: "create", resourceKind, resourceId, region, image },
    requestId: retry.requestedBy.requestId,
  });
  await rows.takeOver(resourceId, action.id, "provisioning");
  await retries.markItemStarted(retry.id, place, action.id);
  await auditEvents.insert(auditOf(retry, item, action));
  if (!(await quotas.hold(resourceId, accountId, quotaShare(resourceKind, size), limits))) {
    throw new Skipped(place, "quota_exceeded", publicMessage("quota_exceeded"));
  }
  return action;
}

function auditOf({ id, reason, requestedBy }: Retry, item: NextItem, action: Action) {
  const { apiKeyId, requestId } = requestedBy;
  const { resourceKind, resourceId } = item;
  return {
    ...{ id: newId("auditEvent"), accountId: action.accountId, apiKeyId, requestId, event: "action.retry" as const },
    ...{ resourceKind, resourceId, reason },
    before: { status: "failed", action_id: item.actionId },
    after: { status: "provisioning", action_id: action.id, retry_id: id },
  };
}
