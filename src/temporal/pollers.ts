import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import { toDate } from "./timestamps.ts";

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;
export const WORKFLOW_TASKS = TASK_QUEUE_TYPE_WORKFLOW;
export const ACTIVITY_TASKS = TASK_QUEUE_TYPE_ACTIVITY;

/** A worker asks for work once a minute at least. Temporal remembers for five minutes that it did, also of one that has died since. The rest is for clocks that differ. */
const LIVES_MS = 90_000;

/** The workers that ask for work of a task queue; one that has died is among them for 90 s at most. */
export async function livingPollers(
  client: Client,
  name: string,
  taskQueueType: typeof WORKFLOW_TASKS | typeof ACTIVITY_TASKS,
): Promise<proto.temporal.api.taskqueue.v1.IPollerInfo[]> {
  const { namespace } = client.options;
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
  return pollers.filter(({ lastAccessTime }) => Date.now() - (toDate(lastAccessTime)?.getTime() ?? 0) < LIVES_MS);
}
