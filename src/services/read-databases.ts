import type { Database } from "../domain/database.ts";
import { DomainError } from "../domain/domain-error.ts";
import { compareVersions } from "../domain/engine-versions.ts";
import type { Principal } from "../domain/principal.ts";
import type { Dependencies } from "./dependencies.ts";
import { listStart, toPage } from "./pages.ts";
import type { DatabaseEngineView, DatabaseFilter, Page, PageRequest } from "./services.ts";

export async function getDatabase({ store }: Dependencies, id: string, principal: Principal): Promise<Database> {
  const database = await store.databaseReads.find(id, principal.accountId);
  if (!database) throw new DomainError("not_found");
  return database;
}

export async function listDatabases(
  { store }: Dependencies,
  filter: DatabaseFilter,
  request: PageRequest,
  principal: Principal,
): Promise<Page<Database>> {
  const { accountId } = principal;
  return toPage(await store.databaseReads.list(accountId, filter, listStart(request), request.perPage), request);
}

/** What the regions have, by engine and then the newest first. */
export async function listDatabaseEngines({ store }: Dependencies): Promise<DatabaseEngineView[]> {
  const views = new Map<string, DatabaseEngineView>();
  for (const { engine, version, implementation, region } of await store.engineOffers.list()) {
    const key = JSON.stringify([engine, version, implementation]);
    const view = views.get(key) ?? { engine, version, implementation, regions: [] };
    if (!view.regions.includes(region)) view.regions.push(region);
    views.set(key, view);
  }
  for (const view of views.values()) view.regions.sort();
  return [...views.values()].sort((a, b) => a.engine.localeCompare(b.engine) || compareVersions(b.version, a.version));
}
