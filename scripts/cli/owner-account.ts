import { type Command, InvalidArgumentError } from "commander";
import { SCOPES } from "../../src/api/scopes.ts";
import { loadAccountsConfig } from "../../src/config/accounts.ts";
import type { Account } from "../../src/domain/account.ts";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import { RESOURCE_NAME_PATTERN } from "../../src/domain/limits.ts";
import { FULL_ACCESS } from "../../src/domain/principal.ts";
import { addOwnerKey, changeQuotas, createOwnerAccount, listAccounts } from "../../src/services/accounts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { runningPostgresUrl } from "../platform/postgres.ts";
import { addLimitOptions, shownQuotas } from "./account-limits.ts";
import { json, type Run } from "./run.ts";
import { genericTable } from "./tables/generic.ts";
import { list, reason as reasonOf, reasonOption } from "./words.ts";

/** `account …`: accounts and keys on the database, with the pepper of the API: the first key of an operator has to come from somewhere. What operators do afterwards they do by the API (accounts.ts, keys.ts). */
export function addOwnerAccount(program: Command, run: Run): void {
  const account = program
    .command("account")
    .description("accounts and first keys, without the API: create, add-key, limits, list");
  addCreate(account, run);
  addAddKey(account, run);
  addLimits(account, run);
  addList(account, run);
  account.addHelpText(
    "after",
    `
Works on DATABASE_URL, or on the PostgreSQL that runs in CLOUDNEXUS_DATA_DIR.

Examples:
  $ cloudnexus account create --name acme --reason "signed up"
  $ cloudnexus account add-key --name default --key operator --scope operator --reason "the first one"
  $ cloudnexus account limits --name acme --servers 20 --vcpus default --reason "a larger contract"`,
  );
}

function addCreate(account: Command, run: Run): void {
  const command = account
    .command("create")
    .description("an account with its first key, shown once")
    .requiredOption("--name <name>", "of the account", resourceName)
    .addOption(reasonOption())
    .action((of: { name: string; reason: string }) =>
      onDatabase(run, async (store, hasher) => withKey(await createOwnerAccount(store, hasher, of))),
    );
  run.printsJsonInPipes(command);
}

interface KeyOptions {
  name: string;
  key: string;
  scope?: string[];
  reason: string;
}

function addAddKey(account: Command, run: Run): void {
  const command = account
    .command("add-key")
    .description("one more key, shown once: for an account that has lost its own, and for operators")
    .requiredOption("--name <name>", "of the account", resourceName)
    .requiredOption("--key <name>", "of the key", resourceName)
    .option("--scope <scopes>", "a,b; all of the account if it is not said", scopes)
    .addOption(reasonOption())
    .action(({ name, key, scope, reason }: KeyOptions) =>
      onDatabase(run, async (store, hasher) =>
        withKey(
          await addOwnerKey(store, hasher, { account: name, name: key, reason, ...(scope && { scopes: scope }) }),
        ),
      ),
    );
  run.printsJsonInPipes(command);
}

function addLimits(account: Command, run: Run): void {
  const command = account
    .command("limits")
    .description("what it may have and has; with options what it may have from now on")
    .requiredOption("--name <name>", "of the account", resourceName)
    .option("--reason <text>", "why, for the audit log; needed by a change", reasonOf);
  const options = addLimitOptions(command);
  command.action(({ name, reason }: { name: string; reason?: string }) => {
    const limits = options.read();
    const isChange = Object.keys(limits).length > 0;
    const change = isChange ? { limits, reason: reason ?? run.refuse("account limits needs --reason") } : null;
    return onDatabase(run, async (store) => {
      const changed = await changeQuotas(store, name, change);
      return { ...shown(changed.account), quotas: shownQuotas(changed.quotas) };
    });
  });
  run.printsJsonInPipes(command);
}

function addList(account: Command, run: Run): void {
  const command = account
    .command("list")
    .description("the accounts of the installation")
    .action(() =>
      onDatabase(run, async (store, hasher) =>
        (await listAccounts(store, hasher)).map((listed) => ({
          ...shown(listed),
          api_keys: listed.apiKeys,
          tokens_under_older_peppers: listed.tokensUnderOlderPeppers,
        })),
      ),
    );
  run.printsJsonInPipes(command);
}

async function onDatabase(run: Run, work: (store: Store, hasher: ApiTokenHasher) => Promise<object>): Promise<void> {
  const config = loadAccountsConfig(run.surroundings.environment);
  const databaseUrl = config.databaseUrl ?? runningPostgresUrl(config.dataDir);
  if (databaseUrl === null) {
    throw new Error(`DATABASE_URL: is not set, and no PostgreSQL of ours runs in ${config.dataDir}`);
  }
  const store = openStore({ databaseUrl, maxConnections: 1, onConnectionError: () => undefined });
  try {
    const result = await work(store, new ApiTokenHasher(config.apiKeyPeppers));
    run.print(run.isJson ? [json(result)] : genericTable(result));
  } finally {
    await store.close();
  }
}

function resourceName(word: string): string {
  if (RESOURCE_NAME_PATTERN.test(word)) return word;
  throw new InvalidArgumentError(
    "It is 1-63 characters of a-z A-Z 0-9 . _ -, starting and ending with a letter or digit.",
  );
}

function scopes(words: string): string[] {
  const named = list(words);
  const unknown = named.find((scope) => scope !== FULL_ACCESS && !Object.hasOwn(SCOPES, scope));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no scope ${unknown}.`);
  return named;
}

function withKey({ account, token }: { account: Account; token: string }): object {
  return { ...shown(account), api_key: token };
}

function shown({ id, name, createdAt }: Account): object {
  return { id, name, created_at: createdAt.toISOString() };
}
