import type { Client } from "@temporalio/client";
import { regionTaskQueue, workflowTaskQueue } from "../domain/task-queues.ts";

/** `TASK_QUEUE_TYPE_WORKFLOW` of temporal.api.enums.v1.TaskQueueType. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

/** Answers whether Temporal is there, and whether any worker would take our workflows. */
export function temporalHealth(client: Client, taskQueuePrefix: string) {
  return {
    async checkTemporal(): Promise<void> {
      await client.workflowService.getSystemInfo({});
    },

    async hasWorkflowPollers(): Promise<boolean> {
      const { pollers } = await client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: workflowTaskQueue(taskQueuePrefix) },
        taskQueueType: WORKFLOW_TASKS,
      });
      return pollers.length > 0;
    },

    /** How many workers ask for work on the region's infrastructure. */
    async countRegionPollers(region: string): Promise<number> {
      const { pollers } = await client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: regionTaskQueue(workflowTaskQueue(taskQueuePrefix), region) },
        taskQueueType: ACTIVITY_TASKS,
      });
      return pollers.length;
    },
  };
}
