import type { SizedPlan } from "./action.ts";
import { ENGINE_ROOT_DISK_GIB } from "./database.ts";
import type { ResourceKind } from "./resource.ts";

/** What a resource takes beside the disk of its plan. */
export const OWN_DISK_GIB: Record<ResourceKind, number> = { server: 0, database: ENGINE_ROOT_DISK_GIB };

/** What a resource needs while it goes from one size to the other. */
export function largerSize(a: SizedPlan["size"], b: SizedPlan["size"]): SizedPlan["size"] {
  return {
    vcpus: Math.max(a.vcpus, b.vcpus),
    memoryMib: Math.max(a.memoryMib, b.memoryMib),
    diskGib: Math.max(a.diskGib, b.diskGib),
  };
}

/** What a resource of a plan's size takes of its region's capacity. */
export function capacityShare<Size extends { diskGib: number }>(kind: ResourceKind, size: Size): Size {
  return { ...size, diskGib: size.diskGib + OWN_DISK_GIB[kind] };
}
