import { timingSafeEqual } from "node:crypto";
import { isApiToken, isChecksumRight } from "../domain/api-token.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { StoredToken } from "../store/api-key-tokens.ts";
import type { Dependencies } from "./dependencies.ts";

/** A revoked key is refused everywhere within this time. */
const CACHE_TTL_MS = 1_000;
const CACHE_MAX_KEYS = 10_000;
const MINUTE_MS = 60_000;

interface VerifiedKey {
  principal: Principal;
  /** On the clock of `performance.now()`, which nobody sets. */
  until: number;
}

/** Checks API keys. One that was checked within the last second costs no query, a mistyped one never does. */
export function createAuthenticator({
  store,
  apiTokenHasher,
  bootstrapApiKey,
  logger,
}: Pick<Dependencies, "store" | "apiTokenHasher" | "bootstrapApiKey" | "logger">) {
  const verified = new Map<string, VerifiedKey>();
  const underWay = new Map<string, Promise<VerifiedKey>>();
  const bootstrapHash = bootstrapApiKey === null ? null : apiTokenHasher.hash(bootstrapApiKey).tokenHash;

  async function verify(token: string): Promise<VerifiedKey> {
    // The second begins before the look: a key revoked after it was read is refused a second after that.
    const startedAt = performance.now();
    const hashes = apiTokenHasher.everyHash(token);
    const found = await store.apiKeyTokens.findByHash(hashes);
    const livesMs = found && hashes.some((hash) => isSame(hash, found.tokenHash)) ? remainingMs(found) : 0;
    if (!found || livesMs <= 0) throw new DomainError("unauthorized");
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

  /** Requests with the same key share a look, and what refuses it. */
  async function lookUp(token: string, beforeLookUp: (() => Promise<void>) | null): Promise<VerifiedKey> {
    await beforeLookUp?.();
    return verify(token);
  }

  return async function authenticate(token: string, beforeLookUp?: () => Promise<void>): Promise<Principal> {
    if (!isApiToken(token)) throw new DomainError("unauthorized");
    const { tokenHash } = apiTokenHasher.hash(token);
    const known = verified.get(tokenHash);
    if (known && known.until > performance.now()) return known.principal;

    // Compared as hashes, so that the time it takes tells nothing of the token.
    const isByHand = bootstrapHash !== null && isSame(tokenHash, bootstrapHash);
    if (!isByHand && !isChecksumRight(token)) throw new DomainError("unauthorized");
    const guard = known ? null : (beforeLookUp ?? null);
    const verification = underWay.get(tokenHash) ?? lookUp(token, guard).finally(() => underWay.delete(tokenHash));
    underWay.set(tokenHash, verification);
    try {
      const key = await verification;
      if (verified.size >= CACHE_MAX_KEYS) verified.clear();
      verified.set(tokenHash, key);
      return key.principal;
    } catch (error) {
      verified.delete(tokenHash);
      throw error;
    }
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
