import type { ResolvedImage } from "../src/domain/activity-contracts.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";

export function imageActivities(store: Store, driver: ComputeDriver, catalog: Catalog) {
  return {
    /** From the image's public name to the exact image the region has now. Changes nothing. */
    async resolveImage(input: ActionInput): Promise<ResolvedImage> {
      const server = await store.servers.build(input.resourceId);
      if (!server) throw new DomainError("resource_deleted");
      const alias = catalog.regions[input.region]?.images[server.image];
      if (alias === undefined) throw new DomainError("image_unavailable");
      const { fingerprint } = await driver.findImage(alias);
      return { fingerprint };
    },
  };
}
