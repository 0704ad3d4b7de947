import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput, AddressAllocated } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

export function ipAddressActivities(store: Store) {
  return {
    /**
     * The first step of a create. It takes an address for the resource, or returns the one it has, unless a delete has taken the resource over or somebody asked to cancel. Fails with
     * `no_capacity` when the region's pool is exhausted.
     */
    async allocateIpAddress(input: ActionInput): Promise<AddressAllocated> {
      const claim = store.transaction(async ({ resources, ipAddresses }) => {
        const rows = resources[input.resourceKind];
        const resource = await rows.lock(input.resourceId);
        if (resource?.status !== "provisioning" || resource.actionId !== input.actionId) {
          throw new DomainError("resource_deleted", { internal: "the resource was deleted before its create began" });
        }
        const ipv4 = await ipAddresses.claim(input.region, input.resourceId);
        if (ipv4 === null) {
          throw new DomainError("no_capacity", { internal: `region ${input.region} has no free address` });
        }
        await rows.setIpv4(input.resourceId, ipv4);
        return { ipv4 };
      });
      const [address, { isToCancel }] = await Promise.all([claim, store.actions.markStarted(input.actionId)]);
      if (isToCancel) throw new DomainError("cancelled");
      return address;
    },

    async releaseIpAddress(input: ActionInput): Promise<void> {
      await store.transaction(async ({ resources, ipAddresses }) => {
        const rows = resources[input.resourceKind];
        await rows.lock(input.resourceId);
        await ipAddresses.release(input.resourceId);
        await rows.setIpv4(input.resourceId, null);
      });
    },
  };
}
