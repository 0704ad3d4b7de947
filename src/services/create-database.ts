import type { Database } from "../domain/database.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newestOffer } from "../domain/engine-versions.ts";
import { newId } from "../domain/ids.ts";
import { isUniqueViolation, type Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { nameTaken } from "./name-taken.ts";
import { holdQuota } from "./quotas.ts";
import { getDatabase } from "./read-databases.ts";
import type { CreateDatabaseRequest, Effect, RequestContext } from "./services.ts";
import { startAcceptedCreate } from "./start-accepted.ts";
import { validateDatabaseReferences } from "./validate-database-references.ts";

/** Accepts a database as create-server.ts accepts a server: one transaction, then the workflow, which is asked for the address. */
export async function createDatabase(
  dependencies: Dependencies,
  request: CreateDatabaseRequest,
  context: RequestContext,
): Promise<Effect<Database>> {
  const ids = { databaseId: newId("database"), actionId: newId("action") };
  const presentState = (id: string) => getDatabase(dependencies, id, context.principal);
  const accepted = await once(dependencies.store, context, {
    resourceId: ids.databaseId,
    async check() {
      const details = await validateDatabaseReferences(dependencies, request);
      if (details.length > 0) throw new DomainError("validation_failed", { details });
    },
    effect: (repositories) => accept(dependencies, repositories, ids, request, context),
    replay: presentState,
  });
  return startAcceptedCreate(dependencies, "database", accepted, context, presentState);
}

async function accept(
  { catalog, quotas }: Dependencies,
  repositories: Repositories,
  { databaseId, actionId }: { databaseId: string; actionId: string },
  request: CreateDatabaseRequest,
  { principal, requestId }: RequestContext,
): Promise<Database> {
  const { databases, actions, ipAddresses, engineOffers } = repositories;
  const { accountId } = principal;
  const { name, region, engine, trustedSources, labels } = request;
  const plan = catalog.plans[request.plan];
  if (!plan) throw new Error("BUG: the request was not validated");
  const offer = newestOffer(await engineOffers.list(region), engine, request.version);
  // The region lost the image since it was checked.
  if (!offer) throw new DomainError("image_unavailable");

  if (!(await ipAddresses.hasFree(region))) throw new DomainError("no_capacity");
  try {
    const database = await databases.insert({
      id: databaseId,
      accountId,
      name,
      plan: plan.slug,
      region,
      engine,
      major: offer.major,
      minVersion: request.version,
      version: offer.version,
      implementation: offer.implementation,
      size: { vcpus: plan.vcpus, memoryMib: plan.memoryMib, diskGib: plan.diskGib },
      trustedSources,
      labels,
      actionId,
    });
    await actions.insert({
      id: actionId,
      accountId,
      type: "create",
      attempt: 1,
      resourceKind: "database",
      resourceId: databaseId,
      region,
      image: database.image,
      requestId,
    });
    await holdQuota(repositories, quotas, "database", { id: databaseId, accountId, size: plan });
    return database;
  } catch (error) {
    if (isUniqueViolation(error)) throw nameTaken("database", name);
    throw error;
  }
}
