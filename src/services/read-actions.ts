import { setTimeout as delay } from "node:timers/promises";
import type { Action } from "../domain/action.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { ResourceKind } from "../domain/resource.ts";
import { isActionEnded } from "../domain/statuses.ts";
import type { Dependencies } from "./dependencies.ts";
import { listStart, toPage } from "./pages.ts";
import type { ActionFilter, Page, PageRequest } from "./services.ts";

const POLL_INTERVAL_MS = 250;

export async function getAction({ store }: Dependencies, id: string, principal: Principal): Promise<Action> {
  const action = await store.actions.find(id, principal.accountId);
  if (!action) throw new DomainError("not_found");
  return action;
}

export async function listActions(
  { store }: Dependencies,
  filter: ActionFilter,
  request: PageRequest,
  principal: Principal,
): Promise<Page<Action>> {
  const { accountId } = principal;
  return toPage(await store.actions.list(accountId, filter, listStart(request), request.perPage), request);
}

/** What was done to a resource that is there; of one that is gone it is found by `listActions`. */
export async function listActionsOf(
  dependencies: Dependencies,
  kind: ResourceKind,
  resourceId: string,
  request: PageRequest,
  principal: Principal,
): Promise<Page<Action>> {
  const resource = await dependencies.store.resources[kind].state(resourceId);
  if (resource?.accountId !== principal.accountId) throw new DomainError("not_found");
  return listActions(dependencies, { status: null, type: null, resourceKind: kind, resourceId }, request, principal);
}

/** Returns the action once it has ended, or as it stands after `waitMs` or when the client has gone. */
export async function waitForAction(
  dependencies: Dependencies,
  id: string,
  principal: Principal,
  waitMs: number,
  signal: AbortSignal,
): Promise<Action> {
  const deadline = Date.now() + waitMs;
  let action = await getAction(dependencies, id, principal);
  while (!isActionEnded(action.status) && Date.now() < deadline && !signal.aborted) {
    await delay(Math.min(POLL_INTERVAL_MS, Math.max(0, deadline - Date.now())), undefined, { signal }).catch(
      () => undefined,
    );
    action = await getAction(dependencies, id, principal);
  }
  return action;
}
