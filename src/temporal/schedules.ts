import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import {
  AUDIT_WORKFLOW_TYPE,
  type RegionInput,
  SWEEP_WORKFLOW_TYPE,
  SYNC_ENGINES_WORKFLOW_TYPE,
} from "../domain/workflow-contracts.ts";
import { AUDIT_SCHEDULE_ID, SWEEP_SCHEDULE_ID, syncEnginesScheduleId } from "../domain/workflow-ids.ts";
import { UnreadablePayloadError } from "./payload-encryption.ts";

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

/**
 * Makes the schedules that are missing, and takes away the audit's where there is to be none. Any worker may call it, at any time.
 *
 * `renew`: also brings those that are there up to date: another interval, and arguments that are encrypted with the present key. A worker does that at its start, and not
 * later, so that workers with different settings do not take turns.
 */
export async function ensureSchedules(
  client: Client,
  prefix: string,
  settings: ScheduleSettings,
  { renew }: { renew: boolean },
): Promise<void> {
  for (const recurring of wanted(settings)) {
    const options = optionsOf(prefix, recurring);
    if (!(await create(client, options)) && renew) await replace(client, options);
  }
  if (settings.auditMs === 0) await remove(client, `${prefix}-${AUDIT_SCHEDULE_ID}`);
}

function wanted({ regions, auditMs }: ScheduleSettings): Recurring[] {
  const audit: Recurring = {
    scheduleId: AUDIT_SCHEDULE_ID,
    workflowType: AUDIT_WORKFLOW_TYPE,
    args: [],
    every: auditMs,
    within: "30 minutes",
  };
  return [
    {
      scheduleId: SWEEP_SCHEDULE_ID,
      workflowType: SWEEP_WORKFLOW_TYPE,
      args: [],
      every: SWEEP_INTERVAL,
      within: "1 minute",
    },
    ...(auditMs > 0 ? [audit] : []),
    ...regions.map(
      (region): Recurring => ({
        scheduleId: syncEnginesScheduleId(region),
        workflowType: SYNC_ENGINES_WORKFLOW_TYPE,
        args: [{ region }],
        every: SYNC_ENGINES_INTERVAL,
        within: "1 minute",
      }),
    ),
  ];
}

/** Has the engines of the regions looked up now: what a worker does at its start. */
export async function lookUpEngines(client: Client, taskQueuePrefix: string, regions: string[]): Promise<void> {
  for (const region of regions) {
    await client.schedule.getHandle(`${taskQueuePrefix}-${syncEnginesScheduleId(region)}`).trigger();
  }
}

type Options = ReturnType<typeof optionsOf>;

function optionsOf(prefix: string, { scheduleId, workflowType, args, every, within }: Recurring) {
  const id = `${prefix}-${scheduleId}`;
  return {
    scheduleId: id,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1 minute" },
    action: {
      type: "startWorkflow",
      workflowType,
      workflowId: id,
      taskQueue: workflowTaskQueue(prefix),
      args,
      workflowExecutionTimeout: within,
    },
  } satisfies ScheduleOptions;
}

/** False: it is there. */
async function create(client: Client, options: Options): Promise<boolean> {
  try {
    await client.schedule.create(options);
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}

/** One that is paused stays so. */
async function replace(client: Client, options: Options): Promise<void> {
  const { scheduleId, spec, policies, action } = options;
  const handle = client.schedule.getHandle(scheduleId);
  try {
    await handle.update(({ state }) => ({ spec, policies, action, state }));
  } catch (error) {
    if (!(error instanceof UnreadablePayloadError)) throw error;
    // Its key is gone, and what it starts would fail for it.
    await handle.delete();
    await create(client, options);
  }
}

async function remove(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
