import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import { persistentStore, regionActivities, regionUndos, store } from "./activity-options.ts";
import * as phases from "./phases.ts";

/**
 * Gives a server the size of another plan, running or not.
 *
 * Keyed by the server and the attempt (`resize-server/srv_…/1`). Steps, in order: RESIZE_SERVER_STEPS. On a failure it has the size and the plan from before.
 */
export async function resizeServer(input: ActionInput): Promise<void> {
  const undo = regionUndos(input.region);

  await runAction(input, async (run) => {
    // First of all: the request has taken the account's quota already.
    run.compensation.add("return_capacity", () => persistentStore.returnCapacity(input), { needs: "restore_size" });
    const found = await phases.lookAtInstance(run);

    run.begin("claim_capacity");
    await store.claimCapacity(input);

    run.begin("resize_instance");
    run.compensation.add("restore_size", () => undo.restoreSize(input));
    await regionActivities(input.region).resizeInstance(input);

    run.begin("mark_resized");
    run.compensation.add("unmark_resized", () => persistentStore.unmarkResized(input));
    await persistentStore.markResized({ ...input, ...found });
  });
}
