import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { CreateServerInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver } from "../src/drivers/compute.ts";

export function imageActivities(driver: ComputeDriver, catalog: Catalog) {
  return {
    /** From the image's public name to the exact image the region has now, so that a retry of a later step uses the same. Changes nothing. */
    async resolveImage(input: CreateServerInput): Promise<{ fingerprint: string }> {
      const alias = catalog.regions[input.region]?.images[input.image];
      if (alias === undefined) throw new DomainError("image_unavailable");
      const { fingerprint } = await driver.findImage(alias);
      return { fingerprint };
    },
  };
}
