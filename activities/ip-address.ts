import { DomainError } from "../src/domain/domain-error.ts";
import type { AddressAllocated, CreateServerInput, ServerActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

export function ipAddressActivities(store: Store) {
  return {
    /**
     * The first step of a create. It takes an address for the server, or returns the one it has, unless a delete has taken the server over. Fails with
     * `no_capacity` when the region's pool is exhausted.
     */
    async allocateIpAddress(input: CreateServerInput): Promise<AddressAllocated> {
      return store.transaction(async ({ servers, actions, ipAddresses }) => {
        const server = await servers.lock(input.serverId);
        if (server?.status !== "provisioning" || server.actionId !== input.actionId) {
          throw new DomainError("resource_deleted", { internal: "the server was deleted before its create began" });
        }
        await actions.markStarted(input.actionId);
        const ipv4 = await ipAddresses.claim(input.region, input.serverId);
        if (ipv4 === null) {
          throw new DomainError("no_capacity", { internal: `region ${input.region} has no free address` });
        }
        await servers.setIpv4(input.serverId, ipv4);
        return { ipv4 };
      });
    },

    async releaseIpAddress(input: ServerActionInput): Promise<void> {
      await store.transaction(async ({ servers, ipAddresses }) => {
        await servers.lock(input.serverId);
        await ipAddresses.release(input.serverId);
        await servers.setIpv4(input.serverId, null);
      });
    },
  };
}
