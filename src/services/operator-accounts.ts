import { type Account, type AccountStatus, accountStatus } from "../domain/account.ts";
import type { ApiKey, IssuedApiKey } from "../domain/api-key.ts";
import { newApiToken } from "../domain/api-token.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { OwnQuotaLimits } from "../store/quotas.ts";
import type { Repositories } from "../store/store.ts";
import { checkExpiry } from "./api-keys.ts";
import { auditOnAccount } from "./audit.ts";
import { changeLimits } from "./change-limits.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { FIRST_KEY_NAME, issuedKey, ownerKeyRow, tokenRow } from "./issue-api-key.ts";
import { listStart, toPage } from "./pages.ts";
import type {
  AccountDetail,
  Effect,
  IssueAccountKeyRequest,
  NewAccount,
  Page,
  PageRequest,
  RequestContext,
} from "./services.ts";

/** Of one status, or all. */
export async function listAllAccounts(
  { store }: Dependencies,
  status: AccountStatus | null,
  request: PageRequest,
): Promise<Page<Account>> {
  return toPage(await store.accounts.page(status, listStart(request), request.perPage), request);
}

export async function getAnyAccount({ store, quotas: limits }: Dependencies, id: string): Promise<AccountDetail> {
  const account = await accountOf(store, id);
  const [quotas, ownLimits] = await Promise.all([store.quotas.usage(id, limits), store.quotas.ownLimits(id)]);
  return { ...account, quotas, ownLimits };
}

/** An account with its first key, which has full access. A repetition can't show its token. */
export async function createAccount(
  dependencies: Dependencies,
  { name, reason }: { name: string; reason: string },
  context: RequestContext,
): Promise<Effect<NewAccount>> {
  const id = newId("account");
  return once<NewAccount>(dependencies.store, context, {
    resourceId: id,
    effect: async (repositories) => {
      if (await repositories.accounts.findByName(name)) throw nameTaken("account", name);
      const account = await repositories.accounts.insert(id, name);
      const of = { accountId: id, reason };
      await auditOnAccount(repositories, context, {
        ...of,
        ...{ event: "account.create", resourceKind: "account", resourceId: id, after: { name } },
      });
      const { row, token } = ownerKeyRow(dependencies.apiTokenHasher, { accountId: id, name: FIRST_KEY_NAME });
      await repositories.apiKeys.insert(row);
      await auditOnAccount(repositories, context, { ...of, ...issuedKey(row) });
      return { account, token };
    },
    replay: async (earlier) => ({ account: await accountOf(dependencies.store, earlier), token: null }),
  });
}

/** Limits that are null become the installation's. A limit below what is used takes nothing away. */
export async function setAccountLimits(
  dependencies: Dependencies,
  id: string,
  { limits, reason }: { limits: Partial<OwnQuotaLimits>; reason: string },
  context: RequestContext,
): Promise<Effect<AccountDetail>> {
  const { replayed } = await once(dependencies.store, context, {
    resourceId: id,
    effect: async (repositories) => {
      await accountOf(repositories, id);
      const changed = await changeLimits(repositories, id, limits);
      await auditOnAccount(repositories, context, { accountId: id, reason, ...changed });
    },
    replay: () => Promise.resolve(),
  });
  return { value: await getAnyAccount(dependencies, id), replayed };
}

/** From within a second on every process refuses its keys, and has closed its streams. What it has keeps running, and what is under way ends as it would. */
export function suspendAccount(
  dependencies: Dependencies,
  id: string,
  reason: string,
  context: RequestContext,
): Promise<Effect<AccountDetail>> {
  return changeStatus(dependencies, id, { suspendedAt: new Date(), reason }, context);
}

export function resumeAccount(
  dependencies: Dependencies,
  id: string,
  reason: string,
  context: RequestContext,
): Promise<Effect<AccountDetail>> {
  return changeStatus(dependencies, id, { suspendedAt: null, reason }, context);
}

