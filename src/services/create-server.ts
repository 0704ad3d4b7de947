import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { Server } from "../domain/server.ts";
import { isUniqueViolation, type Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { nameTaken } from "./name-taken.ts";
import { holdQuota } from "./quotas.ts";
import { getServer } from "./read-servers.ts";
import type { CreateServerRequest, Effect, RequestContext } from "./services.ts";
import { startAcceptedCreate } from "./start-accepted.ts";
import { validateServerReferences } from "./validate-server-references.ts";

/**
 * Accepts a server: ONE transaction writes idempotency record, server and action; then the workflow is started and asked for the address.
 * The sweep starts what was not started.
 */
export async function createServer(
  dependencies: Dependencies,
  request: CreateServerRequest,
  context: RequestContext,
): Promise<Effect<Server>> {
  const ids = { serverId: newId("server"), actionId: newId("action") };
  const presentState = (id: string) => getServer(dependencies, id, context.principal);
  const accepted = await once(dependencies.store, context, {
    resourceId: ids.serverId,
    async check() {
      const details = await validateServerReferences(dependencies, request, context.principal);
      if (details.length > 0) throw new DomainError("validation_failed", { details });
    },
    effect: (repositories) => accept(dependencies, repositories, ids, request, context),
    replay: presentState,
  });
  return startAcceptedCreate(dependencies, "server", accepted, context, presentState);
}

async function accept(
  { catalog, secretBox, quotas }: Dependencies,
  repositories: Repositories,
  { serverId, actionId }: { serverId: string; actionId: string },
  request: CreateServerRequest,
  { principal, requestId }: RequestContext,
): Promise<Server> {
  const { servers, actions, ipAddresses } = repositories;
  const { accountId } = principal;
  const { name, region, sshKeyIds, labels, userData } = request;
  const plan = catalog.plans[request.plan];
  const image = request.image ?? catalog.regions[region]?.defaultImage;
  if (!plan || !image) throw new Error("BUG: the request was not validated");

  if (!(await ipAddresses.hasFree(region))) throw new DomainError("no_capacity");
  try {
    const server = await servers.insert({
      id: serverId,
      accountId,
      name,
      plan: plan.slug,
      region,
      image,
      size: { vcpus: plan.vcpus, memoryMib: plan.memoryMib, diskGib: plan.diskGib },
      sshKeyIds: [...new Set(sshKeyIds)],
      userDataBox: userData === null ? null : secretBox.seal(userData, serverId),
      labels,
      actionId,
    });
    await actions.insert({
      id: actionId,
      accountId,
      type: "create",
      attempt: 1,
      resourceKind: "server",
      resourceId: serverId,
      region,
      image,
      requestId,
    });
    await holdQuota(repositories, quotas, "server", { id: serverId, accountId, size: plan });
    return server;
  } catch (error) {
    if (isUniqueViolation(error)) throw nameTaken("server", name);
    throw error;
  }
}
