import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";
import { accessRulesOf, allowedSources } from "./allowed-sources.ts";
import { agentOf, ask, requestName } from "./engine-agent.ts";
import { ownedDatabase } from "./owned-resource.ts";
import { ownerOf, type RegionCompute } from "./region-compute.ts";
import { waitOfStep, waitWhileRunning } from "./while-running.ts";

/** The engine reloads its rules, no more. */
const APPLY_TIMEOUT_MS = 60_000;

/** Who may reach a database is held twice: by rules on the region's network, and by firewall and engine in the guest. */
export function accessRuleActivities(store: Store, compute: RegionCompute) {
  async function setRules(input: ActionInput, trustedSources: string[] | null): Promise<void> {
    const database = await ownedDatabase(store, input);
    const wanted = { ...database, trustedSources: trustedSources ?? database.trustedSources };
    const rules = accessRulesOf(wanted, compute.network);
    await compute.driver.setAccessRules(ownerOf(input), rules, waitOfStep(store, input));
  }

  async function tellAgent(input: ActionInput, name: string, trustedSources: string[] | null): Promise<void> {
    const database = await ownedDatabase(store, input);
    const sources = allowedSources(trustedSources ?? database.trustedSources, compute.network);
    const request = { kind: "trusted_sources", trusted_sources: sources } as const;
    await ask(agentOf(compute.driver, input), name, request, APPLY_TIMEOUT_MS);
  }

  /** The sources before the action; null where a delete took the database over, and nothing is to be restored. */
  async function sourcesBefore(input: ActionInput): Promise<string[] | null> {
    const [database, change] = await Promise.all([
      store.databases.state(input.resourceId),
      store.actions.parameters(input.actionId),
    ]);
    return database?.actionId === input.actionId ? (change?.trusted_sources?.from ?? null) : null;
  }

  return {
    /** Lets only the sources of the row reach the database's address. */
    async restrictAccess(input: ActionInput): Promise<void> {
      await setRules(input, null);
    },

    async removeAccessRules(input: ActionInput): Promise<void> {
      await compute.driver.removeAccessRules(ownerOf(input), waitWhileRunning(store, input));
    },

    /** Undoes `restrictAccess` of a change. */
    async restoreAccess(input: ActionInput): Promise<void> {
      const before = await sourcesBefore(input);
      if (before) await setRules(input, before);
    },

    /** The same in the guest. */
    async applyTrustedSources(input: ActionInput): Promise<void> {
      await tellAgent(input, requestName(input, 1, "sources"), null);
    },

    async restoreTrustedSources(input: ActionInput): Promise<void> {
      const before = await sourcesBefore(input);
      if (before) await tellAgent(input, requestName(input, 2, "sources-before"), before);
    },
  };
}
