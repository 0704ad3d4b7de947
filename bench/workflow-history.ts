import type { WorkflowHandle } from "@temporalio/client";
import { tsToMs } from "@temporalio/common/lib/time.js";
import type { NoopStep } from "./noop-contract.ts";

export type History = Awaited<ReturnType<WorkflowHandle["fetchHistory"]>>;
export interface Step {
  name: string;
  /** Since the start of the workflow. */
  ms: number;
}
type HistoryEvent = NonNullable<History["events"]>[number];

const LOCAL_ACTIVITY_MARKER = "core_local_activity";

/** By Temporal's own clock: from the start of the workflow to its end. */
export function durationMs({ events }: History): number {
  return msBetween(events?.[0], events?.at(-1));
}

/** The kinds of a workflow's activities, in the order they ended (local) or were scheduled (regional). */
export function shapeOf({ events }: History): NoopStep[] {
  return (events ?? []).flatMap((event): NoopStep[] => {
    if (event.activityTaskScheduledEventAttributes) return ["regional"];
    return isLocalActivity(event) ? ["local"] : [];
  });
}

/** When each activity had ended, in milliseconds since the start of the workflow. */
export function stepsOf({ events }: History): Step[] {
  const list = events ?? [];
  return list.flatMap((event) => {
    const name = isLocalActivity(event) ? localName(event) : regionalName(list, event);
    return name === null ? [] : [{ name, ms: msBetween(list[0], event) }];
  });
}

function isLocalActivity(event: HistoryEvent): boolean {
  return event.markerRecordedEventAttributes?.markerName === LOCAL_ACTIVITY_MARKER;
}

function localName(event: HistoryEvent): string {
  const data = event.markerRecordedEventAttributes?.details?.["data"]?.payloads?.[0]?.data;
  const { activity_type } = JSON.parse(Buffer.from(data ?? "").toString() || "{}") as { activity_type?: string };
  return activity_type ?? "a local activity";
}

function regionalName(events: HistoryEvent[], event: HistoryEvent): string | null {
  const scheduledId = event.activityTaskCompletedEventAttributes?.scheduledEventId;
  if (!scheduledId) return null;
  const scheduled = events.find(({ eventId }) => eventId?.toString() === scheduledId.toString());
  return scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ?? "an activity";
}

function msBetween(first: HistoryEvent | undefined, last: HistoryEvent | undefined): number {
  return toMs(last) - toMs(first);
}

function toMs(event: HistoryEvent | undefined): number {
  if (!event?.eventTime) throw new Error("the history is empty");
  return tsToMs(event.eventTime);
}
