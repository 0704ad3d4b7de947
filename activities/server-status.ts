import type { EndActionInput } from "../src/domain/activity-contracts.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ErrorCode } from "../src/domain/error-codes.ts";
import type { ServerActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

/** A create that a delete has stopped, in its middle or before its first step. */
const CANCELLED: ReadonlySet<string> = new Set<ErrorCode>(["cancelled", "resource_deleted"]);

/** The ends of an action: each writes resource and action in one transaction. Repeating one changes nothing. */
export function serverStatusActivities(store: Store) {
  return {
    async markActive(input: ServerActionInput): Promise<void> {
      await store.transaction(async ({ servers, actions }) => {
        const server = await servers.lock(input.serverId);
        const changed = await servers.changeStatus(input.serverId, input.actionId, "active", {
          powerState: "running",
          error: null,
        });
        const isRepetition = server?.status === "active" && server.actionId === input.actionId;
        if (!changed && !isRepetition) throw new DomainError("resource_deleted");
        await actions.changeStep(input.actionId, "mark_active", {
          status: "succeeded",
          ended_at: new Date().toISOString(),
        });
        await actions.end(input.actionId, "succeeded", null);
      });
    },

    /** Undoes `markActive` whose answer was lost, unless a delete has taken the server over. */
    async unmarkActive(input: ServerActionInput): Promise<void> {
      await store.transaction(async ({ servers, actions }) => {
        await servers.lock(input.serverId);
        if (await servers.revertToProvisioning(input.serverId, input.actionId)) await actions.reopen(input.actionId);
      });
    },

    /** A create that failed and was compensated: the row stays, with the reason. */
    async markFailed(input: EndActionInput): Promise<void> {
      const { leftovers: _, ...error } = input.failure;
      await store.transaction(async ({ servers, actions }) => {
        await servers.changeStatus(input.serverId, input.actionId, "failed", {
          powerState: "unknown",
          error: { ...error, action_id: input.actionId },
        });
        const status = CANCELLED.has(input.failure.code) ? "cancelled" : "failed";
        await actions.end(input.actionId, status, input.failure);
      });
    },

    /** The end of a delete: from here on the server is a 404. */
    async markDeleted(input: ServerActionInput): Promise<void> {
      await store.transaction(async ({ servers, actions }) => {
        await servers.markDeleted(input.serverId);
        await actions.changeStep(input.actionId, "mark_deleted", {
          status: "succeeded",
          ended_at: new Date().toISOString(),
        });
        await actions.end(input.actionId, "succeeded", null);
      });
    },

    /** A delete that could not go on: the server stays `deleting` with the reason, and another DELETE tries again. */
    async markDeleteFailed(input: EndActionInput): Promise<void> {
      const { leftovers: _, ...error } = input.failure;
      await store.transaction(async ({ servers, actions }) => {
        await servers.setError(input.serverId, input.actionId, { ...error, action_id: input.actionId });
        await actions.end(input.actionId, "failed", input.failure);
      });
    },
  };
}
