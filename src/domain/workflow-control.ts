import type { Action } from "./action.ts";
import type { PendingStep } from "./pending-step.ts";
import type { RetryInput } from "./retry.ts";
import type { ActionInput, ActionType, AddressAllocated } from "./workflow-contracts.ts";

/** An accepted action, as its workflow is started from the row. */
export interface ActionToStart {
  type: ActionType;
  /** Counts the actions of this type on the resource: part of the workflow id. */
  attempt: number;
  input: ActionInput;
  /** Null: not known. */
  image: string | null;
}

type Startable = Pick<
  Action,
  | "id"
  | "resourceKind"
  | "resourceId"
  | "accountId"
  | "region"
  | "type"
  | "attempt"
  | "requestId"
  | "startedAt"
  | "image"
>;

/** An action as its workflow is started from its row, on behalf of the request that was accepted. */
export function actionToStart(action: Startable): ActionToStart {
  const {
    id: actionId,
    resourceKind,
    resourceId,
    accountId,
    region,
    requestId,
    type,
    attempt,
    startedAt,
    image,
  } = action;
  const again = startedAt === null ? {} : { isAgain: true as const };
  return {
    type,
    attempt,
    image,
    input: { resourceId, resourceKind, actionId, accountId, region, requestId, ...again },
  };
}

/** What services and activities ask of Temporal. */
export interface WorkflowControl {
  /** Starts the workflow of an accepted action; one that is already there is success. */
  start(action: ActionToStart): Promise<void>;
  /** Starts a create and returns as soon as its address is allocated; null if that takes too long, or it had ended before. Throws `DomainError` if the allocation failed. */
  startCreate(action: ActionToStart): Promise<AddressAllocated | null>;
  /**
   * Asks the workflow of an action, whose row says so by now, to cancel. One that never started is started: its first step finds out. One that has ended is
   * success.
   */
  cancel(action: ActionToStart): Promise<void>;
  /** The ids of the workflows that Temporal lists as running, of all kinds. The list is cheap, and a moment behind: one that is not on it may run, and one that is may have ended. */
  listRunning(): Promise<ReadonlySet<string>>;
  /** How the workflow of an action is. `absent`: Temporal knows none of this id. */
  stateOf(action: ActionToStart): Promise<"running" | "ended" | "absent">;
  /** What Temporal does for an action, or is about to, with the attempts; none of a workflow that it does not know. */
  pendingSteps(action: ActionToStart): Promise<PendingStep[]>;
  /** Starts an audit that was asked for; one that is already there is success. */
  startAudit(auditId: string): Promise<void>;
  /** Starts what tries failed creates again; one that is already there is success. */
  startRetry(input: RetryInput): Promise<void>;
  /** Starts what tells everything that waits for this hold of its release; one that is already there is success. */
  startOpeningGates(holdId: string): Promise<void>;
  /** Tells the workflow of an action that a hold was released; one that has ended, or never was, is success. */
  openGate(action: ActionToStart, holdId: string): Promise<void>;
  /** Asks a workflow to cancel and waits until it has ended, with its compensation. `absent`: there is none of this id. */
  cancelAndWait(action: ActionToStart, signal: AbortSignal): Promise<"ended" | "absent">;
}
