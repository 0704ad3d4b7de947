import type { Action } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Resource, ResourceKind } from "../domain/resource.ts";
import { type ActionToStart, actionToStart } from "../domain/workflow-control.ts";
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

/** How long a POST waits for the first step of its create, before it takes the address itself. */
const FIRST_STEP_PATIENCE_MS = 150;
/** How much longer it waits where there is no address to take: the create may hold the last one by now. */
const LAST_ADDRESS_PATIENCE_MS = 3_000;

/**
 * Starts the create of an accepted resource and adds its address, however busy the workers are, and if Temporal is away. `presentState` reads the resource
 * anew, and throws if it is gone.
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
  const create = replayed ? await underWay(dependencies, resource, context) : firstCreate(kind, resource, context);
  if (!create) return accepted;
  try {
    const ipv4 = await addressOf(dependencies, create);
    return { value: ipv4 === null ? await presentState(resource.id) : { ...resource, ipv4 }, replayed };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code !== "no_capacity") return { value: await presentState(resource.id), replayed };
    await withdraw(dependencies, kind, resource);
    throw error;
  }
}

/**
 * The first step of the create allocates the address and answers with it. If that takes long, because many creates are under way, or Temporal or the workers
 * are away, the address is allocated here, and the step will find it. Null: there is none to be had at the moment.
 */
async function addressOf({ workflows, store, logger }: Dependencies, create: ActionToStart): Promise<string | null> {
  const firstStep = workflows.startCreate(create);
  const early = await within(FIRST_STEP_PATIENCE_MS, firstStep);
  if (early) return early.ipv4;
  const { ipv4: ahead } = await store.ipAddresses.claimAhead(create.input);
  if (ahead === null) return (await within(LAST_ADDRESS_PATIENCE_MS, firstStep))?.ipv4 ?? null;
  firstStep.catch((err: unknown) =>
    logger.warn({ err, action_id: create.input.actionId }, "a create that was answered early did not begin well"),
  );
  return ahead;
}

/** What the promise resolves to, or null after `ms`. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The last address went to another request after ours was checked: the refusal leaves nothing of it, and its Idempotency-Key can be used again. */
async function withdraw({ store }: Dependencies, kind: ResourceKind, resource: Resource): Promise<void> {
  await store.transaction(async ({ resources, actions, idempotencyKeys, quotas }) => {
    await actions.end(resource.actionId, "failed", {
      code: "no_capacity",
      message: new DomainError("no_capacity").publicText,
      step: "allocate_ip_address",
      retryable: true,
      leftovers: [],
    });
    await resources[kind].markDeleted(resource.id);
    await idempotencyKeys.forget(resource.id, resource.accountId);
    await quotas.release(resource.id);
  });
}

function firstCreate(kind: ResourceKind, resource: Resource, context: RequestContext): ActionToStart {
  const { id: resourceId, actionId: id, accountId, region, image } = resource;
  const create = { id, resourceKind: kind, resourceId, accountId, region, image, type: "create", attempt: 1 } as const;
  return toStart({ ...create, startedAt: null }, context);
}

async function underWay(
  { store }: Dependencies,
  resource: Resource,
  context: RequestContext,
): Promise<ActionToStart | null> {
  const action = await store.actions.findRunning(resource.id, "create");
  return action && toStart(action, context);
}

/** The request that starts it is the one to find in the logs, also where it repeats the one that was accepted. */
export function toStart(
  action: Omit<Parameters<typeof actionToStart>[0], "requestId">,
  { requestId }: Pick<RequestContext, "requestId">,
): ActionToStart {
  return actionToStart({ ...action, requestId });
}
