import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import { RETRY_ITEMS_MAX, type Retry, type RetryFilter, type RetryItem } from "../domain/retry.ts";
import type { NextItem } from "../store/retries.ts";
import type { Repositories } from "../store/store.ts";
import { auditRequest } from "./audit.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { listStart, toPage } from "./pages.ts";
import type { CreateRetryRequest, Effect, Page, PageRequest, RequestContext } from "./services.ts";

/** Of a retry so many items are shown, and of a preview. */
const ITEMS_SHOWN = 1_000;
const ITEMS_PREVIEWED = 20;

/** What would be tried again, and nothing more. */
export async function previewRetry(
  { store }: Dependencies,
  filter: RetryFilter,
): Promise<{ matched: number; items: Pick<RetryItem, "actionId" | "resourceKind" | "resourceId">[] }> {
  const items = await match(store, filter);
  return { matched: items.length, items: items.slice(0, ITEMS_PREVIEWED) };
}

/** Accepts a retry of what matches now, and starts its workflow; if Temporal is away the sweep does it later. */
export async function createRetry(
  dependencies: Dependencies,
  { filter, perMinute, reason }: CreateRetryRequest,
  context: RequestContext,
): Promise<Effect<Retry>> {
  const { store, workflows, logger } = dependencies;
  const { accountId, apiKeyId } = context.principal;
  const id = newId("retry");
  const accepted = await once(store, context, {
    resourceId: id,
    effect: async (repositories) => {
      const items = await match(repositories, filter);
      const requestedBy = { accountId, apiKeyId, requestId: context.requestId };
      await repositories.retries.insert({ id, requestedBy, reason, filter, perMinute }, items);
      await auditRequest(repositories, context, {
        ...{ event: "retry.create", resourceKind: "retry", resourceId: id, reason },
        after: { ...namedOnly(filter), per_minute: perMinute, matched: items.length },
      });
      return found(await repositories.retries.find(id));
    },
    replay: async (earlier) => (await getRetry(dependencies, earlier)).retry,
  });
  if (!accepted.replayed && accepted.value.status === "running") {
    try {
      await workflows.startRetry({ retryId: id, perMinute });
    } catch (err) {
      logger.warn({ err, retry_id: id }, "a retry was accepted but not started; the sweep will start it");
    }
  }
  return accepted;
}

export async function listRetries({ store }: Dependencies, request: PageRequest): Promise<Page<Retry>> {
  return toPage(await store.retries.list(listStart(request), request.perPage), request);
}

export async function getRetry({ store }: Dependencies, id: string): Promise<{ retry: Retry; items: RetryItem[] }> {
  const retry = found(await store.retries.find(id));
  return { retry, items: await store.retries.items(id, ITEMS_SHOWN) };
}

/** What was not begun is left alone; one that has ended stays as it is. */
export async function stopRetry(
  dependencies: Dependencies,
  id: string,
  reason: string,
  context: RequestContext,
): Promise<Effect<Retry>> {
  return once(dependencies.store, context, {
    resourceId: id,
    effect: async (repositories) => {
      found(await repositories.retries.find(id));
      if (await repositories.retries.end(id, "stopped")) {
        await auditRequest(repositories, context, {
          ...{ event: "retry.stop", resourceKind: "retry", resourceId: id, reason },
          before: { status: "running" },
          after: { status: "stopped" },
        });
      }
      return found(await repositories.retries.find(id));
    },
    replay: async () => (await getRetry(dependencies, id)).retry,
  });
}

async function match({ retries }: Pick<Repositories, "retries">, filter: RetryFilter): Promise<NextItem[]> {
  if (Object.values(filter).every((part) => part === null)) {
    throw new DomainError("validation_failed", { publicText: "At least one part of the filter has to be named." });
  }
  const items = await retries.match(filter);
  if (items.length <= RETRY_ITEMS_MAX) return items;
  throw new DomainError("validation_failed", {
    publicText: `More than ${RETRY_ITEMS_MAX} failed creates match; narrow the filter.`,
  });
}

function found(retry: Retry | null): Retry {
  if (!retry) throw new DomainError("not_found");
  return retry;
}

/** For the audit log: what was asked for, without what was not. */
function namedOnly(filter: RetryFilter): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]: [string, string | Date | null]) => {
      const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return value === null ? [] : [[key, value instanceof Date ? value.toISOString() : value]];
    }),
  );
}
