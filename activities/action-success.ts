import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Repositories, Store } from "../src/store/store.ts";

/**
 * Ends the action with what it changed about the resource, unless a delete has taken that over, or somebody asked to cancel it. One that had succeeded before its
 * worker died has succeeded, whatever the resource went on to since. `change` is false if it changed nothing.
 */
export async function succeedWith(
  store: Store,
  input: ActionInput,
  change: (repositories: Repositories) => Promise<boolean>,
): Promise<void> {
  await store.transaction(async (repositories) => {
    const { resources, actions } = repositories;
    if (!(await change(repositories))) {
      const resource = await resources[input.resourceKind].lock(input.resourceId);
      if (resource?.actionId !== input.actionId && !(await actions.hasSucceeded(input.actionId))) {
        throw new DomainError("resource_deleted");
      }
    }
    const isEnded =
      (await actions.end(input.actionId, "succeeded", null)) || (await actions.hasSucceeded(input.actionId));
    if (!isEnded) throw new DomainError("cancelled");
  });
}

/** Takes back the end of an action that left the status, with what it changed, unless the resource has gone on since. */
export async function takeBackSuccess(
  store: Store,
  input: ActionInput,
  change: (repositories: Repositories) => Promise<unknown>,
): Promise<void> {
  await store.transaction(async (repositories) => {
    const resource = await repositories.resources[input.resourceKind].lock(input.resourceId);
    if (resource?.actionId !== input.actionId) return;
    await change(repositories);
    await repositories.actions.reopen(input.actionId);
  });
}
