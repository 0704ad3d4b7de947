import type { Action } from "../src/domain/action.ts";
import type { ActionToStart } from "../src/domain/workflow-control.ts";

/** An accepted action as its workflow is started from the row. */
export function actionToStart(action: Action): ActionToStart {
  const { id: actionId, resourceKind, resourceId, accountId, region, requestId, type, attempt } = action;
  return { type, attempt, input: { resourceId, resourceKind, actionId, accountId, region, requestId } };
}
