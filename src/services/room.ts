import type { Plan, Region } from "../domain/catalog.ts";
import type { Store } from "../store/store.ts";

/** What a region could still take in at the moment. Nothing is reserved by asking, so a create that follows may find less. */
export interface Room {
  hasFreeAddress: boolean;
  /** Whether address, CPUs, memory and disk are there for one more of the plan. */
  fits(plan: Pick<Plan, "vcpus" | "memoryMib" | "diskGib">): boolean;
}

export async function roomIn(store: Store, regions: readonly Region[]): Promise<Map<string, Room>> {
  const [promised, free] = await Promise.all([
    store.capacity.promised(),
    Promise.all(regions.map(({ slug }) => store.ipAddresses.hasFree(slug))),
  ]);
  return new Map(
    regions.map(({ slug, capacity }, index) => {
      const hasFreeAddress = free[index] ?? false;
      const used = promised.get(slug) ?? { vcpus: 0, memoryMib: 0, diskGib: 0 };
      const fits: Room["fits"] = (plan) =>
        hasFreeAddress &&
        (capacity === null ||
          (used.vcpus + plan.vcpus <= capacity.vcpus &&
            used.memoryMib + plan.memoryMib <= capacity.memoryMib &&
            used.diskGib + plan.diskGib <= capacity.diskGib));
      return [slug, { hasFreeAddress, fits }];
    }),
  );
}
