import type { Action } from "../domain/action.ts";
import type { DatabaseRequest } from "../domain/database.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { ResourceStatus } from "../domain/statuses.ts";
import type { ActionType } from "../domain/workflow-contracts.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { lockIdle } from "./idle-resource.ts";
import { holdQuota } from "./quotas.ts";
import { getAction } from "./read-actions.ts";
import type { Effect, RequestContext } from "./services.ts";
import { startAccepted } from "./start-accepted.ts";

/** Which action a request starts, and the only status in which it makes sense. */
const ACTIONS: Record<DatabaseRequest, { type: ActionType; in: ResourceStatus; becomes: ResourceStatus }> = {
  restart: { type: "restart", in: "active", becomes: "active" },
  suspend: { type: "suspend", in: "active", becomes: "active" },
  resume: { type: "resume", in: "suspended", becomes: "suspended" },
  retry: { type: "create", in: "failed", becomes: "provisioning" },
  rotate_credentials: { type: "rotate_credentials", in: "active", becomes: "active" },
};

/** Accepts an action on a database, and starts its workflow. */
export async function actOnDatabase(
  dependencies: Dependencies,
  id: string,
  request: DatabaseRequest,
  context: RequestContext,
): Promise<Effect<Action>> {
  const actionId = newId("action");
  const accepted = await once(dependencies.store, context, {
    resourceId: actionId,
    effect: async (repositories) => {
      const { type, in: status, becomes } = ACTIONS[request];
      const database = await lockIdle(repositories, "database", id, context.principal);
      if (database.status !== status) {
        throw new DomainError("invalid_status", {
          publicText: `The database is ${database.status}; ${request} needs one that is ${status}.`,
        });
      }
      const action = await repositories.actions.insert({
        id: actionId,
        accountId: database.accountId,
        type,
        resourceKind: "database",
        resourceId: id,
        region: database.region,
        requestId: context.requestId,
      });
      await repositories.databases.takeOver(id, actionId, becomes);
      // Its failure has given back what it held.
      if (type === "create") await holdQuota(repositories, dependencies.quotas, "database", { id, ...database });
      return action;
    },
    replay: (earlier) => getAction(dependencies, earlier, context.principal),
  });
  if (!accepted.replayed) await startAccepted(dependencies, accepted.value, context);
  return accepted;
}
