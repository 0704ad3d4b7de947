import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import { addOwnerKey, createOwnerAccount } from "../../src/services/accounts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { World } from "./world.ts";

/** Another account of the world, as an operator makes it; returns the token of its first key. */
export function addAccount(world: World, name: string): Promise<string> {
  return onDatabase(
    world,
    async (store, hasher) => (await createOwnerAccount(store, hasher, { name, reason: "a test" })).token,
  );
}

/** The token of an operator's key of account `default`, which has full access to that account, too. */
export function addOperatorKey(world: Pick<World, "config">, name = "operator"): Promise<string> {
  const of = { account: "default", name, scopes: ["*", "operator"], reason: "a test" };
  return onDatabase(world, async (store, hasher) => (await addOwnerKey(store, hasher, of)).token);
}

async function onDatabase<T>(
  { config }: Pick<World, "config">,
  work: (store: Store, hasher: ApiTokenHasher) => Promise<T>,
): Promise<T> {
  const store = openStore({ databaseUrl: config.databaseUrl, maxConnections: 1, onConnectionError: () => undefined });
  try {
    return await work(store, new ApiTokenHasher(config.secrets.apiKeyPeppers));
  } finally {
    await store.close();
  }
}
