import type { NewDisk, Owner } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { instanceName } from "./instance-name.ts";
import { hasUserData, imageOf, isFresh } from "./instances.ts";
import { finishResumed, forgotten, type Region, settledInstance } from "./region.ts";
import type { WireInstance } from "./wire.ts";

/**
 * Gives the owner's instance, which has to be off, a new disk. One whose disk is of this image and on which it never ran has nothing to lose by it: it is what a
 * lost attempt, or a second delivery, left.
 */
export async function rebuildInstance(
  region: Region,
  owner: Owner,
  { imageFingerprint, userData }: NewDisk,
  pulse: Pulse,
): Promise<void> {
  await finishResumed(region, pulse);
  const instance = await settledInstance(region, owner, pulse);
  await renewDisk(region, owner, instance, imageFingerprint, pulse);
  // Not before: a guest that is given other user data takes itself for a new one at its next boot, and the old disk may have to boot again.
  if (userData !== null && !hasUserData(instance, userData)) await writeUserData(region, owner, userData, pulse);
}

async function renewDisk(
  region: Region,
  owner: Owner,
  instance: WireInstance,
  imageFingerprint: string,
  pulse: Pulse,
): Promise<void> {
  const isAsAsked = (now: WireInstance) => isFresh(now) && imageOf(now) === imageFingerprint;
  if (isAsAsked(instance)) return;
  const failure = await tryToRebuild(region, instance.name, imageFingerprint, pulse);
  if (failure === null) return;
  if (failure.leavesDoubt && isAsAsked(await settledInstance(region, owner, pulse))) return;
  throw failure;
}

async function writeUserData(region: Region, owner: Owner, userData: string, pulse: Pulse): Promise<void> {
  if (!(await pulse.isWanted())) return;
  try {
    await region.instances.setUserData(instanceName(owner.id), userData, pulse.signal);
  } catch (error) {
    if (!(error instanceof IncusError) || !error.leavesDoubt) throw error;
    if (!hasUserData(await settledInstance(region, owner, pulse), userData)) throw error;
  }
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
