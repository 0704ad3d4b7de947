import { Context } from "@temporalio/activity";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { ComputeDriver, OperationDetails, Owner, Probe, ProbeWait, WaitContext } from "../src/drivers/compute.ts";
import type { GuestNetwork } from "./cloud-init.ts";

/** What the instances of a region are made with. */
export interface RegionCompute {
  driver: ComputeDriver;
  probe: Probe;
  network: Omit<GuestNetwork, "ipv4">;
  /** Opens what was sealed for a row. */
  openSecret(box: string, boundTo: string): string;
}

export function ownerOf(input: ActionInput): Owner {
  return { id: input.resourceId, kind: input.resourceKind, accountId: input.accountId, region: input.region };
}

export function waitContext(): WaitContext {
  const context = Context.current();
  return {
    heartbeat: (details) => context.heartbeat(details),
    resumeFrom: context.info.heartbeatDetails as OperationDetails | undefined,
    signal: context.cancellationSignal,
  };
}

export function probeWait(timeoutMs: number): ProbeWait {
  const context = Context.current();
  return {
    timeoutMs,
    signal: context.cancellationSignal,
    // Read among the pending activities in Temporal's UI, and in `actions show`.
    onAttempt: (attempt, before) =>
      context.heartbeat(`asks whether it answers, try ${attempt}${before === null ? "" : `: ${before}`}`),
  };
}
