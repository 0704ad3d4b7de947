import type { Action } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import { lackingScopes } from "../domain/principal.ts";
import type { Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { getAction } from "./read-actions.ts";
import type { Effect, RequestContext } from "./services.ts";
import { toStart } from "./start-accepted.ts";

/**
 * Asks a create that is running to cancel. Once accepted it can't succeed any more: what it did is undone, it ends `cancelled`, and its resource `failed`. If
 * Temporal is away the sweep asks the workflow later.
 */
export async function cancelAction(
  dependencies: Dependencies,
  id: string,
  context: RequestContext,
): Promise<Effect<Action>> {
  const accepted = await once(dependencies.store, context, {
    resourceId: id,
    effect: (repositories) => accept(repositories, id, context),
    replay: () => getAction(dependencies, id, context.principal),
  });
  if (!accepted.replayed && accepted.value.status === "running") {
    await deliverCancel(dependencies, accepted.value, context);
  }
  return accepted;
}

/** Asks the workflow of an action, whose row says so by now. */
export async function deliverCancel(
  { workflows, logger }: Dependencies,
  action: Action,
  context: RequestContext,
): Promise<void> {
  try {
    await workflows.cancel(toStart(action, context));
  } catch (err) {
    logger.warn({ err, action_id: action.id }, "the cancel was accepted but not delivered; the sweep will deliver it");
  }
}

async function accept(repositories: Repositories, id: string, { principal }: RequestContext): Promise<Action> {
  const found = await repositories.actions.find(id, principal.accountId);
  if (!found) throw new DomainError("not_found");
  const scope = `${found.resourceKind}s:write`;
  if (lackingScopes(principal.scopes, [scope]).length > 0) {
    throw new DomainError("forbidden", { publicText: `Cancelling this action takes the scope ${scope}.` });
  }
  return acceptCancel(repositories, found);
}

/** From the commit on the action can't succeed any more. One that was cancelled stays as it is; anything else but a create that is running is `not_cancellable`. */
export async function acceptCancel(
  { resources, actions }: Repositories,
  { id, accountId, resourceKind, resourceId }: Action,
): Promise<Action> {
  // The end of a create takes the same lock: it comes before, and there is nothing left to cancel, or after, and it is refused.
  await resources[resourceKind].lock(resourceId);
  const action = await actions.find(id, accountId);
  if (action?.status === "cancelled") return action;
  if (action?.type !== "create" || !(await actions.requestCancel(id))) {
    const what = action?.status === "running" ? `is a ${action.type}` : `has ended as ${action?.status}`;
    throw new DomainError("not_cancellable", {
      publicText: `The action ${what}; only a create that is running can be cancelled.`,
    });
  }
  return action;
}
