import type { Plan, Region } from "../domain/catalog.ts";
import { compareVersions } from "../domain/engine-versions.ts";
import type { RegionalEngineOffer } from "../store/engine-offers.ts";
import type { Dependencies } from "./dependencies.ts";
import { type Room, roomIn } from "./room.ts";
import type { ImageOffer, PlanOffer, RegionOffer } from "./services.ts";

/** The catalogue is what the configuration lists; what of it a region has is in rows that the workers keep (activities/engine-offers.ts). */

export async function listRegions(dependencies: Dependencies): Promise<RegionOffer[]> {
  const { catalog, store } = dependencies;
  const regions = Object.values(catalog.regions);
  const [room, images, engines] = await Promise.all([
    roomIn(store, regions),
    store.imageOffers.byRegion(),
    store.engineOffers.list(),
  ]);
  return regions.map((region) => {
    const { slug, name, defaultImage } = region;
    const present = imagesOf(region, images);
    const offers = engines.filter((offer) => offer.region === slug);
    const plans = Object.values(catalog.plans).filter((plan) => hasRoom(room, slug, plan, present, offers));
    return {
      slug,
      name,
      hasFreeAddress: room.get(slug)?.hasFreeAddress ?? false,
      images: present,
      defaultImage: present.includes(defaultImage) ? defaultImage : null,
      engines: newestFirst(offers),
      plans: plans.map((plan) => plan.slug),
    };
  });
}

export async function listPlans(dependencies: Dependencies): Promise<PlanOffer[]> {
  const regions = await listRegions(dependencies);
  return Object.values(dependencies.catalog.plans).map((plan) => ({
    ...plan,
    regions: regions.filter(({ plans }) => plans.includes(plan.slug)).map(({ slug }) => slug),
  }));
}

export async function listImages({ catalog, store }: Dependencies): Promise<ImageOffer[]> {
  const offered = await store.imageOffers.byRegion();
  return Object.values(catalog.images).map((image) => {
    const regions = Object.values(catalog.regions).filter((region) => imagesOf(region, offered).includes(image.slug));
    return {
      ...image,
      regions: regions.map(({ slug }) => slug),
      defaultIn: regions.filter(({ defaultImage }) => defaultImage === image.slug).map(({ slug }) => slug),
    };
  });
}

/** In the order of the configuration. What was taken out of it since is not offered, whatever the last look found. */
function imagesOf(region: Region, offered: Map<string, Set<string>>): string[] {
  return Object.keys(region.images).filter((image) => offered.get(region.slug)?.has(image));
}

/** Room is of use only for something that can be made of it. */
function hasRoom(
  room: Map<string, Room>,
  region: string,
  plan: Plan,
  images: string[],
  engines: RegionalEngineOffer[],
): boolean {
  const canBeMade = { server: images.length > 0, database: engines.length > 0 };
  return plan.kinds.some((kind) => canBeMade[kind] && room.get(region)?.fits(kind, plan));
}

function newestFirst(offers: RegionalEngineOffer[]): RegionOffer["engines"] {
  return offers
    .map(({ engine, version }) => ({ engine, version }))
    .sort((a, b) => a.engine.localeCompare(b.engine) || compareVersions(b.version, a.version));
}
