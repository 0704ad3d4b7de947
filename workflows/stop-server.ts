import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import * as phases from "./phases.ts";

/**
 * Ends a server's guest in order, and switches it off when that takes too long; one that is off is left alone.
 *
 * Keyed by the server and the attempt (`stop-server/srv_…/1`). Steps, in order: STOP_SERVER_STEPS. On a failure it is switched as it was found.
 */
export async function stopServer(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    const found = await phases.lookAtInstance(run);
    await phases.changePower(run, found, "shut_down_instance");
    await phases.markPower(run, "mark_stopped");
  });
}
