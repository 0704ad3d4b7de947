import type { ResolvedImage } from "../src/domain/activity-contracts.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import { isDatabaseEngine, newestOffer } from "../src/domain/engine-versions.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";

export function imageActivities(store: Store, driver: ComputeDriver, catalog: Catalog) {
  async function serverImage({ resourceId, region }: ActionInput): Promise<ResolvedImage> {
    const server = await store.servers.build(resourceId);
    if (!server) throw new DomainError("resource_deleted");
    const alias = catalog.regions[region]?.images[server.image];
    if (alias === undefined) throw new DomainError("image_unavailable");
    const { fingerprint } = await driver.findImage(alias);
    return { fingerprint };
  }

  /** The newest that will do of what the region has now: it may have got a newer one since the request. The row tells what it is. */
  async function engineImage({ resourceId }: ActionInput): Promise<ResolvedImage> {
    const database = await store.databases.build(resourceId);
    if (!database) throw new DomainError("resource_deleted");
    const { engine, major, minVersion } = database;
    const images = (await driver.listEngineImages()).flatMap(({ engine: name, ...image }) =>
      isDatabaseEngine(name) && image.major === major ? [{ engine: name, ...image }] : [],
    );
    const image = newestOffer(images, engine, minVersion);
    if (!image) throw new DomainError("image_unavailable");
    const { fingerprint, version, implementation } = image;
    await store.databases.setVersion(resourceId, { version, implementation });
    return { fingerprint };
  }

  return {
    /** From what the request named to the exact image that the region has now. Nothing is made. */
    async resolveImage(input: ActionInput): Promise<ResolvedImage> {
      return input.resourceKind === "server" ? serverImage(input) : engineImage(input);
    },
  };
}
