import type { EndActionInput, MarkActiveInput } from "../src/domain/activity-contracts.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ErrorCode } from "../src/domain/error-codes.ts";
import type { PowerState, ResourceStatus } from "../src/domain/statuses.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ResourceRepository } from "../src/store/resources.ts";
import type { Store } from "../src/store/store.ts";

/** An action that a delete has stopped, in its middle or before its first step. */
const CANCELLED: ReadonlySet<string> = new Set<ErrorCode>(["cancelled", "resource_deleted"]);

/** The ends of an action: each writes resource and action in one transaction. Repeating one changes nothing. */
export function actionEndActivities(store: Store) {
  /**
   * Ends the action with what it changed about the resource, unless a delete has taken that over. One that had succeeded before its worker died has succeeded,
   * whatever the resource went on to since.
   */
  const succeedWith = (input: ActionInput, change: (rows: ResourceRepository) => Promise<boolean>) =>
    store.transaction(async ({ resources, actions }) => {
      const rows = resources[input.resourceKind];
      if (!(await change(rows))) {
        const resource = await rows.lock(input.resourceId);
        if (resource?.actionId !== input.actionId && !(await actions.hasSucceeded(input.actionId))) {
          throw new DomainError("resource_deleted");
        }
      }
      await actions.end(input.actionId, "succeeded", null);
    });

  const succeed = (input: ActionInput, status: ResourceStatus) =>
    succeedWith(input, (rows) => rows.changeStatus(input.resourceId, input.actionId, status, null));

  const succeedWithPower = (input: ActionInput, power: PowerState) =>
    succeedWith(input, (rows) => rows.setPowerState(input.resourceId, input.actionId, power));

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

    /** Takes back the end of an action that left the status, unless the resource has gone on since. */
    async reopenAction(input: ActionInput): Promise<void> {
      await store.transaction(async ({ resources, actions }) => {
        const resource = await resources[input.resourceKind].lock(input.resourceId);
        if (resource?.actionId === input.actionId) await actions.reopen(input.actionId);
      });
    },

    /** An action that failed and was compensated: the row tells the reason. After a create it is `failed`, else it stays what it was. */
    async markFailed(input: EndActionInput): Promise<void> {
      const { leftovers: _, ...failure } = input.failure;
      const error = { ...failure, action_id: input.actionId };
      await store.transaction(async ({ resources, actions }) => {
        const rows = resources[input.resourceKind];
        if (!(await rows.changeStatus(input.resourceId, input.actionId, "failed", error))) {
          await rows.setError(input.resourceId, input.actionId, error);
        }
        await actions.end(input.actionId, CANCELLED.has(failure.code) ? "cancelled" : "failed", input.failure);
      });
    },

    /** The end of a delete: from here on the resource is a 404. */
    async markDeleted(input: ActionInput): Promise<void> {
      await store.transaction(async ({ resources, actions }) => {
        await resources[input.resourceKind].markDeleted(input.resourceId);
        await actions.end(input.actionId, "succeeded", null);
      });
    },
  };
}
