import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import { persistentStore, regionActivities, regionUndos, store } from "./activity-options.ts";
import { AFTER_INSTANCE } from "./compensation.ts";
import { runCreate } from "./create-run.ts";
import * as phases from "./phases.ts";

/**
 * Makes a database out of an accepted row. Also the retry of one that failed, as the next attempt: nothing of the one before is left.
 *
 * Keyed by the database and the attempt (`create-database/db_…/1`). Steps, in order: CREATE_DATABASE_STEPS. Cancelled by a DELETE: whatever was done is undone,
 * newest first, and the action ends `cancelled`. On a failure the same, and the database stays as `failed` with its reason.
 */
export function createDatabase(input: ActionInput): Promise<void> {
  const region = regionActivities(input.region);
  const undo = regionUndos(input.region);
  const discardCertificate = () => persistentStore.discardCertificate(input);

  return runCreate(input, async (run) => {
    await phases.allocateIpAddress(run);
    await phases.reserveCapacity(run);
    const image = await phases.resolveImage(run);

    run.begin("generate_credentials");
    run.compensation.add("forget_credentials", () => persistentStore.forgetCredentials(input));
    run.compensation.addAhead("discard_certificate", discardCertificate);
    await store.generateCredentials(input);

    run.begin("issue_certificate");
    run.compensation.add("discard_certificate", discardCertificate);
    await store.issueCertificate(input);

    run.begin("create_volume");
    run.compensation.add("delete_volume", () => undo.deleteVolume(input), AFTER_INSTANCE);
    await region.createVolume(input);

    run.begin("restrict_access");
    run.compensation.add("remove_access_rules", () => undo.removeAccessRules(input), AFTER_INSTANCE);
    await region.restrictAccess(input);

    await phases.createInstance(run, image);

    run.begin("configure_instance"); // no undo: what is in the instance goes with it
    await region.configureInstance(input);

    await phases.startInstance(run);

    run.begin("set_up_engine"); // no undo: it only looks at what the agent in the instance does
    await region.setUpEngine(input);

    await phases.verifyEngine(run);
    await phases.markActive(run, "provisioning");
  });
}
