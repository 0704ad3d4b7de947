import { CancellationScope } from "@temporalio/workflow";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { runAction } from "./action-run.ts";
import { persistentStore, regionActivities, regionUndos, store } from "./activity-options.ts";
import * as phases from "./phases.ts";

/**
 * Gives a database a new password: both work until the new one is proven and shown, then the old one ends.
 *
 * Keyed by the database and the attempt (`rotate-credentials-database/db_…/1`). Steps, in order: ROTATE_CREDENTIALS_STEPS. On a failure the old password is the one
 * that works and is shown. An undo that fails keeps those after it from running, so that the password that is shown is never one that does not work.
 */
export async function rotateCredentials(input: ActionInput): Promise<void> {
  const region = regionActivities(input.region);
  const undo = regionUndos(input.region);

  await runAction(input, async (run) => {
    run.begin("generate_password");
    run.compensation.add("discard_password", () => persistentStore.discardPassword(input), {
      needs: "remove_password",
    });
    await store.generatePassword(input);

    run.begin("add_password");
    run.compensation.add("remove_password", () => undo.removePassword(input), { needs: "restore_password" });
    await region.addPassword(input);

    run.begin("verify_password"); // no undo: it only looks
    await region.verifyPassword(input);

    run.begin("store_password");
    run.compensation.add("restore_password", () => persistentStore.restorePassword(input), {
      needs: "return_password",
    });
    await store.storePassword(input);

    run.begin("drop_password");
    run.compensation.add("return_password", () => undo.returnPassword(input));
    await region.dropPassword(input);

    await phases.markActive(run, "active");
  });
  await CancellationScope.nonCancellable(() => persistentStore.forgetPreviousPassword(input));
}
