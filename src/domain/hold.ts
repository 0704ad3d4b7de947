import type { ResourceKind } from "./resource.ts";
import type { StepName } from "./workflow-contracts.ts";

/** What operators hold, and the gate before it. */

/** The steps that touch a region, and can be held: all that runs on a region's task queue. Those on rows take milliseconds; holding an undo would keep what failed from being cleaned up. */
export const REGION_STEPS = [
  "resolve_image",
  "resolve_new_image",
  "create_volume",
  "restrict_access",
  "create_instance",
  "configure_instance",
  "start_instance",
  "wait_for_ssh",
  "set_up_engine",
  "verify_engine",
  "look_at_instance",
  "shut_down_instance",
  "stop_instance",
  "resize_instance",
  "rebuild_instance",
  "add_password",
  "verify_password",
  "drop_password",
  "apply_trusted_sources",
  "delete_instance",
  "delete_volume",
  "remove_access_rules",
] as const satisfies readonly StepName[];
export type RegionStep = (typeof REGION_STEPS)[number];

/** Null: any. */
export interface HeldPart {
  region: string | null;
  host: string | null;
  step: RegionStep | null;
  resourceKind: ResourceKind | null;
}

export interface Hold extends HeldPart {
  id: string;
  reason: string;
  /** The operator's key. */
  apiKeyId: string;
  createdAt: Date;
  /** Null: it is in force. */
  releasedAt: Date | null;
}

export interface HoldSeen extends Hold {
  /** How many running actions wait for its release. */
  waiting: number;
}

/** What the gate asks about. */
export interface StepAhead {
  region: string;
  /** That the region is on; null: the worker's configuration has no such region. */
  host: string | null;
  step: RegionStep;
  resourceKind: ResourceKind;
}

export function isHeld(part: HeldPart, ahead: StepAhead): boolean {
  const keys = ["region", "host", "step", "resourceKind"] as const;
  return keys.every((key) => part[key] === null || part[key] === ahead[key]);
}

/** A step begins by what was known of the holds at most so long ago. */
export const HOLDS_KNOWN_FOR_MS = 1_000;

/** The type of the failure by which a step tells its workflow to wait. It is no error code: nothing has failed. */
export const STEP_HELD = "step_held";

/** What that failure says. */
export interface HeldAt {
  holdId: string;
  reason: string;
}

/** Tells a workflow that a hold was released. */
export const GATE_OPENED_SIGNAL = "gateOpened";

/** What customers read on the step. */
export const HELD_MESSAGE = "This step is held by the operators of the installation, and goes on when they release it.";
