import { CancellationScope, setCurrentDetails } from "@temporalio/workflow";
import type { DeleteServerInput, DeleteServerStep } from "../src/domain/workflow-contracts.ts";
import { actionFailure, assertStepFailure, workflowFailure } from "./action-failure.ts";
import { persistentRegionActivities, persistentStore, waitingStore } from "./activity-options.ts";

/**
 * Takes a server down, whatever state it is in: a complete path of its own that needs nothing of what the create knew, and accepts to find any part missing.
 *
 * Keyed by the server and the attempt (`delete-server/srv_…/1`). Steps, in order: DELETE_SERVER_STEPS. It has no compensation: going on is the only way, so
 * transient failures are retried until the region answers. A permanent one ends the action `failed`; another DELETE goes on from there.
 */
export async function deleteServer(input: DeleteServerInput): Promise<void> {
  const region = persistentRegionActivities(input.region);

  let step: DeleteServerStep = "cancel_create";
  const begin = (next: DeleteServerStep) => {
    step = next;
    setCurrentDetails(next.replaceAll("_", " "));
  };

  try {
    begin("cancel_create");
    await waitingStore.cancelCreate(input);

    begin("stop_instance");
    await region.stopInstance(input);

    begin("delete_instance");
    await region.deleteInstance(input);

    begin("detach_ssh_keys");
    await persistentStore.detachSshKeys(input);

    begin("release_capacity");
    await persistentStore.releaseCapacity(input);

    begin("release_ip_address");
    await persistentStore.releaseIpAddress(input);

    begin("mark_deleted");
    await persistentStore.markDeleted(input);
  } catch (error) {
    assertStepFailure(error);
    const failure = actionFailure(error, step, []);
    await CancellationScope.nonCancellable(() => persistentStore.markDeleteFailed({ ...input, failure }));
    throw workflowFailure(error, failure);
  }
}
