import type { Plan } from "../domain/catalog.ts";
import { DomainError, type ErrorDetail } from "../domain/domain-error.ts";
import { newestOffer } from "../domain/engine-versions.ts";
import type { Principal } from "../domain/principal.ts";
import { quotaShare } from "../domain/quotas.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Dependencies } from "./dependencies.ts";
import { nameTaken } from "./name-taken.ts";
import { requireQuota } from "./quotas.ts";
import { roomIn } from "./room.ts";
import type { CreateDatabaseRequest, CreateServerRequest, DatabasePreview, ServerPreview } from "./services.ts";
import { validateDatabaseReferences } from "./validate-database-references.ts";
import { validateServerReferences } from "./validate-server-references.ts";

export async function previewServer(
  dependencies: Dependencies,
  request: CreateServerRequest,
  principal: Principal,
): Promise<ServerPreview> {
  refuse(await validateServerReferences(dependencies, request, principal));
  const { name, region, sshKeyIds, labels } = request;
  const image = request.image ?? dependencies.catalog.regions[region]?.defaultImage;
  if (image === undefined) throw new Error("BUG: the request was not validated");
  const plan = await planWithRoom(dependencies, "server", request, principal);
  return { name, plan, region, image, sshKeyIds, labels };
}

export async function previewDatabase(
  dependencies: Dependencies,
  request: CreateDatabaseRequest,
  principal: Principal,
): Promise<DatabasePreview> {
  refuse(await validateDatabaseReferences(dependencies, request));
  const { name, region, engine, trustedSources, labels } = request;
  const offer = newestOffer(await dependencies.store.engineOffers.list(region), engine, request.version);
  // The region lost the image since it was checked.
  if (!offer) throw new DomainError("image_unavailable");
  const plan = await planWithRoom(dependencies, "database", request, principal);
  const { version, implementation } = offer;
  return { name, plan, region, engine, version, implementation, trustedSources, labels };
}

function refuse(details: ErrorDetail[]): void {
  if (details.length > 0) throw new DomainError("validation_failed", { details });
}

/** What else a create would be refused for: a name that is taken, a region that is full, a quota that is used up. */
async function planWithRoom(
  { store, catalog, quotas }: Dependencies,
  kind: ResourceKind,
  request: { name: string; plan: string; region: string },
  { accountId }: Principal,
): Promise<Plan> {
  const plan = catalog.plans[request.plan];
  const region = catalog.regions[request.region];
  if (!plan || !region) throw new Error("BUG: the request was not validated");
  if (await store.resources[kind].isNameTaken(accountId, request.name)) throw nameTaken(kind, request.name);
  const room = (await roomIn(store, [region])).get(region.slug);
  if (!room?.fits(kind, plan)) throw new DomainError("no_capacity");
  await requireQuota(store, quotas, accountId, quotaShare(kind, plan));
  return plan;
}
