import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import { persistentStore, regionActivities, regionUndos } from "./activity-options.ts";
import * as phases from "./phases.ts";

/**
 * Puts the sources that a PATCH wrote on the row in force: on the region's network, and in the guest.
 *
 * Keyed by the database and the attempt (`update-trusted-sources-database/db_…/1`). Steps, in order: UPDATE_TRUSTED_SOURCES_STEPS. On a failure the sources from
 * before are in force, and on the row.
 */
export async function updateTrustedSources(input: ActionInput): Promise<void> {
  const region = regionActivities(input.region);
  const undo = regionUndos(input.region);

  await runAction(input, async (run) => {
    run.begin("restrict_access");
    run.compensation.add("take_back_trusted_sources", () => persistentStore.takeBackTrustedSources(input));
    run.compensation.add("restore_access", () => undo.restoreAccess(input));
    await region.restrictAccess(input);

    run.begin("apply_trusted_sources");
    run.compensation.add("restore_trusted_sources", () => undo.restoreTrustedSources(input));
    await region.applyTrustedSources(input);

    await phases.markActive(run, "active");
  });
}
