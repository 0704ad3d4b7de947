import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import * as phases from "./phases.ts";

/**
 * Switches a server on; one that is on is left alone.
 *
 * Keyed by the server and the attempt (`start-server/srv_…/1`). Steps, in order: START_SERVER_STEPS. It ends when the instance runs: where its customer has moved SSH to is
 * not known here. On a failure it is switched as it was found.
 */
export async function startServer(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    const found = await phases.lookAtInstance(run);
    await phases.changePower(run, found, "start_instance");
    await phases.markPower(run, "mark_running");
  });
}
