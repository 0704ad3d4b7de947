import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import * as phases from "./phases.ts";

/**
 * Switches a server off until it is resumed, and keeps all it has: disk, address, keys, and its share of the region's capacity, so that it can always be resumed.
 *
 * Keyed by the server and the attempt (`suspend-server/srv_…/1`). Steps, in order: SUSPEND_SERVER_STEPS. On a failure it is switched as it was found and stays `active`.
 */
export async function suspendServer(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    const found = await phases.lookAtInstance(run);
    await phases.changePower(run, found, "shut_down_instance");
    await phases.markSuspended(run);
  });
}
