import { ComputeError, type Owner } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { Files } from "./files.ts";
import type { Pulse } from "./heartbeat.ts";
import { instanceName } from "./instance-name.ts";
import type { Instances } from "./instances.ts";
import type { NetworkAcls } from "./network-acls.ts";
import type { OperationEnd, Operations } from "./operations.ts";
import { isOwnedBy } from "./ownership.ts";
import type { Semaphore } from "./semaphore.ts";
import type { Volumes } from "./volumes.ts";
import type { WireInstance } from "./wire.ts";

/** What the procedures of a region are built from. */
export interface Region {
  name: string;
  network: string;
  instances: Instances;
  volumes: Volumes;
  files: Files;
  networkAcls: NetworkAcls;
  operations: Operations;
  /** Unpacking an image is disk work: more at once only make each other slower. */
  createSlots: Semaphore;
  /** All databases of a region share one list of rules: one change at a time in a worker, so that only other workers can be in the way. */
  accessRulesSlot: Semaphore;
}

/** Follows what a lost attempt had begun. How it ended does not matter here: what it left is looked at next. */
export async function finishResumed(region: Region, pulse: Pulse): Promise<void> {
  if (!pulse.resumeFrom) return;
  await toleratingOperationErrors(() => region.operations.waitFor(pulse.resumeFrom?.operationId ?? "", pulse));
}

/** The instance once nothing works on it any more: the operation of a lost attempt, or of a request delivered twice, may still be under way. */
export async function findSettled(region: Region, name: string, pulse: Pulse): Promise<WireInstance | null> {
  for (;;) {
    const running = await region.operations.runningOn(name, pulse.signal);
    if (running === null) return await region.instances.find(name, pulse.signal);
    await toleratingOperationErrors(() => region.operations.waitFor(running, pulse));
  }
}

/** The end of an operation as an error where it is unknown: for callers whose look-up did not settle the matter either. */
export function forgotten(name: string): IncusError {
  const text = "Incus forgot the operation, and the instance is not as it should be after it";
  return new IncusError(name, { source: "forgotten", status: null, text });
}

/** The owner's instance, for what makes no sense without it. */
export async function ownInstance(region: Region, owner: Owner, signal: AbortSignal): Promise<WireInstance> {
  const name = instanceName(owner.id);
  const instance = await region.instances.find(name, signal);
  if (!instance) throw missing(region, name);
  refuseForeign(region, instance, owner);
  return instance;
}

/** The same once nothing works on it any more. */
export async function settledInstance(region: Region, owner: Owner, pulse: Pulse): Promise<WireInstance> {
  const name = instanceName(owner.id);
  const instance = await findSettled(region, name, pulse);
  if (!instance) throw missing(region, name);
  refuseForeign(region, instance, owner);
  return instance;
}

export function missing(region: Region, name: string): ComputeError {
  const text = `region ${region.name}: the instance ${name} is gone; it was deleted by somebody else`;
  return new ComputeError("infrastructure_error", text, { transient: false });
}

function refuseForeign(region: Region, instance: WireInstance, owner: Owner): void {
  if (!isOwnedBy(instance.config, owner)) throw conflict(region, instance, "does not belong to");
}

export function conflict(region: Region, instance: WireInstance, relation: string): ComputeError {
  const text = `region ${region.name}: the instance ${instance.name} ${relation} its owner; look at it with \`incus config show\` and remove or rename it`;
  return new ComputeError("instance_conflict", text, { transient: false });
}

async function toleratingOperationErrors(wait: () => Promise<OperationEnd>): Promise<void> {
  try {
    await wait();
  } catch (error) {
    // Only an operation's own failure has a status or an answer's text; a server that is away fails the attempt.
    if (!(error instanceof IncusError) || error.row === "unreachable" || error.row === "answer_lost") throw error;
  }
}
