import type { Catalog } from "../src/domain/catalog.ts";
import { ComputeError } from "../src/domain/compute-error.ts";
import { isDatabaseEngine } from "../src/domain/engine-versions.ts";
import type { RegionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";

export function engineOfferActivities(store: Store, driver: ComputeDriver, catalog: Catalog) {
  async function hasImage(alias: string): Promise<boolean> {
    try {
      await driver.findImage(alias);
      return true;
    } catch (error) {
      if (error instanceof ComputeError && error.code === "image_unavailable") return false;
      throw error;
    }
  }

  /** Those of the catalogue's images for servers that are there. */
  async function serverImages(region: string): Promise<string[]> {
    const images = Object.entries(catalog.regions[region]?.images ?? {});
    const found = await Promise.all(images.map(async ([slug, alias]) => ((await hasImage(alias)) ? [slug] : [])));
    return found.flat();
  }

  return {
    /** A region offers the engines whose images it has, no more, and of its configured server images those that it has. Returns how many engines. */
    async syncDatabaseEngines({ region }: RegionInput): Promise<number> {
      const [images, servers] = await Promise.all([driver.listEngineImages(), serverImages(region)]);
      const offers = images.flatMap(({ engine, ...image }) => (isDatabaseEngine(engine) ? [{ engine, ...image }] : []));
      await store.transaction(async ({ engineOffers, imageOffers }) => {
        await engineOffers.replace(region, offers);
        await imageOffers.replace(region, servers);
      });
      return offers.length;
    },
  };
}
