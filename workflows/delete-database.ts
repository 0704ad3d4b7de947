import { type ActionInput, DELETE_DATABASE_STEPS } from "../src/domain/workflow-contracts.ts";
import { runDelete } from "./action-run.ts";
import { persistentRegionActivities, persistentStore, waitingStore } from "./activity-options.ts";

/**
 * Takes a database down with its data, whatever state it is in: a complete path of its own that needs nothing of what the create knew, and accepts to find any
 * part missing.
 *
 * Keyed by the database and the attempt (`delete-database/db_…/1`). Steps, in order: DELETE_DATABASE_STEPS. It has no compensation: going on is the only way, so
 * transient failures are retried until the region answers, up to the deadline. A permanent one ends the action `failed`, too; another DELETE goes on from there.
 */
export async function deleteDatabase(input: ActionInput): Promise<void> {
  const region = persistentRegionActivities(input.region);

  await runDelete(input, DELETE_DATABASE_STEPS, async (run) => {
    run.begin("cancel_running_action");
    await waitingStore.cancelRunningAction(input);

    run.begin("stop_instance");
    await region.stopInstance(input);

    run.begin("delete_instance");
    await region.deleteInstance(input);

    run.begin("delete_volume");
    await region.deleteVolume(input);

    run.begin("remove_access_rules");
    await region.removeAccessRules(input);

    run.begin("discard_certificate");
    await persistentStore.discardCertificate(input);

    run.begin("forget_credentials");
    await persistentStore.forgetCredentials(input);

    run.begin("release_capacity");
    await persistentStore.releaseCapacity(input);

    run.begin("release_ip_address");
    await persistentStore.releaseIpAddress(input);

    run.begin("mark_deleted");
    await persistentStore.markDeleted(input);
  });
}
