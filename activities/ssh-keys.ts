import { DomainError } from "../src/domain/domain-error.ts";
import type { CreateServerInput, ServerActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

export function sshKeyActivities(store: Store) {
  return {
    /**
     * Copies the public keys that the request named to the server, so that a key deleted later changes nothing for it. Fails with `ssh_key_unavailable` if
     * one was deleted since the request.
     */
    async attachSshKeys(input: CreateServerInput): Promise<void> {
      const server = await store.servers.build(input.serverId);
      if (!server) throw new DomainError("resource_deleted");
      const attached = await store.sshKeys.attach(input.serverId, server.sshKeyIds, input.accountId);
      if (attached < new Set(server.sshKeyIds).size) throw new DomainError("ssh_key_unavailable");
    },

    async detachSshKeys(input: ServerActionInput): Promise<void> {
      await store.sshKeys.detach(input.serverId);
    },
  };
}
