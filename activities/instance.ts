import type { CreateInstanceInput, WaitForSshInput } from "../src/domain/activity-contracts.ts";
import { DATA_PATH, ENGINE_ROOT_DISK_GIB } from "../src/domain/database.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { InstanceSpec } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";
import { cloudInitNetworkConfig } from "./cloud-init.ts";
import { ownedResource } from "./owned-resource.ts";
import { ownerOf, probeWait, type RegionCompute } from "./region-compute.ts";
import { userDataOf } from "./server-user-data.ts";
import { waitOfStep, waitWhileRunning } from "./while-running.ts";

/** What is about to be deleted is switched off at once: nobody will read what it could still write, and a guest that is booting would not listen. */
const NO_GRACE_MS = 0;
/** What will be started again may write what it has in memory. */
export const SHUTDOWN_GRACE_MS = 30_000;
const SSH_TIMEOUT_MS = 120_000;

export function instanceActivities(store: Store, compute: RegionCompute) {
  /** An instance that was missing may be back when its create is tried again: it has the address from before, and what is on it was written before. */
  async function isOfEarlierCreate(input: ActionInput): Promise<boolean> {
    if (!(await store.actions.isCreateOfUsed(input.actionId))) return false;
    const [instance, row] = await Promise.all([
      compute.driver.findInstance(ownerOf(input)),
      store.resources[input.resourceKind].state(input.resourceId),
    ]);
    return instance !== null && instance.ipv4 !== row?.ipv4;
  }

  return {
    /** Makes the instance, stopped, with the plan's limits, the address and whatever else was allocated before. */
    async createInstance(input: CreateInstanceInput): Promise<void> {
      const spec = await (input.resourceKind === "server" ? serverSpec : databaseSpec)(store, compute, input);
      const { imageFingerprint } = input;
      await compute.driver.createInstance(
        { owner: ownerOf(input), imageFingerprint, ...spec },
        waitOfStep(store, input),
      );
    },

    /** Removes the instance with its disk; gone is success. The undo of a create that was tried again leaves the one from before. */
    async deleteInstance(input: ActionInput): Promise<void> {
      if (await isOfEarlierCreate(input)) return;
      await compute.driver.deleteInstance(ownerOf(input), waitWhileRunning(store, input));
    },

    async startInstance(input: ActionInput): Promise<void> {
      const wait = waitOfStep(store, input);
      // The row is looked at while the instance is.
      const owned = ownedResource(store, input);
      const isWanted = () => owned.then(wait.isWanted);
      await Promise.all([owned, compute.driver.startInstance(ownerOf(input), { ...wait, isWanted })]);
    },

    /** Switches the instance off, as the step before its delete; stopped or gone is success. */
    async stopInstance(input: ActionInput): Promise<void> {
      await compute.driver.stopInstance(ownerOf(input), NO_GRACE_MS, waitWhileRunning(store, input));
    },

    /** Lets the guest end in order, for half a minute; stopped is success. */
    async shutDownInstance(input: ActionInput): Promise<void> {
      await ownedResource(store, input);
      await compute.driver.stopInstance(ownerOf(input), SHUTDOWN_GRACE_MS, waitOfStep(store, input));
    },

    /** Undoes a shutdown; running is success. */
    async bootInstance(input: ActionInput): Promise<void> {
      await compute.driver.startInstance(ownerOf(input), waitWhileRunning(store, input));
    },

    /** Returns when the server greets on port 22; fails with `boot_timeout` after 2 minutes. Changes nothing. */
    async waitForSsh(input: WaitForSshInput): Promise<void> {
      await compute.probe.waitForSsh(input.ipv4, probeWait(SSH_TIMEOUT_MS));
    },
  };
}

type Spec = Omit<InstanceSpec, "owner" | "imageFingerprint">;

async function serverSpec(store: Store, compute: RegionCompute, { resourceId }: ActionInput): Promise<Spec> {
  const server = await store.servers.build(resourceId);
  if (!server || server.ipv4 === null) throw new DomainError("resource_deleted");
  const { ipv4, size } = server;
  return {
    ipv4,
    ...size,
    userData: userDataOf(resourceId, server, compute),
    networkConfig: cloudInitNetworkConfig({ ...compute.network, ipv4 }),
    volume: null,
  };
}

/** It is configured by files that are written into it; the plan's disk is its volume. */
async function databaseSpec(store: Store, _compute: RegionCompute, { resourceId }: ActionInput): Promise<Spec> {
  const database = await store.databases.state(resourceId);
  if (!database || database.ipv4 === null) throw new DomainError("resource_deleted");
  const { ipv4, size } = database;
  const diskGib = ENGINE_ROOT_DISK_GIB;
  return { ipv4, ...size, diskGib, userData: null, networkConfig: null, volume: { path: DATA_PATH } };
}
