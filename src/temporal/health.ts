import type { Client } from "@temporalio/client";
import { workflowTaskQueue } from "../domain/task-queues.ts";

/** `TASK_QUEUE_TYPE_WORKFLOW` of temporal.api.enums.v1.TaskQueueType. */
const WORKFLOW_TASKS = 1;

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
  };
}
