import type { ActionInput } from "./workflow-contracts.ts";

/** Under what a log line of an action is found: the names are those of the API's own lines and of its answers. */
export interface LogIds {
  request_id: string;
  action_id: string;
  resource_id: string;
  account_id: string;
  region: string;
}

/** The ids in the input of a workflow or an activity; null for one that belongs to no action. */
export function logIds(input: unknown): LogIds | null {
  const { requestId, actionId, resourceId, accountId, region } = (input ?? {}) as Partial<ActionInput>;
  if (!requestId || !actionId || !resourceId || !accountId || !region) return null;
  return { request_id: requestId, action_id: actionId, resource_id: resourceId, account_id: accountId, region };
}
