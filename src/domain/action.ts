import type { ResourceKind } from "./resource.ts";
import type { ActionStatus, StepStatus } from "./statuses.ts";
import type { ActionFailure, ActionType } from "./workflow-contracts.ts";

/** One phase of an action. Stored as it is shown: snake_case JSON on the action row. */
export interface ActionStep {
  name: string;
  status: StepStatus;
  /** How often it was begun; 0 while pending. */
  attempt: number;
  started_at: string | null;
  ended_at: string | null;
  /** The public sentence of the last failure, also while a retry is under way. */
  message: string | null;
}

/** What an action was asked to do, for those that take something. Stored as JSON on the action row. */
export interface ActionParameters {
  trusted_sources?: { from: string[]; to: string[] };
  resize?: { from: SizedPlan; to: SizedPlan };
  /** Slugs of images. */
  rebuild?: { from: string; to: string };
}

/** A plan with what it was worth at the time. */
export interface SizedPlan {
  plan: string;
  size: { vcpus: number; memoryMib: number; diskGib: number };
}

export interface Action {
  id: string;
  accountId: string;
  type: ActionType;
  status: ActionStatus;
  resourceKind: ResourceKind;
  resourceId: string;
  region: string;
  /** What the resource's disk is made from, or will be by it: as Resource.image. Null: accepted by a build that did not write it down. */
  image: string | null;
  /** Counts the actions of this type on the resource. */
  attempt: number;
  /** Of the request that was accepted. */
  requestId: string;
  steps: ActionStep[];
  error: ActionFailure | null;
  createdAt: Date;
  /** When a workflow first touched it; null: none has. */
  startedAt: Date | null;
  endedAt: Date | null;
}

/** 0-100: the share of steps that succeeded; 100 only once the action succeeded. */
export function actionProgress(action: Action): number {
  if (action.status === "succeeded") return 100;
  const succeeded = action.steps.filter((step) => step.status === "succeeded").length;
  return action.steps.length === 0 ? 0 : Math.min(99, Math.floor((100 * succeeded) / action.steps.length));
}
