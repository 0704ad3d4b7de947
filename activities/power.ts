import type { FoundInput, InstanceFound } from "../src/domain/activity-contracts.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { SHUTDOWN_GRACE_MS } from "./instance.ts";
import { ownedResource } from "./owned-resource.ts";
import { ownerOf, type RegionCompute, waitContext } from "./region-compute.ts";
import { waitWhileRunning } from "./while-running.ts";

export function powerActivities(store: Store, { driver }: RegionCompute) {
  return {
    /** How the instance is before the action changes it: its guest may have switched itself off since the rows were written. Changes nothing. */
    async lookAtInstance(input: ActionInput): Promise<InstanceFound> {
      const { ipv4 } = await ownedResource(store, input);
      const { status, imageFingerprint } = await driver.lookAtInstance(ownerOf(input), waitContext());
      if (ipv4 === null) throw new DomainError("resource_deleted");
      return { isRunning: status !== "stopped", ipv4, imageFingerprint };
    },

    /** Undoes what an action did to the power, and writes down how it is. */
    async restorePower({ isRunning, ...input }: FoundInput): Promise<void> {
      const owner = ownerOf(input);
      const wait = waitWhileRunning(store, input);
      if (isRunning) await driver.startInstance(owner, wait);
      else await driver.stopInstance(owner, SHUTDOWN_GRACE_MS, wait);
      await store.servers.setPowerState(input.resourceId, input.actionId, isRunning ? "running" : "stopped");
    },
  };
}
