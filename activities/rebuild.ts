import type { FoundInput, RebuildInstanceInput, ResolvedImage } from "../src/domain/activity-contracts.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { WaitContext } from "../src/drivers/compute.ts";
import type { Repositories, Store } from "../src/store/store.ts";
import { succeedWith, takeBackSuccess } from "./action-success.ts";
import { ownedResource } from "./owned-resource.ts";
import { ownerOf, type RegionCompute } from "./region-compute.ts";
import { userDataOf } from "./server-user-data.ts";
import { waitOfStep, waitWhileRunning } from "./while-running.ts";

/** Nothing of a new disk, or of one that is about to go, has to be written. */
const NO_GRACE_MS = 0;

/** The row of a rebuild. */
export function rebuildActivities(store: Store) {
  return {
    async markRebuilt(input: ActionInput): Promise<void> {
      const { to } = await imagesOf(store, input);
      await succeedWith(store, input, async ({ servers }) => {
        if (!(await servers.setImage(input.resourceId, input.actionId, to))) return false;
        return servers.setPowerState(input.resourceId, input.actionId, "running");
      });
    },

    async unmarkRebuilt(input: ActionInput): Promise<void> {
      const { from } = await imagesOf(store, input);
      await takeBackSuccess(store, input, ({ servers }) => servers.setImage(input.resourceId, input.actionId, from));
    },
  };
}

/** The instance of a rebuild. */
export function instanceRebuildActivities(store: Store, compute: RegionCompute, catalog: Catalog) {
  const { driver } = compute;
  const findImage = async (region: string, image: string): Promise<ResolvedImage> => {
    const alias = catalog.regions[region]?.images[image];
    if (alias === undefined) throw new DomainError("image_unavailable");
    const { fingerprint } = await driver.findImage(alias);
    return { fingerprint };
  };

  const makeDisk = async (input: ActionInput, imageFingerprint: string, wait: WaitContext): Promise<void> => {
    const server = await store.servers.build(input.resourceId);
    if (!server) throw new DomainError("resource_deleted");
    const userData = userDataOf(input.resourceId, server, compute);
    await driver.rebuildInstance(ownerOf(input), { imageFingerprint, userData }, wait);
  };

  return {
    /** From the image that was asked for to the exact one that the region has now. Nothing is made. */
    async resolveNewImage(input: ActionInput): Promise<ResolvedImage> {
      return findImage(input.region, (await imagesOf(store, input)).to);
    },

    async rebuildInstance({ newFingerprint, ...input }: RebuildInstanceInput): Promise<void> {
      await ownedResource(store, input);
      await makeDisk(input, newFingerprint, waitOfStep(store, input));
    },

    /**
     * The undo of a rebuild can't bring the old disk back. Where that is gone for one of another image, the server gets a new disk of the image that its row names;
     * a disk of the image that it had, the old one among them, is not touched.
     */
    async bringBackImage({ imageFingerprint, ...input }: FoundInput): Promise<void> {
      const owner = ownerOf(input);
      const wait = waitWhileRunning(store, input);
      const now = await driver.lookAtInstance(owner, wait);
      if (now.imageFingerprint === imageFingerprint) return;
      const { from } = await imagesOf(store, input);
      const { fingerprint } = await findImage(input.region, from);
      await driver.stopInstance(owner, NO_GRACE_MS, wait);
      await makeDisk(input, fingerprint, wait);
    },
  };
}

async function imagesOf({ actions }: Repositories, { actionId }: ActionInput): Promise<{ from: string; to: string }> {
  const rebuild = (await actions.parameters(actionId))?.rebuild;
  if (!rebuild) throw new Error(`BUG: the rebuild ${actionId} does not say of which image`);
  return rebuild;
}
