import type { Owner } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { Pulse } from "./heartbeat.ts";
import { instanceName } from "./instance-name.ts";
import { statusOf } from "./instances.ts";
import { isOwnedBy } from "./ownership.ts";
import { findSettled, finishResumed, forgotten, missing, ownInstance, type Region } from "./region.ts";
import type { WireInstanceStatePut } from "./wire.ts";

/** Starts the owner's instance; running already is success. */
export async function startInstance(region: Region, owner: Owner, pulse: Pulse): Promise<void> {
  const name = instanceName(owner.id);
  await finishResumed(region, pulse);
  const instance = await ownInstance(region, owner, pulse.signal);
  if (statusOf(instance) === "running") return;

  const failure = await tryToChange(region, name, { action: "start", timeout: 30, force: false }, pulse);
  if (failure === null) return;
  if (failure.leavesDoubt) {
    const now = await findSettled(region, name, pulse);
    if (!now) throw missing(region, name);
    if (statusOf(now) === "running") return;
  }
  throw failure;
}

/** Asks the guest to shut down, and switches it off when the grace is over. Stopped, gone or foreign is success. */
export async function stopInstance(region: Region, owner: Owner, graceMs: number, pulse: Pulse): Promise<void> {
  const name = instanceName(owner.id);
  await finishResumed(region, pulse);
  if (await isOff(region, name, owner, pulse)) return;

  const graceful = { action: "stop", timeout: Math.max(1, Math.ceil(graceMs / 1_000)), force: false } as const;
  // A lost attempt has already been asking: its guest has had its grace.
  if (!pulse.resumeFrom && graceMs > 0) {
    const refused = await tryToChange(region, name, graceful, pulse);
    if (refused === null || (await isOff(region, name, owner, pulse))) return;
  }
  const failure = await tryToChange(region, name, { action: "stop", timeout: 0, force: true }, pulse);
  if (failure === null || (await isOff(region, name, owner, pulse))) return;
  throw failure;
}

async function isOff(region: Region, name: string, owner: Owner, pulse: Pulse): Promise<boolean> {
  const instance = await findSettled(region, name, pulse);
  return !instance || !isOwnedBy(instance.config, owner) || statusOf(instance) === "stopped";
}

async function tryToChange(
  region: Region,
  name: string,
  state: WireInstanceStatePut,
  pulse: Pulse,
): Promise<IncusError | null> {
  if (!(await pulse.isWanted())) return null;
  try {
    const operation = await region.instances.changeState(name, state, pulse.signal);
    return (await region.operations.waitFor(operation, pulse)) === "succeeded" ? null : forgotten(name);
  } catch (error) {
    if (error instanceof IncusError) return error;
    throw error;
  }
}
