import type { Client } from "@temporalio/client";
import { type QueueState, regionTaskQueue, workflowTaskQueue } from "../domain/task-queues.ts";
import { ACTIVITY_TASKS, describeTaskQueue, WORKFLOW_TASKS } from "./pollers.ts";
import { toSeconds } from "./timestamps.ts";

/** How much waits in each of our task queues, and who takes it: that of the workflows, with the activities on our database, and that of each region. Rejects while Temporal is away. */
export function queueStates(client: Client, taskQueuePrefix: string, regions: string[]): Promise<QueueState[]> {
  const workflows = workflowTaskQueue(taskQueuePrefix);
  const kinds: Pick<QueueState, "name" | "kind" | "region">[] = [
    { name: workflows, kind: "workflow", region: null },
    { name: workflows, kind: "activity", region: null },
    ...regions.map((region) => ({ name: regionTaskQueue(workflows, region), kind: "activity" as const, region })),
  ];
  return Promise.all(kinds.map((queue) => stateOf(client, queue)));
}

async function stateOf(client: Client, queue: Pick<QueueState, "name" | "kind" | "region">): Promise<QueueState> {
  const type = queue.kind === "workflow" ? WORKFLOW_TASKS : ACTIVITY_TASKS;
  const { stats, pollers } = await describeTaskQueue(client, queue.name, type);
  const backlog = Number(stats?.approximateBacklogCount ?? 0);
  return {
    ...queue,
    backlog,
    oldestSeconds: backlog === 0 ? null : toSeconds(stats?.approximateBacklogAge),
    addedPerSecond: stats?.tasksAddRate ?? 0,
    dispatchedPerSecond: stats?.tasksDispatchRate ?? 0,
    workers: pollers.length,
  };
}
