import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import * as phases from "./phases.ts";

/**
 * Switches a suspended server on.
 *
 * Keyed by the server and the attempt (`resume-server/srv_…/1`). Steps, in order: RESUME_SERVER_STEPS. On a failure it is switched as it was found and stays `suspended`.
 */
export async function resumeServer(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    const found = await phases.lookAtInstance(run);
    await phases.changePower(run, found, "start_instance");
    await phases.markActive(run, "suspended");
  });
}
