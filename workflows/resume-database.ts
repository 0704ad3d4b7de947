import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import * as phases from "./phases.ts";

/**
 * Boots a suspended database.
 *
 * Keyed by the database and the attempt (`resume-database/db_…/1`). Steps, in order: RESUME_DATABASE_STEPS. On a failure it is stopped again and stays `suspended`.
 */
export async function resumeDatabase(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    await phases.startInstance(run);
    await phases.verifyEngine(run);
    await phases.markActive(run, "suspended");
  });
}
