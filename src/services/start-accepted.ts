import type { Action } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Resource, ResourceKind } from "../domain/resource.ts";
import type { ActionToStart } from "../domain/workflow-control.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Effect, RequestContext } from "./services.ts";

/** Starts the workflow of an action that was accepted. If Temporal is away the sweep does it later: nothing accepted is lost. */
export async function startAccepted(
  { workflows, logger }: Dependencies,
  action: Action,
  context: RequestContext,
): Promise<void> {
  try {
    await workflows.start(toStart(action, context));
  } catch (error) {
    const { requestId } = context;
    logger.warn(
      { err: error, request_id: requestId, action_id: action.id, resource_id: action.resourceId },
      "the action was accepted but not started; the sweep will start it",
    );
  }
}

/**
 * Starts the create of an accepted resource and adds the address that its first step allocates; null if Temporal is slow or away. `presentState` reads the
 * resource anew, and throws if it is gone.
 */
export async function startAcceptedCreate<T extends Resource>(
  dependencies: Dependencies,
  kind: ResourceKind,
  accepted: Effect<T>,
  context: RequestContext,
  presentState: (id: string) => Promise<T>,
): Promise<Effect<T>> {
  const { value: resource, replayed } = accepted;
  if (resource.status !== "provisioning" || resource.ipv4 !== null) return accepted;
  const action = await dependencies.store.actions.findRunning(resource.id, "create");
  if (!action) return accepted;
  try {
    const address = await dependencies.workflows.startCreate(toStart(action, context));
    return { value: address ? { ...resource, ipv4: address.ipv4 } : await presentState(resource.id), replayed };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code !== "no_capacity") return { value: await presentState(resource.id), replayed };
    await withdraw(dependencies, kind, resource);
    throw error;
  }
}

/** The last address went to another request after ours was checked: the refusal leaves nothing of it, and its Idempotency-Key can be used again. */
async function withdraw({ store }: Dependencies, kind: ResourceKind, resource: Resource): Promise<void> {
  await store.transaction(async ({ resources, actions, idempotencyKeys }) => {
    await actions.end(resource.actionId, "failed", {
      code: "no_capacity",
      message: new DomainError("no_capacity").publicText,
      step: "allocate_ip_address",
      retryable: true,
      leftovers: [],
    });
    await resources[kind].markDeleted(resource.id);
    await idempotencyKeys.forget(resource.id, resource.accountId);
  });
}

/** The request that starts it is the one to find in the logs, also where it repeats the one that was accepted. */
function toStart(action: Action, { requestId }: RequestContext): ActionToStart {
  const { id: actionId, resourceKind, resourceId, accountId, region, type, attempt } = action;
  return { type, attempt, input: { resourceId, resourceKind, actionId, accountId, region, requestId } };
}
