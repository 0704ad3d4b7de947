import { isDatabaseEngine } from "../src/domain/engine-versions.ts";
import type { RegionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";

export function engineOfferActivities(store: Store, driver: ComputeDriver) {
  return {
    /** A region offers the engines whose images it has, no more. Returns how many. */
    async syncDatabaseEngines({ region }: RegionInput): Promise<number> {
      const images = await driver.listEngineImages();
      const offers = images.flatMap(({ engine, ...image }) => (isDatabaseEngine(engine) ? [{ engine, ...image }] : []));
      await store.transaction(({ engineOffers }) => engineOffers.replace(region, offers));
      return offers.length;
    },
  };
}
