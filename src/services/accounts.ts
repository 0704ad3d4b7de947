import type { Account } from "../domain/account.ts";
import type { ApiTokenHasher } from "../domain/api-token-hasher.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import { QUOTAS, type Quota } from "../domain/quotas.ts";
import type { AccountListing } from "../store/accounts.ts";
import type { OwnQuotaLimits } from "../store/quotas.ts";
import { isUniqueViolation, type Repositories, type Store } from "../store/store.ts";
import { auditOperator } from "./audit.ts";
import { changeLimits } from "./change-limits.ts";
import { FIRST_KEY_NAME, issuedKey, ownerKeyRow } from "./issue-api-key.ts";

/** What only operators do, on the database: an account with its first key, whose token is readable nowhere else. */
export async function createOwnerAccount(
  store: Store,
  hasher: ApiTokenHasher,
  { name, reason }: { name: string; reason: string },
): Promise<{ account: Account; token: string }> {
  try {
    return await store.transaction(async (repositories) => {
      const account = await repositories.accounts.insert(newId("account"), name);
      const { id } = account;
      await auditOperator(repositories, id, {
        ...{ event: "account.create", resourceKind: "account", resourceId: id },
        ...{ reason, after: { name } },
      });
      const of = { accountId: id, name: FIRST_KEY_NAME, reason };
      return { account, token: await insertOwnerKey(repositories, hasher, of) };
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError("name_taken", { publicText: `There is an account named ${name}.` });
  }
}

/** Another key for an account: with full access, where it has lost its own, or with the scopes that are named, `operator` among them. */
export async function addOwnerKey(
  store: Store,
  hasher: ApiTokenHasher,
  of: { account: string; name: string; scopes?: string[]; reason: string },
): Promise<{ account: Account; token: string }> {
  return store.transaction(async (repositories) => {
    const { accounts, apiKeys } = repositories;
    const account = await findAccount(accounts, of.account);
    await accounts.lock(account.id);
    if (await apiKeys.isNameTaken(account.id, of.name)) {
      throw new DomainError("name_taken", { publicText: `The account has a key named ${of.name}.` });
    }
    const { name, scopes, reason } = of;
    const token = await insertOwnerKey(repositories, hasher, {
      accountId: account.id,
      name,
      reason,
      ...(scopes && { scopes }),
    });
    return { account, token };
  });
}

/** What an account has of its limits; null: the installation's is in force. */
export type OwnQuotas = Record<Quota, { limit: number | null; used: number }>;

/** Sets an account's limits and tells them all; null: only tells them. A limit below what is used takes nothing away. */
export async function changeQuotas(
  store: Store,
  name: string,
  change: { limits: Partial<OwnQuotaLimits>; reason: string } | null,
): Promise<{ account: Account; quotas: OwnQuotas }> {
  return store.transaction(async (repositories) => {
    const { accounts, quotas } = repositories;
    const account = await findAccount(accounts, name);
    if (change !== null) {
      const changed = await changeLimits(repositories, account.id, change.limits);
      await auditOperator(repositories, account.id, { reason: change.reason, ...changed });
    }
    const limits = await quotas.ownLimits(account.id);
    const used = await quotas.usage(account.id, NO_LIMITS);
    const of = (quota: Quota) => ({ limit: limits[quota], used: used[quota].used });
    return { account, quotas: Object.fromEntries(QUOTAS.map((quota) => [quota, of(quota)])) as OwnQuotas };
  });
}

/** Where only what is used is of interest. */
const NO_LIMITS = Object.fromEntries(QUOTAS.map((quota) => [quota, 0])) as Record<Quota, number>;

async function findAccount(accounts: Repositories["accounts"], name: string): Promise<Account> {
  const account = await accounts.findByName(name);
  if (!account) throw new DomainError("not_found", { publicText: `There is no account named ${name}.` });
  return account;
}

/** Returns its token. */
async function insertOwnerKey(
  repositories: Repositories,
  hasher: ApiTokenHasher,
  { reason, ...of }: { accountId: string; name: string; scopes?: string[]; reason: string },
): Promise<string> {
  const { row, token } = ownerKeyRow(hasher, of);
  await repositories.apiKeys.insert(row);
  await auditOperator(repositories, of.accountId, { reason, ...issuedKey(row) });
  return token;
}

export async function listAccounts(store: Store, hasher: ApiTokenHasher): Promise<AccountListing[]> {
  return store.accounts.list(hasher.newestPepperId);
}
