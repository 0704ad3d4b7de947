import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { Server } from "../domain/server.ts";
import { CREATE_SERVER_STEPS } from "../domain/workflow-contracts.ts";
import type { ActionToStart } from "../domain/workflow-control.ts";
import { isUniqueViolation, type Repositories } from "../store/store.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import type { CreateServerRequest, Effect, RequestContext } from "./services.ts";
import { validateServerReferences } from "./validate-server-references.ts";

/**
 * Accepts a server: ONE transaction writes idempotency record, server and action; then the workflow is started and asked for the address. If Temporal is slow
 * or away the answer has no address yet, and the sweep starts what was not started.
 */
export async function createServer(
  dependencies: Dependencies,
  request: CreateServerRequest,
  context: RequestContext,
): Promise<Effect<Server>> {
  const ids = { serverId: newId("server"), actionId: newId("action") };
  const accepted = await once(dependencies.store, context, {
    resourceId: ids.serverId,
    async check() {
      const details = await validateServerReferences(dependencies, request, context.principal);
      if (details.length > 0) throw new DomainError("validation_failed", { details });
    },
    effect: (repositories) => accept(dependencies, repositories, ids, request, context),
    replay: (serverId) => presentState(dependencies, serverId, context),
  });
  const { value: server, replayed } = accepted;
  if (server.status !== "provisioning" || server.ipv4 !== null) return accepted;

  const action = await createOf(dependencies, server, context);
  return { value: action ? await withAddress(dependencies, server, action, context) : server, replayed };
}

async function accept(
  { catalog, userDataBox }: Dependencies,
  { servers, actions, ipAddresses }: Repositories,
  { serverId, actionId }: { serverId: string; actionId: string },
  request: CreateServerRequest,
  { principal, requestId }: RequestContext,
): Promise<Server> {
  const { accountId } = principal;
  const { name, region, sshKeyIds, labels, userData } = request;
  const plan = catalog.plans[request.plan];
  const image = request.image ?? catalog.regions[region]?.defaultImage;
  if (!plan || !image) throw new Error("BUG: the request was not validated");

  if (await servers.isNameTaken(accountId, name)) throw nameTaken(name);
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
      userDataBox: userData === null ? null : userDataBox.seal(userData, serverId),
      labels,
      actionId,
    });
    await actions.insert({
      id: actionId,
      accountId,
      type: "create",
      resourceId: serverId,
      region,
      attempt: 1,
      requestId,
      stepNames: CREATE_SERVER_STEPS,
    });
    return server;
  } catch (error) {
    // Another request took the name since the look-up.
    if (isUniqueViolation(error)) throw nameTaken(name);
    throw error;
  }
}

async function presentState({ store }: Dependencies, serverId: string, { principal }: RequestContext): Promise<Server> {
  const server = await store.serverReads.find(serverId, principal.accountId);
  if (!server) throw new DomainError("not_found", { internal: "the server of this Idempotency-Key was deleted since" });
  return server;
}

/** The create under way on a server; null if it ended meanwhile. */
async function createOf(
  { store }: Dependencies,
  server: Server,
  context: RequestContext,
): Promise<ActionToStart | null> {
  const action = await store.actions.findRunning(server.id, "create");
  if (!action) return null;
  return {
    type: "create",
    attempt: action.attempt,
    input: {
      serverId: server.id,
      actionId: action.id,
      accountId: server.accountId,
      region: server.region,
      requestId: context.requestId,
      image: server.image,
    },
  };
}

async function withAddress(
  dependencies: Dependencies,
  server: Server,
  action: ActionToStart,
  context: RequestContext,
): Promise<Server> {
  try {
    const address = await dependencies.workflows.startCreate(action);
    if (address) return { ...server, ipv4: address.ipv4 };
    return (await dependencies.store.serverReads.find(server.id, server.accountId)) ?? server;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code !== "no_capacity") return presentState(dependencies, server.id, context);
    await withdraw(dependencies, server, context);
    throw error;
  }
}

/** The last address went to another request after ours was checked: the refusal leaves nothing of it, and its Idempotency-Key can be used again. */
async function withdraw({ store }: Dependencies, server: Server, { principal }: RequestContext): Promise<void> {
  await store.transaction(async ({ servers, actions, idempotencyKeys }) => {
    await actions.end(server.actionId, "failed", {
      code: "no_capacity",
      message: new DomainError("no_capacity").publicText,
      step: "allocate_ip_address",
      retryable: true,
      leftovers: [],
    });
    await servers.markDeleted(server.id);
    await idempotencyKeys.forget(server.id, principal.accountId);
  });
}

function nameTaken(name: string): DomainError {
  return new DomainError("name_taken", {
    details: [{ field: "name", issue: `another server of this account is named ${name}` }],
  });
}
