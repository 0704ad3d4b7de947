import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import { regionActivities } from "./activity-options.ts";
import * as phases from "./phases.ts";

/**
 * Ends a database's guest in order and boots it again.
 *
 * Keyed by the database and the attempt (`restart-database/db_…/1`). Steps, in order: RESTART_DATABASE_STEPS. On a failure it is booted once more, and the database
 * stays `active` with the reason.
 */
export async function restartDatabase(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    await phases.shutDownInstance(run);

    run.begin("start_instance"); // no undo: the undo of the shutdown starts it, too
    await regionActivities(input.region).startInstance(input);

    await phases.verifyEngine(run);
    await phases.markActive(run, "active");
  });
}
