import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { Server } from "../domain/server.ts";
import type { Dependencies } from "./dependencies.ts";
import { listStart, toPage } from "./pages.ts";
import type { Page, PageRequest, ServerFilter } from "./services.ts";

export async function getServer({ store }: Dependencies, id: string, principal: Principal): Promise<Server> {
  const server = await store.serverReads.find(id, principal.accountId);
  if (!server) throw new DomainError("not_found");
  return server;
}

export async function listServers(
  { store }: Dependencies,
  filter: ServerFilter,
  request: PageRequest,
  principal: Principal,
): Promise<Page<Server>> {
  const { accountId } = principal;
  return toPage(await store.serverReads.list(accountId, filter, listStart(request), request.perPage), request);
}
