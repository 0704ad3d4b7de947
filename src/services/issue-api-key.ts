import type { ApiKey } from "../domain/api-key.ts";
import { apiTokenHint, newApiToken } from "../domain/api-token.ts";
import type { ApiTokenHasher } from "../domain/api-token-hasher.ts";
import { newId } from "../domain/ids.ts";
import { FULL_ACCESS } from "../domain/principal.ts";
import type { NewApiKey, NewApiToken } from "../store/api-keys.ts";

/** Of the key that an account has from the beginning. */
export const FIRST_KEY_NAME = "owner";

/** A token as it is stored. */
export function tokenRow(hasher: ApiTokenHasher, token: string): NewApiToken {
  return { id: newId("apiKeyToken"), hint: apiTokenHint(token), ...hasher.hash(token) };
}

/** For the audit log: what was given, without its token. */
export function issuedKey({ id, name, scopes, expiresAt }: Pick<ApiKey, "id" | "name" | "scopes" | "expiresAt">) {
  const after = { name, scopes, expires_at: expiresAt?.toISOString() ?? null };
  return { event: "api_key.create", resourceKind: "api_key", resourceId: id, after } as const;
}

/** A key that does not expire, as it is stored: with full access, unless it is given other scopes. */
export function ownerKeyRow(
  hasher: ApiTokenHasher,
  { scopes = [FULL_ACCESS], ...of }: { accountId: string; name: string; scopes?: string[] },
  token: string = newApiToken(),
): { row: NewApiKey; token: string } {
  const row = { id: newId("apiKey"), ...of, scopes, expiresAt: null, token: tokenRow(hasher, token) };
  return { row, token };
}
