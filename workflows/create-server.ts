import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { persistentStore, regionActivities, store } from "./activity-options.ts";
import { runCreate } from "./create-run.ts";
import * as phases from "./phases.ts";

/**
 * Makes a server out of an accepted row.
 *
 * Keyed by the server and the attempt (`create-server/srv_…/1`). Steps, in order: CREATE_SERVER_STEPS. Cancelled by a DELETE: whatever was done is undone,
 * newest first, and the action ends `cancelled`. On a failure the same, and the server stays as `failed` with its reason.
 */
export function createServer(input: ActionInput): Promise<void> {
  return runCreate(input, async (run) => {
    const address = await phases.allocateIpAddress(run);
    await phases.reserveCapacity(run);
    const image = await phases.resolveImage(run);

    run.begin("attach_ssh_keys");
    run.compensation.add("detach_ssh_keys", () => persistentStore.detachSshKeys(input));
    await store.attachSshKeys(input);

    await phases.createInstance(run, image);
    await phases.startInstance(run);

    run.begin("wait_for_ssh"); // no undo: it only looks
    await regionActivities(input.region).waitForSsh({ ...input, ...address });

    await phases.markActive(run, "provisioning");
  });
}
