import type { Action } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import { DELETE_SERVER_STEPS } from "../domain/workflow-contracts.ts";
import type { Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import type { Effect, RequestContext } from "./services.ts";

/**
 * Accepts a delete, whatever the server's status: it is never refused, and repeated it answers with the delete that is under way. A running create is cancelled
 * by the workflow.
 */
export async function deleteServer(
  dependencies: Dependencies,
  serverId: string,
  context: RequestContext,
): Promise<Effect<Action>> {
  const { store, workflows, logger } = dependencies;
  const accepted = await once(store, context, {
    resourceId: serverId,
    effect: (repositories) => accept(repositories, serverId, context),
    replay: () => latestDelete(dependencies, serverId, context),
  });
  const running = await store.actions.findRunning(serverId, "delete");
  if (running && !accepted.replayed) {
    const { id: actionId, accountId, region, attempt } = running;
    try {
      await workflows.start({
        type: "delete",
        attempt,
        input: { serverId, actionId, accountId, region, requestId: context.requestId },
      });
    } catch (error) {
      logger.warn({ err: error, actionId }, "the delete was accepted but not started; the sweep will start it");
    }
  }
  return accepted;
}

async function accept(
  { servers, actions }: Repositories,
  serverId: string,
  { principal, requestId }: RequestContext,
): Promise<Action> {
  const { accountId } = principal;
  await servers.lock(serverId);
  const server = await servers.find(serverId, accountId);
  if (!server) throw new DomainError("not_found");
  const running = await actions.findRunning(serverId, "delete");
  if (running) return running;

  const action = await actions.insert({
    id: newId("action"),
    accountId,
    type: "delete",
    resourceId: serverId,
    region: server.region,
    attempt: 1 + (await actions.countOfType(serverId, "delete")),
    requestId,
    stepNames: DELETE_SERVER_STEPS,
  });
  await servers.takeOverForDelete(serverId, action.id);
  return action;
}

async function latestDelete({ store }: Dependencies, serverId: string, { principal }: RequestContext): Promise<Action> {
  const action = await store.actions.findLatest(serverId, "delete", principal.accountId);
  if (!action) throw new DomainError("not_found");
  return action;
}
