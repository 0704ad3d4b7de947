import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

export function trustedSourceActivities(store: Store) {
  return {
    /** The request wrote the new sources on the row; a change that failed shows the old ones again, which are in force. */
    async takeBackTrustedSources(input: ActionInput): Promise<void> {
      await store.transaction(async ({ databases, actions }) => {
        const database = await databases.lock(input.resourceId);
        const change = await actions.parameters(input.actionId);
        if (database?.actionId !== input.actionId || !change?.trusted_sources) return;
        await databases.setTrustedSources(input.resourceId, change.trusted_sources.from);
      });
    },
  };
}
