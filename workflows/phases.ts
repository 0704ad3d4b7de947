import type { InstanceFound, MarkActiveInput, ResolvedImage } from "../src/domain/activity-contracts.ts";
import type { AddressAllocated } from "../src/domain/workflow-contracts.ts";
import type { ActionRun } from "./action-run.ts";
import { persistentStore, regionActivities, regionUndos, store } from "./activity-options.ts";
import { AFTER_INSTANCE } from "./compensation.ts";
import type { CreateRun } from "./create-run.ts";

/**
 * The steps that several workflows have. Each begins, declares its undo, and then has its effect. They hand on the promise of their activity rather than wait for it: Temporal's SDK keeps the
 * stack of every promise of a workflow, which takes it longer than all else that a step does here.
 */

/** Whoever waits for the address gets it here. The same workflow task reserves the capacity. */
export async function allocateIpAddress(run: CreateRun): Promise<AddressAllocated> {
  const { input, compensation } = run;
  run.begin("allocate_ip_address");
  compensation.add("release_ip_address", () => persistentStore.releaseIpAddress(input), AFTER_INSTANCE);
  compensation.addAhead("release_capacity", () => persistentStore.releaseCapacity(input), AFTER_INSTANCE);
  const address = await store.allocateIpAddress(input);
  run.firstAnswer.resolve(address);
  return address;
}

export function reserveCapacity(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("reserve_capacity");
  compensation.add("release_capacity", () => persistentStore.releaseCapacity(input), AFTER_INSTANCE);
  return store.reserveCapacity(input);
}

/** No undo: it only reads. */
export function resolveImage(run: ActionRun): Promise<ResolvedImage> {
  run.begin("resolve_image");
  return regionActivities(run.input.region).resolveImage(run.input);
}

export function createInstance(run: ActionRun, image: ResolvedImage): Promise<void> {
  const { input, compensation } = run;
  run.begin("create_instance");
  compensation.add("delete_instance", () => regionUndos(input.region).deleteInstance(input));
  return regionActivities(input.region).createInstance({ ...input, imageFingerprint: image.fingerprint });
}

export function startInstance(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("start_instance");
  compensation.add("stop_instance", () => regionUndos(input.region).stopInstance(input));
  return regionActivities(input.region).startInstance(input);
}

/** What an undo of the steps after it puts back. It only looks. */
export function lookAtInstance(run: ActionRun): Promise<InstanceFound> {
  run.begin("look_at_instance");
  return regionActivities(run.input.region).lookAtInstance(run.input);
}

/** Switches a server on or off, from how it was found. */
export function changePower(
  run: ActionRun,
  found: InstanceFound,
  step: "start_instance" | "shut_down_instance",
): Promise<void> {
  const { input, compensation } = run;
  run.begin(step);
  compensation.add("restore_power", () => regionUndos(input.region).restorePower({ ...input, ...found }));
  const region = regionActivities(input.region);
  return step === "start_instance" ? region.startInstance(input) : region.shutDownInstance(input);
}

/** The end of an action that leaves a server active, and on or off. */
export function markPower(run: ActionRun, step: "mark_running" | "mark_stopped"): Promise<void> {
  const { input, compensation } = run;
  run.begin(step);
  compensation.add("reopen_action", () => persistentStore.reopenAction(input));
  return step === "mark_running" ? persistentStore.markRunning(input) : persistentStore.markStopped(input);
}

/** The end of an action that leaves the resource suspended. */
export function markSuspended(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("mark_suspended");
  compensation.add("unmark_suspended", () => persistentStore.unmarkSuspended(input));
  return persistentStore.markSuspended(input);
}

/** The guest gets time to write what it has in memory. */
export function shutDownInstance(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("shut_down_instance");
  compensation.add("boot_instance", () => regionUndos(input.region).bootInstance(input));
  return regionActivities(input.region).shutDownInstance(input);
}

/** No undo: it only looks. */
export function verifyEngine(run: ActionRun): Promise<void> {
  run.begin("verify_engine");
  return regionActivities(run.input.region).verifyEngine(run.input);
}

/** The end of an action that leaves the resource active. */
export function markActive(run: ActionRun, from: MarkActiveInput["from"]): Promise<void> {
  const input = { ...run.input, from };
  run.begin("mark_active");
  run.compensation.add("unmark_active", () => persistentStore.unmarkActive(input));
  return persistentStore.markActive(input);
}
