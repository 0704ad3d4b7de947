import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import * as phases from "./phases.ts";

/**
 * Stops a database and keeps all it has: data, address, credentials, and its share of the region's capacity, so that it can always be resumed.
 *
 * Keyed by the database and the attempt (`suspend-database/db_…/1`). Steps, in order: SUSPEND_DATABASE_STEPS. On a failure it is booted again and stays `active`.
 */
export async function suspendDatabase(input: ActionInput): Promise<void> {
  await runAction(input, async (run) => {
    await phases.shutDownInstance(run);
    await phases.markSuspended(run);
  });
}
