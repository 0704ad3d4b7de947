import { apiTokenHint, hashApiToken, newApiToken } from "../domain/api-token.ts";
import { newId } from "../domain/ids.ts";
import type { AddressRange } from "../store/ip-addresses.ts";
import type { Store } from "../store/store.ts";

const DEFAULT_ACCOUNT = "default";

/**
 * The full-access key of account `default`: the one that was asked for, or a new one if the account has none yet. Returns a key only when it made one: it is
 * readable nowhere else.
 */
export async function ensureBootstrapApiKey(
  store: Store,
  pepper: Buffer,
  wanted: string | null,
): Promise<string | null> {
  const accountId = await store.apiKeys.ensureAccount(newId("account"), DEFAULT_ACCOUNT);
  if (wanted === null && (await store.apiKeys.countOfAccount(accountId)) > 0) return null;
  const token = wanted ?? newApiToken();
  await store.apiKeys.insertIfMissing({
    id: newId("apiKey"),
    accountId,
    name: "bootstrap",
    tokenHash: hashApiToken(token, pepper),
    hint: apiTokenHint(token),
    scopes: ["*"],
  });
  return wanted === null ? token : null;
}

/** Makes the address pools what the config lists. */
export async function loadAddressPools(store: Store, ranges: Record<string, AddressRange[]>): Promise<void> {
  for (const [region, regionRanges] of Object.entries(ranges)) await store.ipAddresses.load(region, regionRanges);
}
