import { capacityShare, OWN_DISK_GIB } from "../src/domain/capacity-share.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { whileRunning } from "./while-running.ts";

export function capacityActivities(store: Store, catalog: Catalog) {
  return {
    /** Counts the resource's size against what the region may promise. Fails with `no_capacity` if it does not fit. */
    async reserveCapacity(input: ActionInput): Promise<void> {
      const limit = catalog.regions[input.region]?.capacity ?? null;
      if (limit === null && (await store.capacity.recordSize(input, OWN_DISK_GIB[input.resourceKind]))) return;
      const resource = await store.resources[input.resourceKind].state(input.resourceId);
      if (!resource) throw new DomainError("resource_deleted");
      if (limit === null) return; // it is there already
      const share = capacityShare(input.resourceKind, resource.size);
      const fits = await store.transaction(({ capacity }) => capacity.reserve(input, share, limit));
      if (!fits) throw new DomainError("no_capacity", { internal: `region ${input.region} has promised all it has` });
    },

    async releaseCapacity(input: ActionInput): Promise<void> {
      await whileRunning(store, input, ({ capacity }) => capacity.release(input.resourceId));
    },
  };
}
