import type { Region } from "../domain/catalog.ts";
import type { Dependencies } from "./dependencies.ts";
import type { RegionState } from "./services.ts";

const NOTHING = { vcpus: 0, memoryMib: 0, diskGib: 0 };
/** The schedule's audits compare every region; so many others may come between two of them. */
const LATEST_AUDITS = 100;
const NO_ADDRESSES = { offered: 0, held: 0, free: 0 };

/** The regions as operators look at them: how full, as the latest audit saw them, and whether anybody works there. */
export async function listRegionStates(dependencies: Dependencies): Promise<RegionState[]> {
  const { catalog, store } = dependencies;
  const regions = Object.values(catalog.regions);
  const slugs = regions.map(({ slug }) => slug);
  const [promised, addresses, { items: audits }] = await Promise.all([
    store.capacity.promised(slugs),
    store.ipAddresses.countByRegion(slugs),
    store.audits.list({ offset: 0 }, LATEST_AUDITS),
  ]);
  return Promise.all(
    regions.map(async (region) => {
      const { slug, name, host, capacity: limit } = region;
      const workers = await workersOf(dependencies, region);
      const audit = audits.find(({ status, regions: of }) => status !== "running" && of.includes(slug));
      const total = audit?.totals.find(({ scope }) => scope === slug) ?? null;
      return {
        ...{ slug, name, host, limit, promised: promised.get(slug) ?? NOTHING },
        addresses: addresses.get(slug) ?? NO_ADDRESSES,
        workers,
        audit: audit && total ? { ...total, id: audit.id, endedAt: audit.endedAt } : null,
      };
    }),
  );
}

/** Null where Temporal does not tell. */
async function workersOf({ health }: Dependencies, { slug }: Region): Promise<number | null> {
  try {
    return await health.countRegionPollers(slug);
  } catch {
    return null;
  }
}
