import { DomainError } from "../domain/domain-error.ts";
import { LIMITS } from "../domain/limits.ts";
import { isLockTimeout, type Repositories, type Store } from "../store/store.ts";
import type { Effect, IdempotencyRequest, RequestContext } from "./services.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a request waits for a twin that has not committed yet. */
const TWIN_WAIT_MS = 3_000;

interface Once<T> {
  /** The resource that the effect makes or changes: what a repetition is answered from. */
  resourceId: string;
  /** Throws if the request cannot be had; not asked of a repetition, which was fine when it first came. */
  check?: () => Promise<void>;
  /** Runs in one transaction with the record of the key. */
  effect: (repositories: Repositories) => Promise<T>;
  /** The present state of what an earlier request with this key made. */
  replay: (resourceId: string) => Promise<T>;
}

/** Has the effect once per Idempotency-Key; without a key, every time. */
export async function once<T>(store: Store, context: RequestContext, work: Once<T>): Promise<Effect<T>> {
  const { idempotency, principal } = context;
  const earlier = idempotency && (await findEarlier(store, principal.accountId, idempotency));
  if (earlier) return { value: await work.replay(earlier), replayed: true };
  await work.check?.();
  if (!idempotency) return { value: await store.transaction(work.effect), replayed: false };
  try {
    const value = await store.transaction(async (repositories) => {
      await claim(repositories, principal.accountId, idempotency, work.resourceId);
      return work.effect(repositories);
    });
    return { value, replayed: false };
  } catch (error) {
    if (isLockTimeout(error)) throw new DomainError("request_in_progress");
    if (!(error instanceof KeyTakenError)) throw error;
  }
  // A twin committed between the look-up and the claim.
  const twin = await findEarlier(store, principal.accountId, idempotency);
  if (!twin) throw new DomainError("request_in_progress");
  return { value: await work.replay(twin), replayed: true };
}

class KeyTakenError extends Error {}

async function claim(
  { idempotencyKeys }: Repositories,
  accountId: string,
  request: IdempotencyRequest,
  resourceId: string,
): Promise<void> {
  const record = { route: request.route, bodyHash: request.bodyHash, resourceId };
  const claimed = await idempotencyKeys.claim(accountId, request.key, record, expiredBefore(), TWIN_WAIT_MS);
  if (!claimed) throw new KeyTakenError();
}

async function findEarlier(store: Store, accountId: string, request: IdempotencyRequest): Promise<string | null> {
  const record = await store.idempotencyKeys.find(accountId, request.key, expiredBefore());
  if (!record) return null;
  if (record.route !== request.route || record.bodyHash !== request.bodyHash) {
    throw new DomainError("idempotency_key_reused");
  }
  return record.resourceId;
}

function expiredBefore(): Date {
  return new Date(Date.now() - LIMITS.idempotencyKeyTtlDays * DAY_MS);
}
