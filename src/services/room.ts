import { capacityShare } from "../domain/capacity-share.ts";
import type { Plan, Region } from "../domain/catalog.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Store } from "../store/store.ts";

/** What a region could still take in at the moment. Nothing is reserved by asking, so a create that follows may find less. */
export interface Room {
  hasFreeAddress: boolean;
  /** Whether address, CPUs, memory and disk are there for one more of the kind and plan. */
  fits(kind: ResourceKind, plan: Pick<Plan, "vcpus" | "memoryMib" | "diskGib">): boolean;
}

export async function roomIn(store: Store, regions: readonly Region[]): Promise<Map<string, Room>> {
  const [promised, free] = await Promise.all([
    store.capacity.promised(regions.map(({ slug }) => slug)),
    Promise.all(regions.map(({ slug }) => store.ipAddresses.hasFree(slug))),
  ]);
  return new Map(
    regions.map(({ slug, capacity }, index) => {
      const hasFreeAddress = free[index] ?? false;
      const used = promised.get(slug) ?? { vcpus: 0, memoryMib: 0, diskGib: 0 };
      const fits: Room["fits"] = (kind, plan) => {
        if (!hasFreeAddress || capacity === null) return hasFreeAddress;
        const share = capacityShare(kind, plan);
        return (
          used.vcpus + share.vcpus <= capacity.vcpus &&
          used.memoryMib + share.memoryMib <= capacity.memoryMib &&
          used.diskGib + share.diskGib <= capacity.diskGib
        );
      };
      return [slug, { hasFreeAddress, fits }];
    }),
  );
}
