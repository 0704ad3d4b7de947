import {
  ActivityCancellationType,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from "@temporalio/workflow";
import type { RegionActivities, StoreActivities } from "../activities/index.ts";
import { regionTaskQueue } from "../src/domain/task-queues.ts";
import { timeLimits } from "./deadline.ts";

/** How long an action keeps trying one step on rows before it gives up and compensates; of those from before there were deadlines also a step on infrastructure. */
const STEP_DEADLINE = "15 minutes";
/** An undo that keeps failing must not hide the failure that caused it: after these attempts it is reported as a leftover. */
const UNDO_ATTEMPTS = 12;

const BACKOFF = { initialInterval: "300 milliseconds", backoffCoefficient: 2, maximumInterval: "15 seconds" } as const;

/**
 * A cancelled step is waited for: its undo must not run beside an effect that is still under way. Steps notice a cancel at their next heartbeat.
 */
const CANCELLATION = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** Row updates: milliseconds each, run in the workflow's own worker, and retried as long as the database is away. */
const ROW_UPDATE: LocalActivityOptions = { ...CANCELLATION, startToCloseTimeout: "10 seconds", retry: BACKOFF };

/** Activities of our database that a step may give up on. */
export const store = proxyLocalActivities<StoreActivities>({ ...ROW_UPDATE, scheduleToCloseTimeout: STEP_DEADLINE });

/** Database activities that have to end some day: undos, ends of actions, everything a delete does. */
export const persistentStore = proxyLocalActivities<StoreActivities>(ROW_UPDATE);

/** Database activities that wait for something and heartbeat meanwhile. */
export const waitingStore = proxyActivities<StoreActivities>({
  ...CANCELLATION,
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "5 seconds",
  retry: BACKOFF,
});

/** Infrastructure work of an action, up to its deadline: heartbeats every 2 s at most, so a lost worker is noticed within 5 s. */
export function regionActivities(region: string) {
  return proxyActivities<RegionActivities>({
    ...regionOptions(region),
    ...(timeLimits() ? {} : { scheduleToCloseTimeout: STEP_DEADLINE }),
    retry: BACKOFF,
  });
}

/** Infrastructure undos: tried to the end of their attempts or their time, also where no worker serves the region any more, then reported. */
export function regionUndos(region: string) {
  const limits = timeLimits();
  return proxyActivities<RegionActivities>({
    ...regionOptions(region),
    ...(limits && { scheduleToCloseTimeout: limits.undoSeconds * 1_000 }),
    retry: { ...BACKOFF, maximumAttempts: UNDO_ATTEMPTS },
  });
}

/** Infrastructure work of a delete: goes on until the region answers, or the delete's deadline. */
export function persistentRegionActivities(region: string) {
  return proxyActivities<RegionActivities>({ ...regionOptions(region), retry: BACKOFF });
}

/** A look at everything: it is tried again a little, and left to the next audit then. */
const AUDIT = {
  ...CANCELLATION,
  startToCloseTimeout: "10 minutes",
  scheduleToStartTimeout: "30 seconds",
  heartbeatTimeout: "10 seconds",
  retry: { ...BACKOFF, maximumAttempts: 3 },
} as const;

export const auditStore = proxyActivities<StoreActivities>(AUDIT);

export function auditActivities(region: string) {
  return proxyActivities<RegionActivities>({ ...AUDIT, taskQueue: regionTaskQueue(workflowInfo().taskQueue, region) });
}

function regionOptions(region: string) {
  return {
    ...CANCELLATION,
    taskQueue: regionTaskQueue(workflowInfo().taskQueue, region),
    startToCloseTimeout: "5 minutes",
    heartbeatTimeout: "5 seconds",
  } as const;
}
