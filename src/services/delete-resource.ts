import type { Action } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import type { Effect, RequestContext } from "./services.ts";
import { startAccepted } from "./start-accepted.ts";

/**
 * Accepts a delete, whatever the resource's status: it is never refused, and repeated it answers with the delete that is under way. What else runs on the
 * resource is cancelled by the workflow.
 */
export async function deleteResource(
  dependencies: Dependencies,
  kind: ResourceKind,
  id: string,
  context: RequestContext,
): Promise<Effect<Action>> {
  const accepted = await once(dependencies.store, context, {
    resourceId: id,
    effect: (repositories) => accept(repositories, kind, id, context),
    replay: () => latestDelete(dependencies, id, context),
  });
  if (!accepted.replayed) await startAccepted(dependencies, accepted.value, context);
  return accepted;
}

async function accept(
  { resources, actions }: Repositories,
  kind: ResourceKind,
  id: string,
  { principal, requestId }: RequestContext,
): Promise<Action> {
  const { accountId } = principal;
  const resource = await resources[kind].lock(id);
  if (resource?.accountId !== accountId) throw new DomainError("not_found");
  const running = await actions.findRunning(id, "delete");
  if (running) return running;

  const action = await actions.insert({
    id: newId("action"),
    accountId,
    type: "delete",
    resourceKind: kind,
    resourceId: id,
    region: resource.region,
    image: resource.image,
    requestId,
  });
  await resources[kind].takeOver(id, action.id, "deleting");
  return action;
}

async function latestDelete({ store }: Dependencies, id: string, { principal }: RequestContext): Promise<Action> {
  const action = await store.actions.findLatest(id, "delete", principal.accountId);
  if (!action) throw new DomainError("not_found");
  return action;
}
