import { z } from "zod";
import { stepOfActivity } from "../../domain/activity-names.ts";
import { type OperatorAction, type OperatorActionDetail, standsAt } from "../../domain/operator-action.ts";
import { workflowId } from "../../domain/workflow-ids.ts";
import { count, resourceStatus, shownId, timestamp } from "../schemas/shown.ts";
import { actionSchema, actionView } from "./action.ts";
import { rfc3339 } from "./timestamp.ts";

const waitSchema = z
  .object({
    hold_id: shownId("hold"),
    step: z.string().meta({ description: "It waits before this step." }),
    reason: z.string(),
    since: timestamp,
  })
  .meta({ id: "GateWait", description: "Where it waits because an operator holds that; null: it does not." });

const pendingSchema = z
  .object({
    activity: z.string().meta({ description: "The step, or an undo." }),
    attempt: count,
    next_attempt_at: timestamp.nullable().meta({ description: "Null: one is under way." }),
    progress: z
      .string()
      .nullable()
      .meta({ description: "How far the one under way has come, in its own words; null: it has not said." }),
    last_failure: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: "Why the attempt before failed, in the words of the logs." }),
  })
  .meta({ id: "PendingStep" });

const operatorActionShape = {
  ...actionSchema.shape,
  account_id: z.string(),
  region: z.string(),
  step: z.string().nullable().meta({ description: "Where it stands, or in which step it has failed." }),
  attempt: count.meta({ description: "Counts the actions of this type on the resource." }),
  workflow_id: z.string().meta({ description: "In Temporal." }),
  request_id: z.string().meta({ description: "Of the request that was accepted: every line of the logs has it." }),
  leftovers: z.array(z.string()).meta({ description: "Undos that failed for good: what an operator has to look at." }),
  waits_for: waitSchema.nullable(),
  started_at: timestamp.nullable().meta({ description: "Null: no worker has begun it yet." }),
  cancel_requested_at: timestamp.nullable(),
};

export const operatorActionSchema = z.object(operatorActionShape).meta({ id: "OperatorAction" });

export const operatorActionDetailSchema = z
  .object({
    ...operatorActionShape,
    account_name: z.string(),
    pending: z
      .array(pendingSchema)
      .nullable()
      .meta({ description: "What Temporal does for it, or is about to; null: Temporal does not answer." }),
    resource_state: z
      .object({ name: z.string(), status: resourceStatus, ipv4: z.string().nullable() })
      .nullable()
      .meta({ description: "How the resource is now; null: it is gone." }),
    parameters: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({
        description: "What it was asked to do, where it takes something.",
        published: { type: ["object", "null"] },
      }),
  })
  .meta({ id: "OperatorActionDetail" });

export function operatorActionView(action: OperatorAction): z.output<typeof operatorActionSchema> {
  const { wait } = action;
  return {
    ...actionView(action),
    account_id: action.accountId,
    region: action.region,
    step: standsAt(action),
    attempt: action.attempt,
    workflow_id: workflowId(action),
    request_id: action.requestId,
    leftovers: action.error?.leftovers ?? [],
    waits_for: wait && { hold_id: wait.holdId, step: wait.step, reason: wait.reason, since: rfc3339(wait.since) },
    started_at: action.startedAt && rfc3339(action.startedAt),
    cancel_requested_at: action.cancelRequestedAt && rfc3339(action.cancelRequestedAt),
  };
}

export function operatorActionDetailView(action: OperatorActionDetail): z.output<typeof operatorActionDetailSchema> {
  const parameters = action.parameters && { ...action.parameters };
  return {
    ...operatorActionView(action),
    account_name: action.accountName,
    pending:
      action.pending?.map(({ activity, attempt, nextAttemptAt, progress, lastFailure }) => ({
        ...{ activity: stepOfActivity(activity), attempt, next_attempt_at: nextAttemptAt && rfc3339(nextAttemptAt) },
        progress,
        last_failure: lastFailure,
      })) ?? null,
    resource_state: action.resource,
    parameters,
  };
}
