import type { Action } from "./action.ts";

/** What names the workflow of an action. */
export type WorkflowKey = Pick<Action, "type" | "resourceKind" | "resourceId" | "attempt">;

/** `create-server/srv_…/1`: derived from the row, so that a second start of the same action meets the first. */
export function workflowId({ type, resourceKind, resourceId, attempt }: WorkflowKey): string {
  return `${type.replaceAll("_", "-")}-${resourceKind}/${resourceId}/${attempt}`;
}

export const SWEEP_SCHEDULE_ID = "sweep-unstarted-actions";

export const AUDIT_SCHEDULE_ID = "audit";

/** Of an audit that an operator asked for. */
export function auditWorkflowId(auditId: string): string {
  return `audit/${auditId}`;
}

export function retryWorkflowId(retryId: string): string {
  return `retry/${retryId}`;
}

export function openGatesWorkflowId(holdId: string): string {
  return `open-gates/${holdId}`;
}

export function syncEnginesScheduleId(region: string): string {
  return `sync-database-engines-${region}`;
}
