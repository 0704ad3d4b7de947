import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import { persistentStore, regionActivities, regionUndos } from "./activity-options.ts";
import * as phases from "./phases.ts";

/**
 * Gives a server a new disk from an image; id, address, keys and user data stay. What was on the old one is gone from `rebuild_instance` on.
 *
 * Keyed by the server and the attempt (`rebuild-server/srv_…/1`). Steps, in order: REBUILD_SERVER_STEPS. On a failure its disk is the old one, or where that is gone a
 * new one of the image it had, and it is switched as it was found.
 */
export async function rebuildServer(input: ActionInput): Promise<void> {
  const region = regionActivities(input.region);
  const undo = regionUndos(input.region);

  await runAction(input, async (run) => {
    const found = await phases.lookAtInstance(run);

    run.begin("resolve_new_image"); // no undo: it only reads
    const image = await region.resolveNewImage(input);

    await phases.changePower(run, found, "shut_down_instance");

    run.begin("rebuild_instance");
    run.compensation.add("bring_back_image", () => undo.bringBackImage({ ...input, ...found }));
    await region.rebuildInstance({ ...input, newFingerprint: image.fingerprint });

    run.begin("start_instance"); // no undo: that of the shutdown switches it as it was
    await region.startInstance(input);

    run.begin("wait_for_ssh"); // no undo: it only looks
    await region.waitForSsh({ ...input, ipv4: found.ipv4 });

    run.begin("mark_rebuilt");
    run.compensation.add("unmark_rebuilt", () => persistentStore.unmarkRebuilt(input));
    await persistentStore.markRebuilt(input);
  });
}
