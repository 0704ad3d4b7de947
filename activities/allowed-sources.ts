import { type DatabaseEngine, ENGINE_ENDPOINTS } from "../src/domain/database.ts";
import { normaliseCidr } from "../src/domain/ipv4.ts";
import type { AccessRules } from "../src/drivers/compute.ts";

type RegionNetwork = { gateway: string; prefixLength: number };

/** The rules on the region's network of a database with these sources. */
export function accessRulesOf(
  { ipv4, engine, trustedSources }: { ipv4: string; engine: DatabaseEngine; trustedSources: string[] },
  network: RegionNetwork,
): AccessRules {
  return { ipv4, port: ENGINE_ENDPOINTS[engine].port, sources: allowedSources(trustedSources, network) };
}

/**
 * Who may reach a database: the sources of its row, or the region's network where it has none, and always the region's gateway: from there the control plane
 * proves that the engine answers.
 */
export function allowedSources(trustedSources: string[], network: RegionNetwork): string[] {
  const regionNetwork = normaliseCidr(`${network.gateway}/${network.prefixLength}`);
  if (regionNetwork === null) throw new Error("BUG: the region's gateway is no address");
  const sources = trustedSources.length > 0 ? trustedSources : [regionNetwork];
  return [...new Set([...sources, `${network.gateway}/32`])];
}
