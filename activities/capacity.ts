import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { CreateServerInput, ServerActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

export function capacityActivities(store: Store, catalog: Catalog) {
  return {
    /** Counts the server's size against what the region may promise. Fails with `no_capacity` if it does not fit. */
    async reserveCapacity(input: CreateServerInput): Promise<void> {
      const limit = catalog.regions[input.region]?.capacity ?? null;
      await store.transaction(async ({ servers, capacity }) => {
        const server = await servers.build(input.serverId);
        if (!server) throw new DomainError("resource_deleted");
        if (await capacity.reserve(input.serverId, input.region, server.size, limit)) return;
        throw new DomainError("no_capacity", { internal: `region ${input.region} has promised all it has` });
      });
    },

    async releaseCapacity(input: ServerActionInput): Promise<void> {
      await store.capacity.release(input.serverId);
    },
  };
}
