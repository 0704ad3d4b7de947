import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import { SWEEP_WORKFLOW_TYPE } from "../domain/workflow-contracts.ts";
import { SWEEP_SCHEDULE_ID } from "../domain/workflow-ids.ts";

const SWEEP_INTERVAL = "10s";

/** Makes the schedule of the sweep unless it is there. Any worker may call it at its start. */
export async function ensureSweepSchedule(client: Client, taskQueuePrefix: string): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: `${taskQueuePrefix}-${SWEEP_SCHEDULE_ID}`,
      spec: { intervals: [{ every: SWEEP_INTERVAL }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1 minute" },
      action: {
        type: "startWorkflow",
        workflowType: SWEEP_WORKFLOW_TYPE,
        workflowId: `${taskQueuePrefix}-${SWEEP_SCHEDULE_ID}`,
        taskQueue: workflowTaskQueue(taskQueuePrefix),
        args: [],
        workflowExecutionTimeout: "1 minute",
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
