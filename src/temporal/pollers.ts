import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import { toDate } from "./timestamps.ts";

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;
export const WORKFLOW_TASKS = TASK_QUEUE_TYPE_WORKFLOW;
export const ACTIVITY_TASKS = TASK_QUEUE_TYPE_ACTIVITY;

type Poller = proto.temporal.api.taskqueue.v1.IPollerInfo;

/** A worker asks for work once a minute at least. Temporal remembers for five minutes that it did, also of one that has died since. The rest is for clocks that differ. */
const LIVES_MS = 90_000;

type TaskType = typeof WORKFLOW_TASKS | typeof ACTIVITY_TASKS;

/** The workers that ask for work of a task queue; one that has died is among them for 90 s at most. */
export async function livingPollers(client: Client, name: string, type: TaskType): Promise<Poller[]> {
  return (await describe(client, name, type, false)).pollers;
}

/** Those, and how much waits for them. */
export function describeTaskQueue(client: Client, name: string, type: TaskType) {
  return describe(client, name, type, true);
}

async function describe(client: Client, name: string, taskQueueType: TaskType, reportStats: boolean) {
  const { namespace } = client.options;
  const request = { namespace, taskQueue: { name }, taskQueueType, reportStats };
  const { pollers, stats } = await client.workflowService.describeTaskQueue(request);
  const isLiving = ({ lastAccessTime }: Poller) => Date.now() - (toDate(lastAccessTime)?.getTime() ?? 0) < LIVES_MS;
  return { pollers: pollers.filter(isLiving), stats };
}
