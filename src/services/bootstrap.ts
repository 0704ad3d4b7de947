import { newApiToken } from "../domain/api-token.ts";
import type { ApiTokenHasher } from "../domain/api-token-hasher.ts";
import { newId } from "../domain/ids.ts";
import type { AddressRange } from "../store/ip-addresses.ts";
import type { Store } from "../store/store.ts";
import { auditOperator } from "./audit.ts";
import { ownerKeyRow } from "./issue-api-key.ts";

const DEFAULT_ACCOUNT = "default";
const KEY_NAME = "bootstrap";

/**
 * The full-access key of account `default`: the one that was asked for, or a new one if the account has none yet. Returns a key only when it made one: it is
 * readable nowhere else.
 */
export async function ensureBootstrapApiKey(
  store: Store,
  hasher: ApiTokenHasher,
  wanted: string | null,
): Promise<string | null> {
  const accountId = await store.accounts.ensure(newId("account"), DEFAULT_ACCOUNT);
  return store.transaction(async (repositories) => {
    const { accounts, apiKeys, apiKeyTokens } = repositories;
    // API processes start together.
    await accounts.lock(accountId);
    if (wanted === null && (await apiKeys.countOfAccount(accountId)) > 0) return null;
    const token = wanted ?? newApiToken();
    const known = await apiKeyTokens.findByHash(hasher.everyHash(token));
    if (known) {
      // Also if it was revoked or rolled: once its pepper is gone it must not pass for a new one.
      if (known.pepperId !== hasher.newestPepperId) await apiKeyTokens.rehash(known.id, hasher.hash(token));
      return null;
    }
    const { row } = ownerKeyRow(hasher, { accountId, name: KEY_NAME }, token);
    const name = (await apiKeys.isNameTaken(accountId, KEY_NAME)) ? `${KEY_NAME}-${row.id.slice(3, 11)}` : KEY_NAME;
    await apiKeys.insert({ ...row, name });
    await auditOperator(repositories, accountId, {
      event: "api_key.create",
      resourceKind: "api_key",
      resourceId: row.id,
    });
    return wanted === null ? token : null;
  });
}

/** Makes the address pools what the config lists. */
export async function loadAddressPools(store: Store, ranges: Record<string, AddressRange[]>): Promise<void> {
  for (const [region, regionRanges] of Object.entries(ranges)) await store.ipAddresses.load(region, regionRanges);
}
