import { ENGINE_ROOT_DISK_GIB } from "./database.ts";
import type { ResourceKind } from "./resource.ts";

/** What a resource takes beside the disk of its plan. */
const OWN_DISK_GIB: Record<ResourceKind, number> = { server: 0, database: ENGINE_ROOT_DISK_GIB };

/** What a resource of a plan's size takes of its region's capacity. */
export function capacityShare<Size extends { diskGib: number }>(kind: ResourceKind, size: Size): Size {
  return { ...size, diskGib: size.diskGib + OWN_DISK_GIB[kind] };
}