/** One that has the status already stays as it is, and that is in no log. */
async function changeStatus(
  dependencies: Dependencies,
  id: string,
  change: { suspendedAt: Date | null; reason: string },
  context: RequestContext,
): Promise<Effect<AccountDetail>> {
  const { suspendedAt, reason } = change;
  const event = suspendedAt === null ? "account.resume" : "account.suspend";
  const { replayed } = await once(dependencies.store, context, {
    resourceId: id,
    effect: async (repositories) => {
      const before = await lockWithAskers(repositories, id, context.principal.accountId);
      if (id === context.principal.accountId && event === "account.suspend") {
        throw new DomainError("invalid_status", { publicText: "It is the account of the key that asks." });
      }
      if (accountStatus(before) === accountStatus(change)) return;
      const after = await repositories.accounts.setSuspended(id, suspendedAt);
      await auditOnAccount(repositories, context, {
        ...{ accountId: id, event, resourceKind: "account", resourceId: id, reason },
        ...{ before: { status: accountStatus(before) }, after: { status: accountStatus(after) } },
      });
    },
    replay: () => Promise.resolve(),
  });
  return { value: await getAnyAccount(dependencies, id), replayed };
}

/** Locks the account and the asker's own, in one order everywhere: two operators who suspend each other at once don't both succeed. */
async function lockWithAskers(repositories: Repositories, id: string, own: string): Promise<Account> {
  for (const one of [id, own].sort()) await repositories.accounts.lock(one);
  const account = await accountOf(repositories, id);
  if ((await accountOf(repositories, own)).suspendedAt !== null) throw new DomainError("account_suspended");
  return account;
}

export async function listKeysOfAccount(
  { store }: Dependencies,
  accountId: string,
  request: PageRequest,
): Promise<Page<ApiKey>> {
  await accountOf(store, accountId);
  return toPage(await store.apiKeys.list(accountId, listStart(request), request.perPage), request);
}

/** A key for any account, whatever the key that asks may do there itself. */
export async function issueKeyForAccount(
  { store, apiTokenHasher }: Dependencies,
  accountId: string,
  { name, scopes, expiresAt, reason }: IssueAccountKeyRequest,
  context: RequestContext,
): Promise<Effect<IssuedApiKey>> {
  const id = newId("apiKey");
  return once<IssuedApiKey>(store, context, {
    resourceId: id,
    check: () => checkExpiry(expiresAt),
    effect: async (repositories) => {
      await accountOf(repositories, accountId);
      await repositories.accounts.lock(accountId);
      if (await repositories.apiKeys.isNameTaken(accountId, name)) throw nameTaken("key", name);
      const token = newApiToken();
      const row = { id, accountId, name, scopes, expiresAt, token: tokenRow(apiTokenHasher, token) };
      const key = await repositories.apiKeys.insert(row);
      await auditOnAccount(repositories, context, { accountId, reason, ...issuedKey(row) });
      return { key, token };
    },
    replay: async (earlier) => ({ key: await keyOf({ apiKeys: store.apiKeys }, earlier), token: null }),
  });
}

/** Whosever it is, the last one of its account too: an operator can make another. */
export async function revokeAnyKey(
  { store }: Dependencies,
  id: string,
  reason: string,
  context: RequestContext,
): Promise<Effect<null>> {
  return once(store, context, {
    resourceId: id,
    effect: async (repositories) => {
      const { accountId } = await keyOf(repositories, id);
      await repositories.accounts.lock(accountId);
      const { name, scopes } = await keyOf(repositories, id);
      await repositories.apiKeys.revoke(id);
      await auditOnAccount(repositories, context, {
        ...{ accountId, event: "api_key.revoke", resourceKind: "api_key", resourceId: id },
        ...{ reason, before: { name, scopes } },
      });
      return null;
    },
    replay: () => Promise.resolve(null),
  });
}

async function accountOf({ accounts }: Pick<Repositories, "accounts">, id: string): Promise<Account> {
  const account = await accounts.find(id);
  if (!account) throw new DomainError("not_found");
  return account;
}

async function keyOf({ apiKeys }: Pick<Repositories, "apiKeys">, id: string): Promise<ApiKey> {
  const key = await apiKeys.findAny(id);
  if (!key) throw new DomainError("not_found");
  return key;
}

function nameTaken(what: string, name: string): DomainError {
  const issue = `there is another ${what} named ${name}`;
  return new DomainError("name_taken", { details: [{ field: "name", issue }] });
}
