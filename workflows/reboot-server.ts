import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import { regionActivities } from "./activity-options.ts";
import * as phases from "./phases.ts";

/**
 * Ends a server's guest in order and boots it again; one that is off is switched on.
 *
 * Keyed by the server and the attempt (`reboot-server/srv_…/1`). Steps, in order: REBOOT_SERVER_STEPS. On a failure it is switched as it was found.
 */
export async function rebootServer(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    const found = await phases.lookAtInstance(run);
    await phases.changePower(run, found, "shut_down_instance");

    run.begin("start_instance"); // no undo: that of the shutdown switches it as it was
    await regionActivities(input.region).startInstance(input);

    await phases.markPower(run, "mark_running");
  });
}
