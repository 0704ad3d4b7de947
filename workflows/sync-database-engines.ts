import type { RegionInput } from "../src/domain/workflow-contracts.ts";
import { regionActivities } from "./activity-options.ts";
import { onAnyBuild } from "./any-build.ts";

/** Started by a schedule, and whenever a worker starts: what a region offers is what it really has. Repeating it is harmless. */
export async function syncDatabaseEngines(input: RegionInput): Promise<number> {
  return regionActivities(input.region).syncDatabaseEngines(input);
}

onAnyBuild(syncDatabaseEngines);
