import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput, AddressAllocated } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { whileRunning } from "./while-running.ts";

export function ipAddressActivities(store: Store) {
  const claim = async (input: ActionInput) => {
    const first = await store.ipAddresses.claim(input);
    if (!first.isOwner || first.isToCancel || first.ipv4 !== null) return first;
    const last = await store.transaction(({ ipAddresses }) => ipAddresses.claimLast(input));
    return { ...first, ...last };
  };

  return {
    /**
     * The first step of a create. It takes an address for the resource, or returns the one it has, unless a delete has taken the resource over or somebody asked to cancel. Fails with
     * `no_capacity` when the region's pool is exhausted.
     */
    async allocateIpAddress(input: ActionInput): Promise<AddressAllocated> {
      const { isOwner, isToCancel, ipv4 } = await claim(input);
      if (!isOwner) {
        throw new DomainError("resource_deleted", { internal: "the resource was deleted before its create began" });
      }
      if (isToCancel) throw new DomainError("cancelled");
      if (ipv4 === null) {
        throw new DomainError("no_capacity", { internal: `region ${input.region} has no free address` });
      }
      return { ipv4 };
    },

    async releaseIpAddress(input: ActionInput): Promise<void> {
      await whileRunning(store, input, async ({ resources, ipAddresses }) => {
        await ipAddresses.release(input.resourceId);
        await resources[input.resourceKind].setIpv4(input.resourceId, null);
      });
    },
  };
}
