import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  Trigger,
} from "@temporalio/workflow";
import type { AddressAllocated, CreateServerInput, CreateServerStep } from "../src/domain/workflow-contracts.ts";
import { actionFailure, assertStepFailure, workflowFailure } from "./action-failure.ts";
import { persistentStore, regionActivities, regionUndos, store } from "./activity-options.ts";
import { Compensation } from "./compensation.ts";
import { addressAllocated } from "./messages.ts";

/**
 * Makes a server out of an accepted row.
 *
 * Keyed by the server and the attempt (`create-server/srv_…/1`). Steps, in order: CREATE_SERVER_STEPS. Cancelled by a DELETE: whatever was done is undone,
 * newest first, and the action ends `cancelled`. On a failure the same, and the server stays as `failed` with its reason.
 */
export async function createServer(input: CreateServerInput): Promise<void> {
  const compensation = new Compensation();
  const region = regionActivities(input.region);
  const undo = regionUndos(input.region);

  let step: CreateServerStep = "allocate_ip_address";
  const begin = (next: CreateServerStep) => {
    step = next;
    setCurrentDetails(next.replaceAll("_", " "));
  };
  const firstAnswer = new Trigger<AddressAllocated>();
  // A failure that nobody asked about is no unhandled rejection: the action row tells it.
  firstAnswer.then(undefined, () => undefined);
  setHandler(addressAllocated, async () => firstAnswer);

  try {
    begin("allocate_ip_address");
    compensation.add("release_ip_address", () => persistentStore.releaseIpAddress(input), { needs: "delete_instance" });
    const address = await store.allocateIpAddress(input);
    firstAnswer.resolve(address);

    begin("reserve_capacity");
    compensation.add("release_capacity", () => persistentStore.releaseCapacity(input), { needs: "delete_instance" });
    await store.reserveCapacity(input);

    begin("resolve_image"); // no undo: it only reads
    const image = await region.resolveImage(input);

    begin("attach_ssh_keys");
    compensation.add("detach_ssh_keys", () => persistentStore.detachSshKeys(input));
    await store.attachSshKeys(input);

    begin("create_instance");
    compensation.add("delete_instance", () => undo.deleteInstance(input));
    await region.createInstance({ ...input, imageFingerprint: image.fingerprint });

    begin("start_instance");
    compensation.add("stop_instance", () => undo.stopInstance(input));
    await region.startInstance(input);

    begin("wait_for_ssh"); // no undo: it only looks
    await region.waitForSsh({ ...input, ...address });

    begin("mark_active");
    compensation.add("unmark_active", () => persistentStore.unmarkActive(input));
    await persistentStore.markActive(input);
  } catch (error) {
    assertStepFailure(error);
    setCurrentDetails(`undoing after a failure in ${step.replaceAll("_", " ")}`);
    await CancellationScope.nonCancellable(async () => {
      const failure = actionFailure(error, step, await compensation.unwind());
      await persistentStore.markFailed({ ...input, failure });
      const end = workflowFailure(error, failure);
      firstAnswer.reject(end);
      await condition(allHandlersFinished);
      throw end;
    });
  }
}
