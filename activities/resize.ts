import type { SizedPlan } from "../src/domain/action.ts";
import type { FoundInput } from "../src/domain/activity-contracts.ts";
import { capacityShare, largerSize } from "../src/domain/capacity-share.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Repositories, Store } from "../src/store/store.ts";
import { succeedWith, takeBackSuccess } from "./action-success.ts";
import { ownedResource } from "./owned-resource.ts";
import { ownerOf, type RegionCompute } from "./region-compute.ts";
import { waitOfStep, waitWhileRunning, whileRunning } from "./while-running.ts";

/** The rows of a resize. */
export function resizeActivities(store: Store, catalog: Catalog) {
  return {
    /**
     * Promises the larger of both sizes until the end, so that either can be had: what is given up is given back only then. Fails with `no_capacity` if the
     * region has no room for it.
     */
    async claimCapacity(input: ActionInput): Promise<void> {
      const { from, to } = await sizesOf(store, input);
      await ownedResource(store, input);
      const limit = catalog.regions[input.region]?.capacity ?? null;
      const share = shareOf(input, largerSize(from.size, to.size));
      const fits = await store.transaction(async ({ actions, capacity }) => {
        // A late attempt, which nobody would take back.
        if (!(await actions.lockRunning(input))) return true;
        return capacity.change(input.resourceId, input.region, share, limit);
      });
      if (!fits) throw new DomainError("no_capacity", { internal: `region ${input.region} has promised all it has` });
    },

    /** To the region, and to the account its quota, which the request took. */
    async returnCapacity(input: ActionInput): Promise<void> {
      const { from } = await sizesOf(store, input);
      await whileRunning(store, input, async ({ capacity, quotas }) => {
        await capacity.change(input.resourceId, input.region, shareOf(input, from.size), null);
        await quotas.resize(input.resourceId, from.size, null);
      });
    },

    async markResized({ isRunning, ...input }: FoundInput): Promise<void> {
      const { to } = await sizesOf(store, input);
      await succeedWith(store, input, async ({ servers, capacity, quotas }) => {
        if (!(await servers.setPlan(input.resourceId, input.actionId, to))) return false;
        await servers.setPowerState(input.resourceId, input.actionId, isRunning ? "running" : "stopped");
        await capacity.change(input.resourceId, input.region, shareOf(input, to.size), null);
        await quotas.resize(input.resourceId, to.size, null);
        return true;
      });
    },

    async unmarkResized(input: ActionInput): Promise<void> {
      const { from } = await sizesOf(store, input);
      await takeBackSuccess(store, input, ({ servers }) => servers.setPlan(input.resourceId, input.actionId, from));
    },
  };
}

/** The instance of a resize. */
export function instanceSizeActivities(store: Store, { driver }: RegionCompute) {
  return {
    async resizeInstance(input: ActionInput): Promise<void> {
      const { to } = await sizesOf(store, input);
      await ownedResource(store, input);
      await driver.resizeInstance(ownerOf(input), to.size, waitOfStep(store, input));
    },

    async restoreSize(input: ActionInput): Promise<void> {
      const { from } = await sizesOf(store, input);
      await driver.resizeInstance(ownerOf(input), from.size, waitWhileRunning(store, input));
    },
  };
}

async function sizesOf(
  { actions }: Repositories,
  { actionId }: ActionInput,
): Promise<{ from: SizedPlan; to: SizedPlan }> {
  const resize = (await actions.parameters(actionId))?.resize;
  if (!resize) throw new Error(`BUG: the resize ${actionId} does not say to what`);
  return resize;
}

function shareOf(input: ActionInput, size: SizedPlan["size"]): SizedPlan["size"] {
  return capacityShare(input.resourceKind, size);
}
