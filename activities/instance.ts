import { Context } from "@temporalio/activity";
import type { CreateInstanceInput, WaitForSshInput } from "../src/domain/activity-contracts.ts";
import { DomainError } from "../src/domain/domain-error.ts";
import type { CreateServerInput, ServerActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver, OperationDetails, Owner, Probe, WaitContext } from "../src/drivers/compute.ts";
import type { Store } from "../src/store/store.ts";
import { cloudInitNetworkConfig, cloudInitUserData, type GuestNetwork } from "./cloud-init.ts";

/** What an instance of a region is made with. */
export interface RegionCompute {
  driver: ComputeDriver;
  probe: Probe;
  network: Omit<GuestNetwork, "ipv4">;
  /** Opens what the API sealed: the customer's user data. */
  openUserData(box: string, serverId: string): string;
}

/** What is about to be deleted is switched off at once: nobody will read what it could still write, and a guest that is booting would not listen. */
const NO_GRACE_MS = 0;
const SSH_TIMEOUT_MS = 120_000;

export function instanceActivities(store: Store, compute: RegionCompute) {
  return {
    /** Makes the instance, stopped, with the plan's limits and the keys and address allocated before. */
    async createInstance(input: CreateInstanceInput): Promise<void> {
      const [server, publicKeys] = await Promise.all([
        store.servers.build(input.serverId),
        store.sshKeys.attached(input.serverId),
      ]);
      if (!server || server.ipv4 === null) throw new DomainError("resource_deleted");
      await compute.driver.createInstance(
        {
          owner: ownerOf(input),
          imageFingerprint: input.imageFingerprint,
          ipv4: server.ipv4,
          ...server.size,
          userData: cloudInitUserData({
            hostname: hostnameOf(server.name),
            publicKeys,
            userData: server.userDataBox === null ? null : compute.openUserData(server.userDataBox, input.serverId),
          }),
          networkConfig: cloudInitNetworkConfig({ ...compute.network, ipv4: server.ipv4 }),
          volume: null,
        },
        waitContext(),
      );
    },

    /** Removes the instance with its disk; gone is success. */
    async deleteInstance(input: ServerActionInput): Promise<void> {
      await compute.driver.deleteInstance(ownerOf(input), waitContext());
    },

    async startInstance(input: CreateServerInput): Promise<void> {
      await compute.driver.startInstance(ownerOf(input), waitContext());
    },

    /** Switches the instance off, as the step before its delete; stopped or gone is success. */
    async stopInstance(input: ServerActionInput): Promise<void> {
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

function ownerOf(input: ServerActionInput): Owner {
  return { id: input.serverId, kind: "server", accountId: input.accountId, region: input.region };
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
