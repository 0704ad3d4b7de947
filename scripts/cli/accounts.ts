import { parseArgs } from "node:util";
import { reason as reasonOfChange } from "../../src/api/schemas/operator.ts";
import { SCOPES } from "../../src/api/scopes.ts";
import { loadAccountsConfig } from "../../src/config/accounts.ts";
import type { Account } from "../../src/domain/account.ts";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import { RESOURCE_NAME_PATTERN } from "../../src/domain/limits.ts";
import { FULL_ACCESS } from "../../src/domain/principal.ts";
import { addOwnerKey, changeQuotas, createOwnerAccount, listAccounts } from "../../src/services/accounts.ts";
import type { OwnQuotaLimits } from "../../src/store/quotas.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { runningPostgresUrl } from "../platform/postgres.ts";
import { LIMIT_OPTIONS, readLimits, shownQuotas } from "./account-limits.ts";
import { UsageError } from "./request.ts";

/** For the help. */
export const ACCOUNT_COMMANDS = [
  ["account create --name NAME", "Operators: an account with its first key, shown once; --reason TEXT"],
  [
    "account add-key --name NAME --key KEY",
    "Operators: one more full-access key, for an account without; --scope operator: a key for operators; --reason TEXT",
  ],
  [
    "account limits --name NAME",
    "Operators: what it may have and has; --servers N, --servers default and so on change it, with --reason TEXT",
  ],
  ["account list", "Operators: the accounts of the installation"],
] as const;

/** Accounts and keys on the database, with the pepper of the API: the first key of an operator has to come from somewhere. What operators do afterwards they do by the API (operators.ts). */
export async function runAccountCommand(words: string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  const command = parse(words);
  const config = loadAccountsConfig(environment);
  const databaseUrl = config.databaseUrl ?? runningPostgresUrl(config.dataDir);
  if (databaseUrl === null) {
    throw new Error(`DATABASE_URL: is not set, and no PostgreSQL of ours runs in ${config.dataDir}`);
  }
  const store = openStore({ databaseUrl, maxConnections: 1, onConnectionError: () => undefined });
  try {
    return await run(command, store, new ApiTokenHasher(config.apiKeyPeppers));
  } finally {
    await store.close();
  }
}

interface AccountCommand {
  name: "create" | "add-key" | "limits" | "list";
  account: string;
  key: string;
  limits: Partial<OwnQuotaLimits>;
  /** Of a key; none: full access. */
  scopes: string[];
  /** Needed by what changes something. */
  reason: string;
}

function parse([name, ...words]: string[]): AccountCommand {
  if (name !== "create" && name !== "add-key" && name !== "limits" && name !== "list") {
    throw new UsageError("account takes create, add-key, limits or list");
  }
  const wanted = { create: ["name"], "add-key": ["name", "key"], limits: ["name"], list: [] }[name];
  const known = [...wanted, ...(name === "limits" ? LIMIT_OPTIONS : []), ...(name === "add-key" ? ["scope"] : [])];
  if (name !== "list") known.push("reason");
  const options = Object.fromEntries(known.map((option) => [option, { type: "string" as const }]));
  let values: Record<string, string | undefined>;
  try {
    ({ values } = parseArgs({ args: words, options }));
  } catch (error) {
    throw new UsageError(`account ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const option of wanted) {
    if (!RESOURCE_NAME_PATTERN.test(values[option] ?? "")) {
      throw new UsageError(
        `account ${name} needs --${option}: 1-63 characters of a-z A-Z 0-9 . _ -, starting and ending with a letter or digit`,
      );
    }
  }
  const scopes = values["scope"]?.split(",") ?? [];
  const unknown = scopes.find((scope) => scope !== FULL_ACCESS && !Object.hasOwn(SCOPES, scope));
  if (unknown !== undefined) throw new UsageError(`account add-key: there is no scope ${unknown}`);
  const limits = readLimits(values);
  const reason = readReason(values["reason"]);
  const isChange = name === "limits" ? Object.keys(limits).length > 0 : name !== "list";
  if (isChange && reason === "") throw new UsageError(`account ${name} needs --reason: one line, for the audit log`);
  return { name, account: values["name"] ?? "", key: values["key"] ?? "", limits, scopes, reason };
}

async function run(command: AccountCommand, store: Store, hasher: ApiTokenHasher): Promise<unknown> {
  const { name, account, key, limits, scopes, reason } = command;
  if (name === "create") return withKey(await createOwnerAccount(store, hasher, { name: account, reason }));
  if (name === "add-key")
    return withKey(
      await addOwnerKey(store, hasher, { account, name: key, reason, ...(scopes.length > 0 && { scopes }) }),
    );
  if (name === "limits") {
    const changed = await changeQuotas(store, account, Object.keys(limits).length > 0 ? { limits, reason } : null);
    return { ...shown(changed.account), quotas: shownQuotas(changed.quotas) };
  }
  return (await listAccounts(store, hasher)).map((listed) => ({
    ...shown(listed),
    api_keys: listed.apiKeys,
    tokens_under_older_peppers: listed.tokensUnderOlderPeppers,
  }));
}

/** As the API has it; empty: none. */
function readReason(text = ""): string {
  if (text === "") return text;
  const reason = reasonOfChange.safeParse(text);
  if (!reason.success) throw new UsageError(`--reason ${reason.error.issues[0]?.message ?? "is not one line"}`);
  return reason.data;
}

function withKey({ account, token }: { account: Account; token: string }): object {
  return { ...shown(account), api_key: token };
}

function shown({ id, name, createdAt }: Account): object {
  return { id, name, created_at: createdAt.toISOString() };
}
