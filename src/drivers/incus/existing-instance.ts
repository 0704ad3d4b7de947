import type { InstanceSpec } from "../compute.ts";
import { addressOf, dataPathOf, imageOf, isFresh, statusOf } from "./instances.ts";
import { isOwnedBy } from "./ownership.ts";
import type { WireInstance } from "./wire.ts";

/**
 * What a create makes of an instance that already has its name:
 * - `adopt`: it is the one that is asked for, made by an earlier attempt whose answer was lost.
 * - `replace`: ours, and never ran: half of a create that a dying daemon left behind, or made for an earlier attempt with another address, image or volume.
 * - `refuse`: somebody else's, or ours but already in use in another shape. It is not touched.
 */
export type Judgement = "adopt" | "replace" | "refuse";

/** Only for an instance on which no operation runs: while one does, it may still change. */
export function judgeExisting(instance: WireInstance, spec: InstanceSpec): Judgement {
  if (!isOwnedBy(instance.config, spec.owner)) return "refuse";
  if (isAsAsked(instance, spec) && (isFresh(instance) || hasRun(instance))) return "adopt";
  return hasRun(instance) ? "refuse" : "replace";
}

function isAsAsked(instance: WireInstance, spec: InstanceSpec): boolean {
  const baseImage = imageOf(instance) ?? spec.imageFingerprint;
  const hasItsVolume = dataPathOf(instance) === (spec.volume?.path ?? null);
  return addressOf(instance) === spec.ipv4 && baseImage === spec.imageFingerprint && hasItsVolume;
}

function hasRun(instance: WireInstance): boolean {
  return statusOf(instance) !== "stopped" || instance.config["volatile.last_state.power"] !== undefined;
}
