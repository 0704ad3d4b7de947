import type { InstanceFound, MarkActiveInput, ResolvedImage } from "../src/domain/activity-contracts.ts";
import type { AddressAllocated } from "../src/domain/workflow-contracts.ts";
import type { ActionRun } from "./action-run.ts";
import { persistentStore, regionActivities, regionUndos, store } from "./activity-options.ts";
import { AFTER_INSTANCE } from "./compensation.ts";
import type { CreateRun } from "./create-run.ts";

/** The steps that several workflows have. Each begins, declares its undo, and then has its effect. */

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

export async function reserveCapacity(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("reserve_capacity");
  compensation.add("release_capacity", () => persistentStore.releaseCapacity(input), AFTER_INSTANCE);
  await store.reserveCapacity(input);
}

/** No undo: it only reads. */
export async function resolveImage(run: ActionRun): Promise<ResolvedImage> {
  run.begin("resolve_image");
  return regionActivities(run.input.region).resolveImage(run.input);
}

export async function createInstance(run: ActionRun, image: ResolvedImage): Promise<void> {
  const { input, compensation } = run;
  run.begin("create_instance");
  compensation.add("delete_instance", () => regionUndos(input.region).deleteInstance(input));
  await regionActivities(input.region).createInstance({ ...input, imageFingerprint: image.fingerprint });
}

export async function startInstance(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("start_instance");
  compensation.add("stop_instance", () => regionUndos(input.region).stopInstance(input));
  await regionActivities(input.region).startInstance(input);
}

/** What an undo of the steps after it puts back. It only looks. */
export async function lookAtInstance(run: ActionRun): Promise<InstanceFound> {
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
export async function markPower(run: ActionRun, step: "mark_running" | "mark_stopped"): Promise<void> {
  const { input, compensation } = run;
  run.begin(step);
  compensation.add("reopen_action", () => persistentStore.reopenAction(input));
  await (step === "mark_running" ? persistentStore.markRunning(input) : persistentStore.markStopped(input));
}

/** The end of an action that leaves the resource suspended. */
export async function markSuspended(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("mark_suspended");
  compensation.add("unmark_suspended", () => persistentStore.unmarkSuspended(input));
  await persistentStore.markSuspended(input);
}

/** The guest gets time to write what it has in memory. */
export async function shutDownInstance(run: ActionRun): Promise<void> {
  const { input, compensation } = run;
  run.begin("shut_down_instance");
  compensation.add("boot_instance", () => regionUndos(input.region).bootInstance(input));
  await regionActivities(input.region).shutDownInstance(input);
}

/** No undo: it only looks. */
export async function verifyEngine(run: ActionRun): Promise<void> {
  run.begin("verify_engine");
  await regionActivities(run.input.region).verifyEngine(run.input);
}

/** The end of an action that leaves the resource active. */
export async function markActive(run: ActionRun, from: MarkActiveInput["from"]): Promise<void> {
  const input = { ...run.input, from };
  run.begin("mark_active");
  run.compensation.add("unmark_active", () => persistentStore.unmarkActive(input));
  await persistentStore.markActive(input);
}
