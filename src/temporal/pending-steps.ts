import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import type { PendingStep } from "../domain/pending-step.ts";
import { toDate } from "./timestamps.ts";

type Payload = proto.temporal.api.common.v1.IPayload;
type Failure = proto.temporal.api.failure.v1.IFailure;

const { PENDING_ACTIVITY_STATE_STARTED } = proto.temporal.api.enums.v1.PendingActivityState;

/** What Temporal is doing, or about to do, for a workflow besides waiting for it. Steps on rows are none of it: they run inside of workflow tasks. */
export async function pendingSteps(client: Client, workflowId: string): Promise<PendingStep[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return Promise.all(
    (raw.pendingActivities ?? []).map(
      async ({ activityType, attempt, state, nextAttemptScheduleTime, heartbeatDetails, lastFailure }) => {
        const isUnderWay = state === PENDING_ACTIVITY_STATE_STARTED;
        return {
          activity: activityType?.name ?? "",
          attempt: attempt ?? 1,
          nextAttemptAt: isUnderWay ? null : toDate(nextAttemptScheduleTime),
          progress: isUnderWay ? await progressOf(client, heartbeatDetails?.payloads?.[0]) : null,
          lastFailure: lastFailure ? await failureOf(client, lastFailure) : null,
        };
      },
    ),
  );
}

/** What a heartbeat said; what it left for its successor is no words. */
async function progressOf(client: Client, payload: Payload | undefined): Promise<string | null> {
  const details = payload ? await opened(client, payload) : null;
  return typeof details === "string" ? details : null;
}

/** The code of a failure is readable, its text encrypted (failure-converter.cjs). */
async function failureOf(client: Client, failure: Failure): Promise<{ code: string; message: string }> {
  const { encodedAttributes } = failure;
  const attributes = encodedAttributes ? ((await opened(client, encodedAttributes)) as { message: string }) : null;
  return { code: codeOf(failure), message: attributes?.message ?? failure.message ?? "" };
}

async function opened(client: Client, sealed: Payload): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let payloads = [sealed];
  for (const codec of payloadCodecs) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  return payload ? payloadConverter.fromPayload(payload) : null;
}

function codeOf({ applicationFailureInfo: ours, timeoutFailureInfo: timeout }: Failure): string {
  if (ours?.type) return ours.type;
  return timeout ? "infrastructure_unavailable" : "internal_error";
}
