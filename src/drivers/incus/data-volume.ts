import { ComputeError, type Owner, type VolumeSpec } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { volumeName } from "./instance-name.ts";
import { isOwnedBy } from "./ownership.ts";
import type { Region } from "./region.ts";

/** Makes the owner's data volume, or takes the one that is there: whatever is on it, it is never made anew. */
export async function createVolume(region: Region, spec: VolumeSpec, pulse: Pulse): Promise<void> {
  if ((await isThere(region, spec.owner, pulse)) || !(await pulse.isWanted())) return;
  try {
    await region.volumes.create(spec, pulse.signal);
  } catch (error) {
    if (!(error instanceof IncusError)) throw error;
    if (error.leavesDoubt && (await isThere(region, spec.owner, pulse))) return;
    throw error;
  }
}

/** Removes the owner's data volume. Gone or foreign is success. */
export async function deleteVolume(region: Region, owner: Owner, pulse: Pulse): Promise<void> {
  const name = volumeName(owner.id);
  if (!(await isOurs(region, name, owner, pulse)) || !(await pulse.isWanted())) return;
  try {
    await region.volumes.delete(name, pulse.signal);
  } catch (error) {
    if (!(error instanceof IncusError)) throw error;
    if (error.leavesDoubt && !(await isOurs(region, name, owner, pulse))) return;
    throw error;
  }
}

async function isThere(region: Region, owner: Owner, pulse: Pulse): Promise<boolean> {
  const volume = await region.volumes.find(volumeName(owner.id), pulse.signal);
  if (!volume) return false;
  if (isOwnedBy(volume.config, owner)) return true;
  const text = `region ${region.name}: the volume ${volume.name} does not belong to its owner; look at it with \`incus storage volume show\` and remove or rename it`;
  throw new ComputeError("instance_conflict", text, { transient: false });
}

async function isOurs(region: Region, name: string, owner: Owner, pulse: Pulse): Promise<boolean> {
  const volume = await region.volumes.find(name, pulse.signal);
  return volume !== null && isOwnedBy(volume.config, owner);
}
