import type { Client } from "@temporalio/client";
import { temporal } from "@temporalio/proto";
import { workflowTaskQueue } from "../domain/task-queues.ts";

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
        taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
      });
      return pollers.length > 0;
    },
  };
}
