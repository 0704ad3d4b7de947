import { DomainError } from "../src/domain/domain-error.ts";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { whileRunning } from "./while-running.ts";

export function sshKeyActivities(store: Store) {
  return {
    /**
     * Copies the public keys that the request named to the server, so that a key deleted later changes nothing for it. Fails with `ssh_key_unavailable` if
     * one was deleted since the request.
     */
    async attachSshKeys(input: ActionInput): Promise<void> {
      const server = await store.servers.build(input.resourceId);
      if (!server) throw new DomainError("resource_deleted");
      if (server.sshKeyIds.length === 0) return;
      const attached = await store.sshKeys.attach(input.resourceId, server.sshKeyIds, input.accountId, input.actionId);
      if (attached < new Set(server.sshKeyIds).size) throw new DomainError("ssh_key_unavailable");
    },

    async detachSshKeys(input: ActionInput): Promise<void> {
      await whileRunning(store, input, ({ sshKeys }) => sshKeys.detach(input.resourceId));
    },
  };
}
