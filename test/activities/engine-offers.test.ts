import { describe, expect, it } from "vitest";
import { engineOfferActivities } from "../../activities/engine-offers.ts";
import type { Catalog } from "../../src/domain/catalog.ts";
import { ComputeError } from "../../src/domain/compute-error.ts";
import type { ComputeDriver } from "../../src/drivers/compute.ts";
import type { Repositories, Store } from "../../src/store/store.ts";

const IMAGES = { "ubuntu-22.04": "ubuntu/22.04/cloud", "debian-12": "cloudnexus/debian-12" };
const CATALOG = { regions: { "us-east-1": { images: IMAGES } } } as unknown as Catalog;
const ENGINE = { fingerprint: "f", engine: "postgresql", major: "17", version: "17.6", implementation: "PostgreSQL" };

/** Runs the look at a region that has these images; gives back what it wrote. */
async function look(findImage: (alias: string) => Promise<unknown>): Promise<Record<string, unknown>> {
  const written: Record<string, unknown> = {};
  const repositories = {
    engineOffers: { replace: async (_region: string, offers: unknown) => void (written["engines"] = offers) },
    imageOffers: { replace: async (_region: string, images: unknown) => void (written["images"] = images) },
  } as unknown as Repositories;
  const store = { transaction: (work: (of: Repositories) => Promise<void>) => work(repositories) } as unknown as Store;
  const driver = {
    listEngineImages: async () => [ENGINE, { ...ENGINE, engine: "oracle" }],
    findImage,
  } as unknown as ComputeDriver;
  await engineOfferActivities(store, driver, CATALOG).syncDatabaseEngines({ region: "us-east-1" });
  return written;
}

describe("the look at what a region has", () => {
  it("keeps its engines and those of the configured server images that are there", async () => {
    const written = await look(async (alias) => {
      if (alias === IMAGES["ubuntu-22.04"]) throw new ComputeError("image_unavailable", "no", { transient: false });
    });
    expect(written).toEqual({ engines: [ENGINE], images: ["debian-12"] });
  });

  it("writes nothing of a region that does not answer: what was seen before stays", async () => {
    const silent = new ComputeError("infrastructure_unavailable", "no answer", { transient: true });
    await expect(look(() => Promise.reject(silent))).rejects.toThrow(silent);
  });
});
