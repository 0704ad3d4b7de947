import { type Action, actionProgress } from "../../domain/action.ts";
import type { Effect } from "../../services/services.ts";
import type { Reply } from "../reply.ts";
import { effectHeaders } from "./reply-headers.ts";
import { rfc3339 } from "./timestamp.ts";

export function actionView(action: Action) {
  return {
    id: action.id,
    type: action.type,
    status: action.status,
    resource: { type: action.resourceKind, id: action.resourceId },
    progress: actionProgress(action),
    steps: action.steps,
    error: action.error && {
      code: action.error.code,
      message: action.error.message,
      step: action.error.step,
      retryable: action.error.retryable,
    },
    created_at: rfc3339(action.createdAt),
    ended_at: action.endedAt && rfc3339(action.endedAt),
  };
}

/** The answer to what an action does: 202, and where its progress is found. */
export function acceptedAction({ value: action, replayed }: Effect<Action>): Reply {
  return {
    status: 202,
    data: actionView(action),
    headers: effectHeaders({ location: `/v1/actions/${action.id}`, replayed }),
  };
}
