import type { InstanceSize, Owner } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { hasSize } from "./instances.ts";
import { finishResumed, type Region, settledInstance } from "./region.ts";

/** Gives the owner's instance other limits, at once also where it runs; having them already is success. */
export async function resizeInstance(region: Region, owner: Owner, size: InstanceSize, pulse: Pulse): Promise<void> {
  await finishResumed(region, pulse);
  const instance = await settledInstance(region, owner, pulse);
  if (hasSize(instance, size) || !(await pulse.isWanted())) return;
  try {
    await region.instances.resize(instance, size, pulse.signal);
  } catch (error) {
    if (!(error instanceof IncusError) || !error.leavesDoubt) throw error;
    if (!hasSize(await settledInstance(region, owner, pulse), size)) throw error;
  }
}
