import { Context } from "@temporalio/activity";
import type { CreateInstanceInput, WaitForSshInput } from "../src/domain/activity-contracts.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver, OperationDetails, Owner, Probe, WaitContext } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";
import { cloudInitNetworkConfig, cloudInitUserData, type GuestNetwork } from "./cloud-init.ts";

/** What an instance of a region is made with. */
export interface RegionCompute {
  driver: ComputeDriver;
  probe: Probe;
  network: Omit<GuestNetwork, "ipv4">;
  /** Opens what was sealed for a row: a customer's user data. */
  openSecret(box: string, boundTo: string): string;
}

/** What is about to be deleted is switched off at once: nobody will read what it could still write, and a guest that is booting would not listen. */
const NO_GRACE_MS = 0;
const SSH_TIMEOUT_MS = 120_000;

export function instanceActivities(store: Store, compute: RegionCompute) {
  return {
    /** Makes the instance, stopped, with the plan's limits and the keys and address allocated before. */
    async createInstance(input: CreateInstanceInput): Promise<void> {
      const [state, server, publicKeys] = await Promise.all([
        store.servers.state(input.resourceId),
        store.servers.build(input.resourceId),
        store.sshKeys.attached(input.resourceId),
      ]);
      if (!state || !server || state.ipv4 === null) throw new DomainError("resource_deleted");
      await compute.driver.createInstance(
        {
          owner: ownerOf(input),
          imageFingerprint: input.imageFingerprint,
          ipv4: state.ipv4,
          ...state.size,
          userData: cloudInitUserData({
            hostname: hostnameOf(state.name),
            publicKeys,
            userData: server.userDataBox === null ? null : compute.openSecret(server.userDataBox, input.resourceId),
          }),
          networkConfig: cloudInitNetworkConfig({ ...compute.network, ipv4: state.ipv4 }),
          volume: null,
        },
        waitContext(),
      );
    },

    /** Removes the instance with its disk; gone is success. */
    async deleteInstance(input: ActionInput): Promise<void> {
      await compute.driver.deleteInstance(ownerOf(input), waitContext());
    },

    async startInstance(input: ActionInput): Promise<void> {
      await compute.driver.startInstance(ownerOf(input), waitContext());
    },

    /** Switches the instance off, as the step before its delete; stopped or gone is success. */
    async stopInstance(input: ActionInput): Promise<void> {
      await compute.driver.stopInstance(ownerOf(input), NO_GRACE_MS, waitContext());
    },

    /** Returns when the server greets on port 22; fails with `boot_timeout` after 2 minutes. Changes nothing. */
    async waitForSsh(input: WaitForSshInput): Promise<void> {
      const context = Context.current();
      await compute.probe.waitForSsh(input.ipv4, {
        timeoutMs: SSH_TIMEOUT_MS,
        signal: context.cancellationSignal,
        onAttempt: () => context.heartbeat(),
      });
    },
  };
}

function ownerOf(input: ActionInput): Owner {
  return { id: input.resourceId, kind: input.resourceKind, accountId: input.accountId, region: input.region };
}

function waitContext(): WaitContext {
  const context = Context.current();
  return {
    heartbeat: (details) => context.heartbeat(details),
    resumeFrom: context.info.heartbeatDetails as OperationDetails | undefined,
    signal: context.cancellationSignal,
  };
}

/** Names may contain dots and underscores; a hostname label may not. */
function hostnameOf(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/g, "-").replace(/^-+|-+$/g, "");
}
