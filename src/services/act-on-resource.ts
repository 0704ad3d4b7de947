import type { Action, ActionParameters } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { ResourceStatus } from "../domain/statuses.ts";
import type { ActionType } from "../domain/workflow-contracts.ts";
import type { ResourceState } from "../store/resources.ts";
import type { Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { lockIdle } from "./idle-resource.ts";
import { growQuota, holdQuota } from "./quotas.ts";
import { getAction } from "./read-actions.ts";
import type { Effect, RequestContext } from "./services.ts";
import { startAccepted } from "./start-accepted.ts";

/** Which action a request starts, and the only status in which it makes sense. */
export interface ActionRule {
  type: ActionType;
  in: ResourceStatus;
  becomes: ResourceStatus;
}

interface Asked {
  kind: ResourceKind;
  id: string;
  /** As the customer calls it. */
  request: string;
  rule: ActionRule;
  /** What the action is to do, decided while the resource is locked; it throws if that can't be done. */
  decide?: (repositories: Repositories, resource: ResourceState) => Promise<ActionParameters | undefined>;
}

/** Accepts an action on a resource that is there, and starts its workflow. */
export async function actOnResource(
  dependencies: Dependencies,
  asked: Asked,
  context: RequestContext,
): Promise<Effect<Action>> {
  const actionId = newId("action");
  const accepted = await once(dependencies.store, context, {
    resourceId: actionId,
    effect: (repositories) => accept(dependencies, repositories, actionId, asked, context),
    replay: (earlier) => getAction(dependencies, earlier, context.principal),
  });
  if (!accepted.replayed) await startAccepted(dependencies, accepted.value, context);
  return accepted;
}

async function accept(
  { quotas }: Dependencies,
  repositories: Repositories,
  actionId: string,
  { kind, id, request, rule, decide }: Asked,
  { principal, requestId }: RequestContext,
): Promise<Action> {
  const resource = await lockIdle(repositories, kind, id, principal);
  if (resource.status !== rule.in) {
    throw new DomainError("invalid_status", {
      publicText: `The ${kind} is ${resource.status}; ${request} needs one that is ${rule.in}.`,
    });
  }
  const parameters = await decide?.(repositories, resource);
  const { accountId, region } = resource;
  const action = await repositories.actions.insert({
    ...{ id: actionId, accountId, type: rule.type, resourceKind: kind, resourceId: id, region, requestId },
    image: parameters?.rebuild?.to ?? resource.image,
    ...(parameters && { parameters }),
  });
  await repositories.resources[kind].takeOver(id, actionId, rule.becomes);
  // Its failure has given back what it held.
  if (rule.type === "create") await holdQuota(repositories, quotas, kind, { id, ...resource });
  if (parameters?.resize) await growQuota(repositories, quotas, { id, ...resource }, parameters.resize.to.size);
  return action;
}
