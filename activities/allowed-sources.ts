import { normaliseCidr } from "../src/domain/ipv4.ts";

/**
 * Who may reach a database: the sources of its row, or the region's network where it has none, and always the region's gateway: from there the control plane
 * proves that the engine answers.
 */
export function allowedSources(trustedSources: string[], network: { gateway: string; prefixLength: number }): string[] {
  const regionNetwork = normaliseCidr(`${network.gateway}/${network.prefixLength}`);
  if (regionNetwork === null) throw new Error("BUG: the region's gateway is no address");
  const sources = trustedSources.length > 0 ? trustedSources : [regionNetwork];
  return [...new Set([...sources, `${network.gateway}/32`])];
}
