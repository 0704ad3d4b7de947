import type { InstanceSpec } from "../compute.ts";
import { removeInstance } from "./delete-instance.ts";
import { IncusError } from "./error-table.ts";
import { judgeExisting } from "./existing-instance.ts";
import type { Pulse } from "./heartbeat.ts";
import { instanceName } from "./instance-name.ts";
import { conflict, findSettled, finishResumed, forgotten, type Region } from "./region.ts";

/**
 * Makes the instance, stopped. Looks before it acts, and again after every failure that may hide an effect, so that a lost answer, a second delivery or
 * a twin of this call ends in the same one instance.
 */
export async function createInstance(region: Region, spec: InstanceSpec, pulse: Pulse): Promise<void> {
  await finishResumed(region, pulse);
  if (await takeOver(region, spec, pulse)) return;
  const failure = await tryToCreate(region, spec, pulse);
  if (failure === null) return;
  if (failure.leavesDoubt && (await isThere(region, spec, pulse))) return;
  throw failure;
}

/** True if the instance is there already. What is in its way and ours is removed; what is not ours is refused. */
async function takeOver(region: Region, spec: InstanceSpec, pulse: Pulse): Promise<boolean> {
  const name = instanceName(spec.owner.id);
  // Mostly there is nothing, and one request tells.
  if (!(await region.instances.find(name, pulse.signal))) return false;
  const existing = await findSettled(region, name, pulse);
  if (!existing) return false;
  switch (judgeExisting(existing, spec)) {
    case "adopt":
      return true;
    case "replace":
      await removeInstance(region, name, existing, pulse);
      return false;
    case "refuse":
      throw conflict(region, existing, "does not belong to, or was made for another address or image of,");
  }
}

async function tryToCreate(region: Region, spec: InstanceSpec, pulse: Pulse): Promise<IncusError | null> {
  try {
    return await region.createSlots.run(pulse.signal, async () => {
      if (!(await pulse.isWanted())) return null;
      const operation = await region.instances.create(spec, pulse.signal);
      const end = await region.operations.waitFor(operation, pulse);
      return end === "succeeded" ? null : forgotten(instanceName(spec.owner.id));
    });
  } catch (error) {
    if (error instanceof IncusError) return error;
    throw error;
  }
}

/** Half an instance is not there: the next attempt replaces it. */
async function isThere(region: Region, spec: InstanceSpec, pulse: Pulse): Promise<boolean> {
  const found = await findSettled(region, instanceName(spec.owner.id), pulse);
  if (!found) return false;
  const judgement = judgeExisting(found, spec);
  if (judgement === "refuse") throw conflict(region, found, "does not belong to");
  return judgement === "adopt";
}
