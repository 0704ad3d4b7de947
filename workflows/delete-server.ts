import { type ActionInput, DELETE_SERVER_STEPS } from "../src/domain/workflow-contracts.ts";
import { runDelete } from "./action-run.ts";
import { persistentRegionActivities, persistentStore, waitingStore } from "./activity-options.ts";

/**
 * Takes a server down, whatever state it is in: a complete path of its own that needs nothing of what the create knew, and accepts to find any part missing.
 *
 * Keyed by the server and the attempt (`delete-server/srv_…/1`). Steps, in order: DELETE_SERVER_STEPS. It has no compensation: going on is the only way, so
 * transient failures are retried until the region answers, up to the deadline. A permanent one ends the action `failed`, too; another DELETE goes on from there.
 */
export async function deleteServer(input: ActionInput): Promise<void> {
  const region = persistentRegionActivities(input.region);

  await runDelete(input, DELETE_SERVER_STEPS, async (run) => {
    run.begin("cancel_running_action");
    await waitingStore.cancelRunningAction(input);

    run.begin("stop_instance");
    await region.stopInstance(input);

    run.begin("delete_instance");
    await region.deleteInstance(input);

    run.begin("detach_ssh_keys");
    await persistentStore.detachSshKeys(input);

    run.begin("release_capacity");
    await persistentStore.releaseCapacity(input);

    run.begin("release_ip_address");
    await persistentStore.releaseIpAddress(input);

    run.begin("mark_deleted");
    await persistentStore.markDeleted(input);
  });
}
