import type { Inventory } from "../compute.ts";
import { allAccessRules } from "./access-rules.ts";
import { dataPathOf, viewOf } from "./instances.ts";
import { ownerFromTags } from "./ownership.ts";
import type { Region } from "./region.ts";

/** What carries our tags, and this region's name. What is foreign is not in it, whatever its name is. */
export async function takeInventory(region: Region, signal: AbortSignal): Promise<Inventory> {
  const [instances, volumes, accessRules] = await Promise.all([
    region.instances.list(signal),
    region.volumes.list(signal),
    allAccessRules(region, signal),
  ]);
  return {
    instances: instances.flatMap((instance) => {
      const { owner, ...view } = viewOf(instance);
      if (owner?.region !== region.name) return [];
      return [{ ...view, owner, createdAt: timeOf(instance.created_at), hasVolume: dataPathOf(instance) !== null }];
    }),
    volumes: volumes.flatMap(({ config, created_at: createdAt }) => {
      const owner = ownerFromTags(config);
      return owner?.region === region.name ? [{ owner, createdAt: timeOf(createdAt) }] : [];
    }),
    accessRules,
  };
}

/** What is older than Incus' noting of such times has one of the year 1. */
function timeOf(text: string | undefined): Date | null {
  const time = new Date(text ?? "");
  return time.getTime() > 0 ? time : null;
}
