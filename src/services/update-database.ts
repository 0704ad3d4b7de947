import type { Action } from "../domain/action.ts";
import type { Database } from "../domain/database.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { describeResource } from "./describe-resource.ts";
import { once } from "./idempotency.ts";
import { lockIdle } from "./idle-resource.ts";
import { getDatabase } from "./read-databases.ts";
import type { Effect, RequestContext, UpdateDatabaseRequest } from "./services.ts";
import { startAccepted } from "./start-accepted.ts";

/** Name and labels change at once, whatever runs; new trusted sources are shown at once and put in force by an action. */
export async function updateDatabase(
  dependencies: Dependencies,
  id: string,
  request: UpdateDatabaseRequest,
  context: RequestContext,
): Promise<Effect<Database>> {
  const presentState = () => getDatabase(dependencies, id, context.principal);
  const { value: action, replayed } = await once(dependencies.store, context, {
    resourceId: id,
    effect: (repositories) => apply(repositories, id, request, context),
    replay: () => Promise.resolve(null),
  });
  if (action) await startAccepted(dependencies, action, context);
  return { value: await presentState(), replayed };
}

/** The action that was accepted, if it takes one. */
async function apply(
  repositories: Repositories,
  id: string,
  { trustedSources, ...description }: UpdateDatabaseRequest,
  context: RequestContext,
): Promise<Action | null> {
  await describeResource(repositories, "database", id, description, context);
  return trustedSources === undefined ? null : changeSources(repositories, id, trustedSources, context);
}

async function changeSources(
  repositories: Repositories,
  id: string,
  to: string[],
  { principal, requestId }: RequestContext,
): Promise<Action | null> {
  const { databases, actions } = repositories;
  const database = await lockIdle(repositories, "database", id, principal);
  const from = (await databases.build(id))?.trustedSources ?? [];
  if (JSON.stringify(from) === JSON.stringify(to)) return null;
  if (database.status === "suspended") {
    throw new DomainError("invalid_status", {
      publicText: "The database is suspended; its trusted sources can be changed once it is active.",
    });
  }
  await databases.setTrustedSources(id, to);
  // Nothing is there to be changed; a retry takes the new ones.
  if (database.status === "failed") return null;

  const action = await actions.insert({
    id: newId("action"),
    accountId: database.accountId,
    type: "update_trusted_sources",
    resourceKind: "database",
    resourceId: id,
    region: database.region,
    image: database.image,
    requestId,
    parameters: { trusted_sources: { from, to } },
  });
  await databases.takeOver(id, action.id, "active");
  return action;
}
