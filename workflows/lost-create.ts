import type { ActionRun } from "./action-run.ts";
import { persistentStore, regionUndos } from "./activity-options.ts";
import { AFTER_INSTANCE } from "./compensation.ts";

/**
 * A create whose earlier workflow was lost goes through all steps again, each of which finds what is there. Should it fail on the way, what the lost one did in
 * later steps has to go too: every undo is declared before the first step, in the order of the steps.
 */
export function declareUndosOfLostCreate({ input, compensation }: ActionRun): void {
  if (input.isAgain !== true) return;
  const undo = regionUndos(input.region);
  compensation.add("release_ip_address", () => persistentStore.releaseIpAddress(input), AFTER_INSTANCE);
  compensation.add("release_capacity", () => persistentStore.releaseCapacity(input), AFTER_INSTANCE);
  if (input.resourceKind === "server") {
    compensation.add("detach_ssh_keys", () => persistentStore.detachSshKeys(input));
  } else {
    compensation.add("forget_credentials", () => persistentStore.forgetCredentials(input));
    compensation.add("discard_certificate", () => persistentStore.discardCertificate(input));
    compensation.add("delete_volume", () => undo.deleteVolume(input), AFTER_INSTANCE);
    compensation.add("remove_access_rules", () => undo.removeAccessRules(input), AFTER_INSTANCE);
  }
  compensation.add("delete_instance", () => undo.deleteInstance(input));
  compensation.add("stop_instance", () => undo.stopInstance(input));
}
