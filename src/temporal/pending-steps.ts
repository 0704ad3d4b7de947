import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import type { PendingStep } from "../domain/pending-step.ts";
import { toDate } from "./timestamps.ts";

type Failure = proto.temporal.api.failure.v1.IFailure;

const { PENDING_ACTIVITY_STATE_STARTED } = proto.temporal.api.enums.v1.PendingActivityState;

/** What Temporal is doing, or about to do, for a workflow besides waiting for it. Steps on rows are none of it: they run inside of workflow tasks. */
export async function pendingSteps(client: Client, workflowId: string): Promise<PendingStep[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return Promise.all(
    (raw.pendingActivities ?? []).map(
      async ({ activityType, attempt, state, nextAttemptScheduleTime, lastFailure }) => ({
        activity: activityType?.name ?? "",
        attempt: attempt ?? 1,
        nextAttemptAt: state === PENDING_ACTIVITY_STATE_STARTED ? null : toDate(nextAttemptScheduleTime),
        lastFailure: lastFailure ? await failureOf(client, lastFailure) : null,
      }),
    ),
  );
}

/** The code of a failure is readable, its text encrypted (failure-converter.cjs). */
async function failureOf(client: Client, failure: Failure): Promise<{ code: string; message: string }> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let payloads = failure.encodedAttributes ? [failure.encodedAttributes] : [];
  for (const codec of payloadCodecs) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  const text = payload ? payloadConverter.fromPayload<{ message: string }>(payload).message : (failure.message ?? "");
  return { code: codeOf(failure), message: text };
}

function codeOf({ applicationFailureInfo: ours, timeoutFailureInfo: timeout }: Failure): string {
  if (ours?.type) return ours.type;
  return timeout ? "infrastructure_unavailable" : "internal_error";
}
