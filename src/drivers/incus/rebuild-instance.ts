import type { Owner } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { imageOf, isFresh } from "./instances.ts";
import { finishResumed, forgotten, type Region, settledInstance } from "./region.ts";
import type { WireInstance } from "./wire.ts";

/**
 * Gives the owner's instance, which has to be off, a new disk. One whose disk is of this image and on which it never ran has nothing to lose by it: it is what a
 * lost attempt, or a second delivery, left.
 */
export async function rebuildInstance(
  region: Region,
  owner: Owner,
  imageFingerprint: string,
  pulse: Pulse,
): Promise<void> {
  const isAsAsked = (instance: WireInstance) => isFresh(instance) && imageOf(instance) === imageFingerprint;
  await finishResumed(region, pulse);
  const instance = await settledInstance(region, owner, pulse);
  if (isAsAsked(instance)) return;
  const failure = await tryToRebuild(region, instance.name, imageFingerprint, pulse);
  if (failure === null) return;
  if (failure.leavesDoubt && isAsAsked(await settledInstance(region, owner, pulse))) return;
  throw failure;
}

async function tryToRebuild(
  region: Region,
  name: string,
  imageFingerprint: string,
  pulse: Pulse,
): Promise<IncusError | null> {
  try {
    return await region.createSlots.run(pulse.signal, async () => {
      if (!(await pulse.isWanted())) return null;
      const operation = await region.instances.rebuild(name, imageFingerprint, pulse.signal);
      return (await region.operations.waitFor(operation, pulse)) === "succeeded" ? null : forgotten(name);
    });
  } catch (error) {
    if (error instanceof IncusError) return error;
    throw error;
  }
}
