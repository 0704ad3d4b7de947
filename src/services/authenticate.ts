import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { isApiToken, isChecksumRight } from "../domain/api-token.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { StoredToken } from "../store/api-key-tokens.ts";
import type { Dependencies } from "./dependencies.ts";

/** What a look at a key ends with that says that it is no good. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthorized", "account_suspended"]);

/** A revoked key, or one of a suspended account, is refused everywhere within this time. */
const CACHE_TTL_MS = 1_000;
/** With less than this left it is looked at anew, before anybody has to wait for that: under load the database takes a while. */
const REFRESH_MS = 600;
const CACHE_MAX_KEYS = 10_000;
const MINUTE_MS = 60_000;

interface VerifiedKey {
  principal: Principal;
  /** On the clock of `performance.now()`, which nobody sets. */
  until: number;
}

/** Checks API keys. Nobody waits for a query with one that was checked within the last second; a mistyped one never costs any. */
export function createAuthenticator({
  store,
  apiTokenHasher,
  bootstrapApiKey,
  logger,
}: Pick<Dependencies, "store" | "apiTokenHasher" | "bootstrapApiKey" | "logger">) {
  // By the token's hash under a salt of this process: a fifth of the work of the HMAC that is stored.
  const verified = new Map<string, VerifiedKey>();
  const salt = randomBytes(32).toString("base64");
  const underWay = new Map<string, Promise<Principal>>();
  const bootstrapHash = bootstrapApiKey === null ? null : apiTokenHasher.hash(bootstrapApiKey).tokenHash;

  async function verify(token: string): Promise<VerifiedKey> {
    // The second begins before the look: a key revoked after it was read is refused a second after that.
    const startedAt = performance.now();
    const hashes = apiTokenHasher.everyHash(token);
    const found = await store.apiKeyTokens.findByHash(hashes);
    const livesMs = found && hashes.some((hash) => isSame(hash, found.tokenHash)) ? remainingMs(found) : 0;
    if (!found || livesMs <= 0) throw new DomainError("unauthorized");
    if (found.suspendedAt !== null) throw new DomainError("account_suspended");
    void noteUse(token, found);
    const { accountId, apiKeyId, scopes, id: tokenId } = found;
    const principal = { accountId, apiKeyId, tokenId, scopes };
    return { principal, until: startedAt + Math.min(CACHE_TTL_MS, livesMs) };
  }

  /** What is written about a use. No request waits for it or fails with it. */
  async function noteUse(token: string, { id, pepperId, apiKeyId, lastUsedAt }: StoredToken): Promise<void> {
    const isNoted = lastUsedAt !== null && minuteOf(lastUsedAt.getTime()) >= minuteOf(Date.now());
    try {
      if (!isNoted) await store.apiKeys.noteUse(apiKeyId);
      if (pepperId !== apiTokenHasher.newestPepperId) await store.apiKeyTokens.rehash(id, apiTokenHasher.hash(token));
    } catch (err) {
      logger.warn({ err, api_key_id: apiKeyId }, "the use of an api key was not noted");
    }
  }

  async function lookUp(name: string, token: string, beforeLookUp: (() => Promise<void>) | null): Promise<Principal> {
    await beforeLookUp?.();
    try {
      const key = await verify(token);
      if (verified.size >= CACHE_MAX_KEYS) verified.clear();
      verified.set(name, key);
      return key.principal;
    } catch (error) {
      // In an outage the last look is good until its second is over.
      if (error instanceof DomainError && REFUSALS.has(error.code)) verified.delete(name);
      throw error;
    }
  }

  /** Requests with the same key share a look, and what refuses it. */
  function look(name: string, token: string, beforeLookUp: (() => Promise<void>) | null): Promise<Principal> {
    const present = underWay.get(name) ?? lookUp(name, token, beforeLookUp).finally(() => underWay.delete(name));
    underWay.set(name, present);
    return present;
  }

  return async function authenticate(token: string, beforeLookUp?: () => Promise<void>): Promise<Principal> {
    if (!isApiToken(token)) throw new DomainError("unauthorized");
    const name = hash("sha256", salt + token, "base64");
    const known = verified.get(name);
    const leftMs = known ? known.until - performance.now() : 0;
    if (known && leftMs > 0) {
      // What refuses it meets the requests that come after.
      if (leftMs < REFRESH_MS && !underWay.has(name)) look(name, token, null).catch(() => undefined);
      return known.principal;
    }
    // Compared as hashes, so that the time it takes tells nothing of the token.
    const isByHand = bootstrapHash !== null && isSame(apiTokenHasher.hash(token).tokenHash, bootstrapHash);
    if (!isByHand && !isChecksumRight(token)) throw new DomainError("unauthorized");
    return look(name, token, known ? null : (beforeLookUp ?? null));
  };
}

/** How long the token is good for; 0 or less: no more. */
function remainingMs({ revokedAt, expiresAt, validUntil }: StoredToken): number {
  if (revokedAt !== null) return 0;
  const end = Math.min(
    expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    validUntil?.getTime() ?? Number.POSITIVE_INFINITY,
  );
  return end - Date.now();
}

function isSame(hash: string, other: string): boolean {
  return hash.length === other.length && timingSafeEqual(Buffer.from(hash), Buffer.from(other));
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS);
}
