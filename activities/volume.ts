import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";
import { ownedResource } from "./owned-resource.ts";
import { ownerOf } from "./region-compute.ts";
import { waitOfStep, waitWhileRunning } from "./while-running.ts";

export function volumeActivities(store: Store, driver: ComputeDriver) {
  return {
    /** The disk of the plan, for the customer's data. */
    async createVolume(input: ActionInput): Promise<void> {
      const { size } = await ownedResource(store, input);
      await driver.createVolume({ owner: ownerOf(input), sizeGib: size.diskGib }, waitOfStep(store, input));
    },

    /** Removes the volume with what is on it; gone is success. The undo of a create that was tried again keeps what was on it before. */
    async deleteVolume(input: ActionInput): Promise<void> {
      if (await store.actions.isCreateOfUsed(input.actionId)) return;
      await driver.deleteVolume(ownerOf(input), waitWhileRunning(store, input));
    },
  };
}
