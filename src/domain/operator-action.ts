import type { Action, ActionParameters } from "./action.ts";
import type { ErrorCode } from "./error-codes.ts";
import type { PendingStep } from "./pending-step.ts";
import type { ResourceKind } from "./resource.ts";
import type { ActionStatus, ResourceStatus } from "./statuses.ts";
import type { ActionType, StepName } from "./workflow-contracts.ts";

/** An action as operators see it: of any account, with what customers need not know. */
export interface OperatorAction extends Action {
  cancelRequestedAt: Date | null;
  /** Where it waits at a gate; null: it does not. */
  wait: GateWait | null;
}

export interface OperatorActionDetail extends OperatorAction {
  accountName: string;
  parameters: ActionParameters | null;
  /** Null: it is gone. */
  resource: { name: string; status: ResourceStatus; ipv4: string | null } | null;
  /** What Temporal does for it, or is about to; null: Temporal does not answer. */
  pending: PendingStep[] | null;
}

/** An action's wait before a step that is held. */
export interface GateWait {
  holdId: string;
  step: string;
  reason: string;
  since: Date;
}

/** null: any. */
export interface OperatorActionFilter {
  status: ActionStatus | null;
  type: ActionType | null;
  resourceKind: ResourceKind | null;
  region: string | null;
  /** Where a running one stands, or in which one has failed. */
  step: StepName | null;
  errorCode: ErrorCode | null;
  accountId: string | null;
  createdBefore: Date | null;
  createdAfter: Date | null;
}

/** The step that a running action stands at: the first that has not succeeded. Of one that has ended, the one it failed in. */
export function standsAt({ status, steps, error }: Pick<Action, "status" | "steps" | "error">): string | null {
  if (status !== "running") return error?.step ?? null;
  return steps.find((step) => step.status !== "succeeded")?.name ?? null;
}
