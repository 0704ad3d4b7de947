import type { ApiKey, IssuedApiKey } from "../domain/api-key.ts";
import { expiryIssue } from "../domain/api-key.ts";
import { newApiToken } from "../domain/api-token.ts";
import { DomainError, type ErrorDetail } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import { FULL_ACCESS, lackingScopes, type Principal } from "../domain/principal.ts";
import type { Repositories } from "../store/store.ts";
import { auditRequest } from "./audit.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { tokenRow } from "./issue-api-key.ts";
import { listStart, toPage } from "./pages.ts";
import { requireQuota } from "./quotas.ts";
import type { CreateApiKeyRequest, Effect, Page, PageRequest, RequestContext } from "./services.ts";

export async function createApiKey(
  dependencies: Dependencies,
  request: CreateApiKeyRequest,
  context: RequestContext,
): Promise<Effect<IssuedApiKey>> {
  const { principal } = context;
  const id = newId("apiKey");
  return once(dependencies.store, context, {
    resourceId: id,
    check: () => checkExpiry(request.expiresAt),
    effect: async (repositories) => {
      const asker = await lockAsLivingKey(repositories, principal);
      refuseMoreThanHeld(request.scopes, principal);
      refuseLongerLife(request.expiresAt, asker.end);
      if (await repositories.apiKeys.isNameTaken(principal.accountId, request.name)) {
        const issue = `another API key of this account is named ${request.name}`;
        throw new DomainError("name_taken", { details: [{ field: "name", issue }] });
      }
      await requireQuota(repositories, dependencies.quotas, principal.accountId, { api_keys: 1 });
      const token = newApiToken();
      const row = {
        id,
        accountId: principal.accountId,
        ...request,
        token: tokenRow(dependencies.apiTokenHasher, token),
      };
      const key = await repositories.apiKeys.insert(row);
      await auditRequest(repositories, context, { event: "api_key.create", resourceKind: "api_key", resourceId: id });
      return { key, token };
    },
    replay: (keyId) => withoutToken(dependencies, keyId, principal),
  });
}

export async function listApiKeys(
  { store }: Pick<Dependencies, "store">,
  request: PageRequest,
  principal: Principal,
): Promise<Page<ApiKey>> {
  return toPage(await store.apiKeys.list(principal.accountId, listStart(request), request.perPage), request);
}

export async function getApiKey(
  { store }: { store: Pick<Repositories, "apiKeys"> },
  id: string,
  principal: Principal,
): Promise<ApiKey> {
  const key = await store.apiKeys.find(id, principal.accountId);
  if (!key) throw new DomainError("not_found");
  return key;
}

export async function revokeApiKey(
  { store }: Dependencies,
  id: string,
  context: RequestContext,
): Promise<Effect<null>> {
  const { principal } = context;
  return once(store, context, {
    resourceId: id,
    effect: async (repositories) => {
      await lockAsLivingKey(repositories, principal);
      const key = await getApiKey({ store: repositories }, id, principal);
      const isOwnerKey = key.scopes.includes(FULL_ACCESS) && key.expiresAt === null;
      if (isOwnerKey && !(await repositories.apiKeys.hasOtherOwnerKey(id, principal.accountId))) {
        throw new DomainError("last_owner_key");
      }
      await repositories.apiKeys.revoke(id);
      await auditRequest(repositories, context, { event: "api_key.revoke", resourceKind: "api_key", resourceId: id });
      return null;
    },
    replay: () => Promise.resolve(null),
  });
}

export async function rollApiKey(
  dependencies: Dependencies,
  id: string,
  overlapSeconds: number,
  context: RequestContext,
): Promise<Effect<IssuedApiKey>> {
  const { principal } = context;
  return once(dependencies.store, context, {
    resourceId: id,
    effect: async (repositories) => {
      const asker = await lockAsLivingKey(repositories, principal);
      const key = await getApiKey({ store: repositories }, id, principal);
      if (key.expiresAt && expiryIssue(key.expiresAt)) {
        throw new DomainError("invalid_status", { publicText: "The key has expired; make a new one." });
      }
      // Whoever gets the token can do what the key can, for as long as it lives. A key may always roll itself, by its old token too: the answer with the new one may have been lost.
      refuseMoreThanHeld(key.scopes, principal);
      refuseLongerLife(key.expiresAt, id === principal.apiKeyId ? null : asker.end);
      const token = newApiToken();
      const previousUntil = new Date(Date.now() + overlapSeconds * 1_000);
      await repositories.apiKeys.roll(id, tokenRow(dependencies.apiTokenHasher, token), previousUntil);
      await auditRequest(repositories, context, { event: "api_key.roll", resourceKind: "api_key", resourceId: id });
      return { key: await getApiKey({ store: repositories }, id, principal), token };
    },
    replay: (keyId) => withoutToken(dependencies, keyId, principal),
  });
}

/** A token is stored nowhere, so a repetition can't show it. */
async function withoutToken(dependencies: Dependencies, id: string, principal: Principal): Promise<IssuedApiKey> {
  return { key: await getApiKey(dependencies, id, principal), token: null };
}

/**
 * The asker, looked at once more and with the account locked: a key that was revoked a moment ago, and is still known as good in this process, must not leave another behind,
 * and of two last owner keys only one can be revoked.
 */
async function lockAsLivingKey(
  { accounts, apiKeyTokens }: Repositories,
  { accountId, tokenId }: Principal,
): Promise<{ end: Date | null }> {
  await accounts.lock(accountId);
  const asker = await apiKeyTokens.findEnd(tokenId);
  if (!asker || asker.revoked || (asker.end && expiryIssue(asker.end))) throw new DomainError("unauthorized");
  return asker;
}

function refuseMoreThanHeld(wanted: readonly string[], { scopes }: Principal): void {
  const lacking = lackingScopes(scopes, wanted);
  if (lacking.length === 0) return;
  throw new DomainError("forbidden", {
    publicText: `The API key can't give a scope that it lacks: ${lacking.join(", ")}.`,
    details: lacking.map((scope) => ({ field: `scopes[${wanted.indexOf(scope)}]`, issue: `this key lacks ${scope}` })),
  });
}

function refuseLongerLife(wanted: Date | null, own: Date | null): void {
  if (own === null || (wanted !== null && wanted <= own)) return;
  const details: ErrorDetail[] = [{ field: "expires_at", issue: `must not be after ${own.toISOString()}` }];
  throw new DomainError("forbidden", { publicText: "The API key can't give a longer life than its own.", details });
}

export function checkExpiry(expiresAt: Date | null): Promise<void> {
  const issue = expiresAt && expiryIssue(expiresAt);
  if (!issue) return Promise.resolve();
  return Promise.reject(new DomainError("validation_failed", { details: [{ field: "expires_at", issue }] }));
}
