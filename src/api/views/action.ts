import { z } from "zod";
import { type Action, actionProgress } from "../../domain/action.ts";
import type { ActionOutline } from "../../domain/event.ts";
import { RESOURCE_KINDS } from "../../domain/resource.ts";
import { ACTION_STATUSES } from "../../domain/statuses.ts";
import { ACTION_TYPES } from "../../domain/workflow-contracts.ts";
import type { Effect } from "../../services/services.ts";
import type { Reply } from "../answer.ts";
import { count, errorCode, shownId, timestamp } from "../schemas/shown.ts";
import { effectHeaders } from "./reply-headers.ts";
import { rfc3339 } from "./timestamp.ts";

const stepSchema = z
  .object({
    name: z.string(),
    status: z.enum(["pending", "running", "succeeded", "failed"]),
    attempt: count.meta({ description: "How often it was begun; 0 while pending." }),
    started_at: timestamp.nullable(),
    ended_at: timestamp.nullable(),
    message: z.string().nullable().meta({ description: "The last failure, also while a retry is under way." }),
  })
  .meta({ id: "ActionStep" });

export const actionSchema = z
  .object({
    id: shownId("action"),
    type: z.enum(ACTION_TYPES),
    status: z.enum(ACTION_STATUSES),
    resource: z.object({ type: z.enum(RESOURCE_KINDS), id: z.string() }).meta({ description: "What it works on." }),
    progress: z.number().meta({
      description: "The share of steps that succeeded.",
      published: { type: "integer", minimum: 0, maximum: 100 },
    }),
    steps: z.array(stepSchema).meta({ description: "In the order they run." }),
    error: z
      .object({ code: errorCode, message: z.string(), step: z.string().nullable(), retryable: z.boolean() })
      .meta({ id: "ActionError", description: "Why it failed or was cancelled. What was done of it has been undone." })
      .nullable(),
    created_at: timestamp,
    ended_at: timestamp.nullable(),
  })
  .meta({ id: "Action" });

/** As it stands in events. */
export const actionOutlineSchema = actionSchema.omit({ progress: true, steps: true }).meta({ id: "ActionOutline" });

type ActionView = z.output<typeof actionSchema>;

export function actionView(action: Action): ActionView {
  const { id, type, status, resource, ...rest } = actionOutlineView(action);
  return { id, type, status, resource, progress: actionProgress(action), steps: action.steps, ...rest };
}

export function actionOutlineView(action: ActionOutline): z.output<typeof actionOutlineSchema> {
  return {
    id: action.id,
    type: action.type,
    status: action.status,
    resource: { type: action.resourceKind, id: action.resourceId },
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
export function acceptedAction({ value: action, replayed }: Effect<Action>): Reply<202, ActionView> {
  return {
    status: 202,
    data: actionView(action),
    headers: effectHeaders({ location: `/v1/actions/${action.id}`, replayed }),
  };
}
