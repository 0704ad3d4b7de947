import { setTimeout as delay } from "node:timers/promises";
import type { Catalog } from "../domain/catalog.ts";
import { DomainError } from "../domain/domain-error.ts";
import { type HeldPart, HOLDS_KNOWN_FOR_MS, type Hold, type HoldSeen } from "../domain/hold.ts";
import { newId } from "../domain/ids.ts";
import { auditRequest } from "./audit.ts";
import { regionIssues } from "./catalog-references.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { listStart, toPage } from "./pages.ts";
import type { CreateHoldRequest, Effect, Page, PageRequest, RequestContext } from "./services.ts";

/** Timers may be early by a little. */
const IN_FORCE_AFTER_MS = HOLDS_KNOWN_FOR_MS + 50;

/** Holds what is named, and returns when every worker knows: no step of it begins any more. */
export async function createHold(
  dependencies: Dependencies,
  { reason, ...part }: CreateHoldRequest,
  context: RequestContext,
): Promise<Effect<HoldSeen>> {
  const { store, catalog } = dependencies;
  const { accountId, apiKeyId } = context.principal;
  const id = newId("hold");
  const accepted = await once(store, context, {
    resourceId: id,
    check: () => Promise.resolve().then(() => requireHoldable(catalog, part)),
    effect: async (repositories) => {
      const hold = await repositories.holds.insert({ id, reason, accountId, apiKeyId, ...part });
      await auditRequest(repositories, context, {
        ...{ event: "hold.create", resourceKind: "hold", resourceId: id, reason },
        after: auditedState(hold),
      });
      return { ...hold, waiting: 0 };
    },
    replay: (earlier) => getHold(dependencies, earlier),
  });
  if (!accepted.replayed) await delay(IN_FORCE_AFTER_MS);
  return accepted;
}

/** Holding everything everywhere is asked for region by region, so that it is not asked for by mistake. */
function requireHoldable(catalog: Catalog, { region, step, resourceKind }: HeldPart): void {
  if (region === null && step === null && resourceKind === null) {
    const publicText = "A hold names a region, a step or a kind of resource.";
    throw new DomainError("validation_failed", { publicText });
  }
  const details = region === null ? [] : regionIssues(catalog, region, "region");
  if (details.length > 0) throw new DomainError("validation_failed", { details });
}

export async function listHolds(
  { store }: Dependencies,
  which: { isInForce: boolean },
  request: PageRequest,
): Promise<Page<HoldSeen>> {
  return toPage(await store.holds.list(which, listStart(request), request.perPage), request);
}

export async function getHold({ store }: Dependencies, id: string): Promise<HoldSeen> {
  const hold = await store.holds.find(id);
  if (!hold) throw new DomainError("not_found");
  return hold;
}

/** What waits goes on within seconds, also when Temporal is away now: the sweep tells it then. One that is released already stays so. */
export async function releaseHold(
  dependencies: Dependencies,
  id: string,
  reason: string,
  context: RequestContext,
): Promise<Effect<HoldSeen>> {
  const { store, workflows, logger } = dependencies;
  const released = await once(store, context, {
    resourceId: id,
    effect: async (repositories) => {
      const hold = await repositories.holds.find(id);
      if (!hold) throw new DomainError("not_found");
      if (await repositories.holds.release(id)) {
        await auditRequest(repositories, context, {
          ...{ event: "hold.release", resourceKind: "hold", resourceId: id, reason },
          before: auditedState(hold),
          after: { ...auditedState(hold), in_force: false },
        });
      }
      return (await repositories.holds.find(id)) ?? hold;
    },
    replay: () => getHold(dependencies, id),
  });
  try {
    await workflows.startOpeningGates(id);
  } catch (err) {
    logger.warn({ err, hold_id: id }, "a hold was released, and what waits was not told; the sweep will tell it");
  }
  return released;
}

function auditedState({ region, step, resourceKind, reason }: Hold): Record<string, string | boolean | null> {
  return { region, step, resource_type: resourceKind, reason, in_force: true };
}
