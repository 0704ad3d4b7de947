import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import { createOwnerAccount } from "../../src/services/accounts.ts";
import { openStore } from "../../src/store/store.ts";
import type { World } from "./world.ts";

/** Another account of the world, as an operator makes it; returns the token of its first key. */
export async function addAccount({ config }: World, name: string): Promise<string> {
  const store = openStore({ databaseUrl: config.databaseUrl, maxConnections: 1, onConnectionError: () => undefined });
  try {
    return (await createOwnerAccount(store, new ApiTokenHasher(config.secrets.apiKeyPeppers), name)).token;
  } finally {
    await store.close();
  }
}
