import type { ApiClient } from "./api-client.ts";
import { waitUntil } from "./wait.ts";

/** A worker that has just started looks up what its regions have, one region after the other. */
export function enginesOffered(api: ApiClient, regions: readonly string[]): Promise<void> {
  return waitUntil("every region offers its engines", async () => {
    const offering = new Set((await api.list("/v1/database_engines")).flatMap((engine) => engine.regions));
    return regions.every((region) => offering.has(region));
  });
}
