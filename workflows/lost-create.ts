import type { ActionRun } from "./action-run.ts";
import { persistentStore, regionUndos } from "./activity-options.ts";

/**
 * A create whose earlier workflow was lost goes through all steps again, each of which finds what is there. Should it fail on the way, what the lost one did in
 * later steps has to go too: every undo is declared before the first step, in the order of the steps.
 */
export function declareUndosOfLostCreate({ input, compensation }: ActionRun): void {
  if (input.isAgain !== true) return;
  const undo = regionUndos(input.region);
  const afterInstance = { needs: "delete_instance" };
  compensation.add("release_ip_address", () => persistentStore.releaseIpAddress(input), afterInstance);
  compensation.add("release_capacity", () => persistentStore.releaseCapacity(input), afterInstance);
  if (input.resourceKind === "server") {
    compensation.add("detach_ssh_keys", () => persistentStore.detachSshKeys(input));
  } else {
    compensation.add("forget_credentials", () => persistentStore.forgetCredentials(input));
    compensation.add("discard_certificate", () => persistentStore.discardCertificate(input));
    compensation.add("delete_volume", () => undo.deleteVolume(input), afterInstance);
    compensation.add("remove_access_rules", () => undo.removeAccessRules(input), afterInstance);
  }
  compensation.add("delete_instance", () => undo.deleteInstance(input));
  compensation.add("stop_instance", () => undo.stopInstance(input));
}
