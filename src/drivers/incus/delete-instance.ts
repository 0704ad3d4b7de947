import type { Owner } from "../compute.ts";
import { IncusError, type IncusErrorName } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { instanceName } from "./instance-name.ts";
import { statusOf } from "./instances.ts";
import { isOwnedBy } from "./ownership.ts";
import { findSettled, finishResumed, forgotten, type Region } from "./region.ts";
import type { WireInstance } from "./wire.ts";

/** Others stop, start or delete at the same time: their interference is over after a round or two. */
const ROUNDS = 4;
const INTERFERENCE: readonly IncusErrorName[] = [
  "instance_running",
  "instance_stopped",
  "instance_busy",
  "not_found",
  "changed_meanwhile",
  "operation_forgotten",
];

/** Removes the owner's instance in whatever state it is, and returns when it is gone. Gone or foreign is success. */
export async function deleteInstance(region: Region, owner: Owner, pulse: Pulse): Promise<void> {
  const name = instanceName(owner.id);
  await finishResumed(region, pulse);
  const instance = await findSettled(region, name, pulse);
  if (!instance || !isOwnedBy(instance.config, owner)) return;
  await removeInstance(region, name, instance, pulse);
}

/** Removes an instance that is known to be ours. */
export async function removeInstance(
  region: Region,
  name: string,
  instance: WireInstance,
  pulse: Pulse,
): Promise<void> {
  let current = instance;
  const uuid = instance.config["volatile.uuid"];
  for (let round = 1; ; round++) {
    const failure = await tryToRemove(region, name, current, pulse);
    if (failure === null) return;
    const found = await findSettled(region, name, pulse);
    // Another one under the same name means that the one we came for is gone.
    if (!found || found.config["volatile.uuid"] !== uuid) return;
    if (round >= ROUNDS || !INTERFERENCE.includes(failure.row)) throw failure;
    current = found;
  }
}

/** A delete that is reported as done, or not wanted any more, is done; anything else has to be looked at. */
async function tryToRemove(
  region: Region,
  name: string,
  instance: WireInstance,
  pulse: Pulse,
): Promise<IncusError | null> {
  try {
    if (statusOf(instance) !== "stopped") {
      if (!(await pulse.isWanted())) return null;
      const stop = { action: "stop", timeout: 0, force: true } as const;
      await region.operations.waitFor(await region.instances.changeState(name, stop, pulse.signal), pulse);
    }
    if (!(await pulse.isWanted())) return null;
    const end = await region.operations.waitFor(await region.instances.delete(name, pulse.signal), pulse);
    return end === "succeeded" ? null : forgotten(name);
  } catch (error) {
    if (error instanceof IncusError) return error;
    throw error;
  }
}
