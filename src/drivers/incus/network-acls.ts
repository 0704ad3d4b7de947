import { IncusError } from "./error-table.ts";
import type { IncusRegionOptions } from "./region-options.ts";
import { apiPath, type Transport, type Versioned } from "./transport.ts";
import type { WireAcl, WireNetwork, WireNetworkPut } from "./wire.ts";

export type NetworkAcls = ReturnType<typeof createNetworkAcls>;

/** The requests of the one access list that a region's network has of us, and of the network that it is attached to. */
export function createNetworkAcls(transport: Transport, region: IncusRegionOptions) {
  const name = `cloudnexus-${region.network}`;
  const path = apiPath("network-acls", name);
  const networkPath = apiPath("networks", region.network);
  return {
    name,

    async find(signal: AbortSignal): Promise<Versioned<WireAcl> | null> {
      try {
        return await transport.readVersioned<WireAcl>(path, { signal });
      } catch (error) {
        if (error instanceof IncusError && error.status === 404 && /ACL not found/i.test(error.text)) return null;
        throw error;
      }
    },

    async create(config: Record<string, string>, signal: AbortSignal): Promise<void> {
      const description = "Who may reach which database; kept by CloudNexus";
      const body: WireAcl = { name, description, config, ingress: [], egress: [] };
      await transport.write({ method: "POST", path: apiPath("network-acls"), body, signal });
    },

    /** Fails if somebody has changed it since. */
    async replace({ value, etag }: Versioned<WireAcl>, signal: AbortSignal): Promise<void> {
      const { description, config, ingress, egress } = value;
      await transport.write({
        method: "PUT",
        path,
        body: { description, config, ingress, egress },
        ifMatch: etag,
        signal,
      });
    },

    async network(signal: AbortSignal): Promise<Versioned<WireNetwork>> {
      return await transport.readVersioned<WireNetwork>(networkPath, { signal });
    },

    async replaceNetwork({ value, etag }: Versioned<WireNetworkPut>, signal: AbortSignal): Promise<void> {
      const { description, config } = value;
      await transport.write({ method: "PUT", path: networkPath, body: { description, config }, ifMatch: etag, signal });
    },
  };
}
