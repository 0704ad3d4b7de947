import type { DataConverter } from "@temporalio/common";
import type {
  ActivityInterceptorsFactory,
  NativeConnection,
  WorkerDeploymentOptions,
  WorkerOptions,
} from "@temporalio/worker";
import { Worker } from "@temporalio/worker";
import { regionTaskQueue, workflowTaskQueue } from "../domain/task-queues.ts";
import { EarlyHeartbeats } from "./early-heartbeats.ts";

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  taskQueuePrefix: string;
  workflowBundle: { codePath: string };
  dataConverter: DataConverter;
  storeActivities: object;
  /** Activities of each region that this process serves. */
  regionActivities: Record<string, object>;
  interceptors: ActivityInterceptorsFactory[];
  /** Which build these workers are; null: they take whatever there is to do. */
  buildId: string | null;
  /** How long a shutdown waits for running activities. */
  shutdownGraceMs: number;
}

export interface Workers {
  /** Resolves when all have stopped after `shutdown`; rejects if one fails. */
  run(): Promise<void>;
  shutdown(): void;
}

/** Sticky caches of a dead worker are given up after this; the default is 10 s. */
const STICKY_TIMEOUT = "3s";
/** Heartbeats carry cancels back: more often than the default of 4/5 of the heartbeat timeout, a DELETE waits less for a create that is under way. */
const HEARTBEAT_THROTTLE = "1s";
/** Creates on one hypervisor gain nothing beyond about 8 at once; waits for SSH are cheap. */
const REGION_ACTIVITY_SLOTS = 40;

const holdEarlyHeartbeats: ActivityInterceptorsFactory = (context) => ({ inbound: new EarlyHeartbeats(context) });

/** An action ends on the build on which it began; what says otherwise is in `workflows`. */
function versioned(deploymentName: string, buildId: string): WorkerDeploymentOptions {
  return { useWorkerVersioning: true, version: { deploymentName, buildId }, defaultVersioningBehavior: "PINNED" };
}

/** One worker for the workflows with the activities on our own database, and one for the activities of each region. */
export async function createWorkers(options: WorkersOptions): Promise<Workers> {
  const queue = workflowTaskQueue(options.taskQueuePrefix);
  const shared = {
    connection: options.connection,
    namespace: options.namespace,
    dataConverter: options.dataConverter,
    interceptors: { activity: [holdEarlyHeartbeats, ...options.interceptors] },
    shutdownGraceTime: options.shutdownGraceMs,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    ...(options.buildId !== null && { workerDeploymentOptions: versioned(options.taskQueuePrefix, options.buildId) }),
  } satisfies Partial<WorkerOptions>;
  const workers = [
    await Worker.create({
      ...shared,
      taskQueue: queue,
      workflowBundle: options.workflowBundle,
      activities: options.storeActivities,
      stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    }),
  ];
  for (const [region, activities] of Object.entries(options.regionActivities)) {
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: regionTaskQueue(queue, region),
        activities,
        maxConcurrentActivityTaskExecutions: REGION_ACTIVITY_SLOTS,
      }),
    );
  }
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  return {
    async run() {
      try {
        await Promise.all(workers.map((worker) => worker.run()));
      } finally {
        shutdown();
      }
    },
    shutdown,
  };
}
