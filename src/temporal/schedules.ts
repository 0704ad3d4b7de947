import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import {
  AUDIT_WORKFLOW_TYPE,
  type RegionInput,
  SWEEP_WORKFLOW_TYPE,
  SYNC_ENGINES_WORKFLOW_TYPE,
} from "../domain/workflow-contracts.ts";
import { AUDIT_SCHEDULE_ID, SWEEP_SCHEDULE_ID, syncEnginesScheduleId } from "../domain/workflow-ids.ts";

const SWEEP_INTERVAL = "10s";
/** An image that is imported is offered after this, or as soon as a worker of the region starts. */
const SYNC_ENGINES_INTERVAL = "1m";

interface Recurring {
  scheduleId: string;
  workflowType: string;
  args: RegionInput[];
  every: "10s" | "1m" | number;
  /** After which a run is given up. */
  within: "1 minute" | "30 minutes";
}

export interface ScheduleSettings {
  /** Whose engines are looked up. */
  regions: string[];
  /** How often everything is compared; 0: only when an operator asks. */
  auditMs: number;
}

/** Makes the schedules that are missing. Any worker may call it, at any time. */
export async function ensureSchedules(
  client: Client,
  taskQueuePrefix: string,
  { regions, auditMs }: ScheduleSettings,
): Promise<void> {
  await ensure(client, taskQueuePrefix, {
    scheduleId: SWEEP_SCHEDULE_ID,
    workflowType: SWEEP_WORKFLOW_TYPE,
    args: [],
    every: SWEEP_INTERVAL,
    within: "1 minute",
  });
  if (auditMs > 0) {
    await ensure(client, taskQueuePrefix, {
      scheduleId: AUDIT_SCHEDULE_ID,
      workflowType: AUDIT_WORKFLOW_TYPE,
      args: [],
      every: auditMs,
      within: "30 minutes",
    });
  }
  for (const region of regions) {
    await ensure(client, taskQueuePrefix, {
      scheduleId: syncEnginesScheduleId(region),
      workflowType: SYNC_ENGINES_WORKFLOW_TYPE,
      args: [{ region }],
      every: SYNC_ENGINES_INTERVAL,
      within: "1 minute",
    });
  }
}

/** Has the engines of the regions looked up now: what a worker does at its start. */
export async function lookUpEngines(client: Client, taskQueuePrefix: string, regions: string[]): Promise<void> {
  for (const region of regions) {
    await client.schedule.getHandle(`${taskQueuePrefix}-${syncEnginesScheduleId(region)}`).trigger();
  }
}

async function ensure(client: Client, taskQueuePrefix: string, recurring: Recurring): Promise<void> {
  const id = `${taskQueuePrefix}-${recurring.scheduleId}`;
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: recurring.every }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1 minute" },
      action: {
        type: "startWorkflow",
        workflowType: recurring.workflowType,
        workflowId: id,
        taskQueue: workflowTaskQueue(taskQueuePrefix),
        args: recurring.args,
        workflowExecutionTimeout: recurring.within,
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
