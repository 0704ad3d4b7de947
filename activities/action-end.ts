import type { EndActionInput, MarkActiveInput } from "../src/domain/activity-contracts.ts";
import { STOPPED_CODES } from "../src/domain/error-codes.ts";
import type { PowerState, ResourceStatus } from "../src/domain/statuses.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { succeedWith, takeBackSuccess } from "./action-success.ts";

/** The ends of an action: each writes resource and action in one transaction. Repeating one changes nothing. */
export function actionEndActivities(store: Store) {
  const succeed = async (input: ActionInput, status: ResourceStatus) => {
    if (await store.actions.succeed(input, status)) return;
    // Whatever keeps it from its usual end is found out here.
    await succeedWith(store, input, ({ resources }) =>
      resources[input.resourceKind].changeStatus(input.resourceId, input.actionId, status, null),
    );
  };

  const succeedWithPower = (input: ActionInput, power: PowerState) =>
    succeedWith(store, input, ({ resources }) =>
      resources[input.resourceKind].setPowerState(input.resourceId, input.actionId, power),
    );

  /** Undoes `succeed` whose answer was lost, unless a delete has taken the resource over. */
  const takeBack = (input: ActionInput, change: { from: ResourceStatus; to: ResourceStatus }) =>
    store.transaction(async ({ resources, actions }) => {
      const rows = resources[input.resourceKind];
      await rows.lock(input.resourceId);
      if (await rows.revertStatus(input.resourceId, input.actionId, change)) await actions.reopen(input.actionId);
    });

  return {
    /** Also the end of an action that found the resource active and leaves it so. */
    async markActive(input: ActionInput): Promise<void> {
      await succeed(input, "active");
    },

    async unmarkActive(input: MarkActiveInput): Promise<void> {
      await takeBack(input, { from: input.from, to: "active" });
    },

    async markSuspended(input: ActionInput): Promise<void> {
      await succeed(input, "suspended");
    },

    async unmarkSuspended(input: ActionInput): Promise<void> {
      await takeBack(input, { from: "active", to: "suspended" });
    },

    async markRunning(input: ActionInput): Promise<void> {
      await succeedWithPower(input, "running");
    },

    async markStopped(input: ActionInput): Promise<void> {
      await succeedWithPower(input, "stopped");
    },

    async reopenAction(input: ActionInput): Promise<void> {
      await takeBackSuccess(store, input, () => Promise.resolve());
    },

    /** An action that failed and was compensated: the row tells the reason. After a create it is `failed` and holds no quota any more, else it stays what it was. */
    async markFailed(input: EndActionInput): Promise<void> {
      const { leftovers: _, ...failure } = input.failure;
      const error = { ...failure, action_id: input.actionId };
      await store.transaction(async ({ resources, actions, quotas }) => {
        const rows = resources[input.resourceKind];
        const hasFailed = await rows.changeStatus(input.resourceId, input.actionId, "failed", error);
        if (!hasFailed) await rows.setError(input.resourceId, input.actionId, error);
        await actions.end(input.actionId, STOPPED_CODES.has(failure.code) ? "cancelled" : "failed", input.failure);
        if (hasFailed) await quotas.release(input.resourceId);
      });
    },

    /** The end of a delete: from here on the resource is a 404, and its quota is free. */
    async markDeleted(input: ActionInput): Promise<void> {
      await store.transaction(async ({ resources, actions, quotas }) => {
        await resources[input.resourceKind].markDeleted(input.resourceId);
        await actions.end(input.actionId, "succeeded", null);
        await quotas.release(input.resourceId);
      });
    },
  };
}
