import { hashApiToken, isApiToken } from "../domain/api-token.ts";
import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { Dependencies } from "./dependencies.ts";

/** A revoked key is refused everywhere within this time. */
const CACHE_TTL_MS = 1_000;
const CACHE_MAX_KEYS = 10_000;

/** Checks API keys; a key that was checked within the last second costs no query. */
export function createAuthenticator({ store, apiKeyPepper }: Pick<Dependencies, "store" | "apiKeyPepper">) {
  const verified = new Map<string, { principal: Principal; until: number }>();

  return async function authenticate(token: string): Promise<Principal> {
    if (!isApiToken(token)) throw new DomainError("unauthorized");
    const hash = hashApiToken(token, apiKeyPepper);
    const known = verified.get(hash);
    if (known && known.until > Date.now()) return known.principal;

    const found = await store.apiKeys.findByHash(hash);
    if (!found || (found.expiresAt && found.expiresAt.getTime() <= Date.now())) {
      verified.delete(hash);
      throw new DomainError("unauthorized");
    }
    const { expiresAt: _, ...principal } = found;
    if (verified.size >= CACHE_MAX_KEYS) verified.clear();
    verified.set(hash, { principal, until: Date.now() + CACHE_TTL_MS });
    return principal;
  };
}
