import type { Client } from "@temporalio/client";
import { regionTaskQueue, workflowTaskQueue } from "../domain/task-queues.ts";
import { ACTIVITY_TASKS, livingPollers, WORKFLOW_TASKS } from "./pollers.ts";
import { queueStates } from "./queue-states.ts";

/** Answers whether Temporal is there, and whether any worker would take our workflows. */
export function temporalHealth(client: Client, taskQueuePrefix: string) {
  const workflows = workflowTaskQueue(taskQueuePrefix);
  return {
    async checkTemporal(): Promise<void> {
      await client.workflowService.getSystemInfo({});
    },

    async hasWorkflowPollers(): Promise<boolean> {
      return (await livingPollers(client, workflows, WORKFLOW_TASKS)).length > 0;
    },

    /** How many workers ask for work on the region's infrastructure. */
    async countRegionPollers(region: string): Promise<number> {
      return (await livingPollers(client, regionTaskQueue(workflows, region), ACTIVITY_TASKS)).length;
    },

    queueStates: (regions: string[]) => queueStates(client, taskQueuePrefix, regions),
  };
}
