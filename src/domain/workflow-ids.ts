import type { ActionToStart } from "./workflow-control.ts";

/** `create-server/srv_…/1`: derived from the row, so that a second start of the same action meets the first. */
export function workflowId({ type, attempt, input }: ActionToStart): string {
  return `${type.replaceAll("_", "-")}-${input.resourceKind}/${input.resourceId}/${attempt}`;
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
