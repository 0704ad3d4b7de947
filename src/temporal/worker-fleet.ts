import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import { DomainError } from "../domain/domain-error.ts";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import type { WorkerBuild, WorkerBuildStatus, WorkerFleet } from "../domain/worker-fleet.ts";
import { GRPC } from "./grpc-codes.ts";
import { livingPollers, WORKFLOW_TASKS } from "./pollers.ts";
import { toDate } from "./timestamps.ts";

const enums = proto.temporal.api.enums.v1;
type DeploymentInfo = proto.temporal.api.deployment.v1.IWorkerDeploymentInfo;

/** Of a change whose answer does not come. */
const MAX_TRIES = 6;

const STATUSES = new Map<number, WorkerBuildStatus>([
  [enums.WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT, "current"],
  [enums.WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING, "ramping"],
  [enums.WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING, "draining"],
  [enums.WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED, "drained"],
]);

/** The workers of an installation are one deployment, under the prefix of its task queues. */
export function temporalWorkerFleet(client: Client, taskQueuePrefix: string): WorkerFleet {
  const { namespace } = client.options;
  const deployment = { namespace, deploymentName: taskQueuePrefix };

  return {
    async builds() {
      const info = await describeDeployment(client, taskQueuePrefix);
      if (!info) return [];
      const workers = await countWorkers(client, taskQueuePrefix);
      const { rampingVersionPercentage } = info.routingConfig ?? {};
      return (info.versionSummaries ?? [])
        .map((version): WorkerBuild => {
          const buildId = version.deploymentVersion?.buildId ?? "";
          const status = STATUSES.get(version.status ?? 0) ?? "inactive";
          return {
            buildId,
            status,
            percent: status === "ramping" ? (rampingVersionPercentage ?? null) : null,
            workers: workers.get(buildId) ?? 0,
            firstSeenAt: toDate(version.createTime),
            lastCurrentAt: toDate(version.lastCurrentTime),
          };
        })
        .sort((a, b) => Number(b.firstSeenAt) - Number(a.firstSeenAt));
    },

    async setCurrent(buildId) {
      await change(client, taskQueuePrefix, {
        make: () => client.workflowService.setWorkerDeploymentCurrentVersion({ ...deployment, buildId }),
        isMade: ({ current }) => current === buildId,
      });
    },

    async ramp(buildId, percentage) {
      // Without a build there is no ramp: one of 0 percent would still be named.
      const ramp = percentage === 0 ? { buildId: "", percentage } : { buildId, percentage };
      await change(client, taskQueuePrefix, {
        make: () => client.workflowService.setWorkerDeploymentRampingVersion({ ...deployment, ...ramp }),
        isMade: ({ ramping, percent }) =>
          percentage === 0 ? ramping === null : ramping === buildId && percent === percentage,
      });
    },
  };
}

/** What actions begin with. Null: none. */
interface Routing {
  current: string | null;
  ramping: string | null;
  percent: number;
}

interface Change {
  make: () => Promise<unknown>;
  isMade: (routing: Routing) => boolean;
}

/** Temporal refuses to have actions begin where a queue that is in use would have no worker. */
async function change(client: Client, deploymentName: string, wanted: Change): Promise<void> {
  try {
    await makeChange(client, deploymentName, wanted);
  } catch (cause) {
    const { code, details = "" } = cause as { code?: number; details?: string };
    if (code !== GRPC.failedPrecondition) throw cause;
    throw new DomainError("invalid_status", {
      publicText: "The build does not have workers for every queue that is in use.",
      ...{ internal: details, cause },
    });
  }
}

/** Temporal has a workflow of its own make the change, and on a busy machine it happens that the answer never comes although the change was made. */
async function makeChange(client: Client, deploymentName: string, { make, isMade }: Change): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await make();
      return;
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      if (isMade(await routingOf(client, deploymentName))) return;
      if (tried === MAX_TRIES) throw error;
    }
  }
}

/** Given up by us, or by Temporal when we have. */
function isUnanswered(error: unknown): boolean {
  const { code } = error as { code?: number };
  return code === GRPC.deadlineExceeded || code === GRPC.cancelled;
}

async function routingOf(client: Client, deploymentName: string): Promise<Routing> {
  const { routingConfig } = (await describeDeployment(client, deploymentName)) ?? {};
  return {
    current: routingConfig?.currentDeploymentVersion?.buildId ?? null,
    ramping: routingConfig?.rampingDeploymentVersion?.buildId ?? null,
    percent: routingConfig?.rampingVersionPercentage ?? 0,
  };
}

/**
 * Makes `buildId` the current build where there is none: a new installation serves without anybody's doing. Whoever is later waits to be made current. Called before
 * the workers of the build ask for work; what was begun without versions goes on with it.
 */
export async function ensureCurrentBuild(client: Client, taskQueuePrefix: string, buildId: string): Promise<string> {
  const { namespace } = client.options;
  const deployment = { namespace, deploymentName: taskQueuePrefix };
  const { current } = await routingOf(client, taskQueuePrefix);
  if (current !== null) return current;
  const request = { ...deployment, buildId, allowNoPollers: true, ignoreMissingTaskQueues: true };
  await makeChange(client, taskQueuePrefix, {
    make: () => client.workflowService.setWorkerDeploymentCurrentVersion(request),
    isMade: (routing) => routing.current !== null,
  });
  return buildId;
}

/** Null: no versioned worker has ever been there. */
async function describeDeployment(client: Client, name: string): Promise<DeploymentInfo | null> {
  try {
    const { namespace } = client.options;
    const answer = await client.workflowService.describeWorkerDeployment({ namespace, deploymentName: name });
    return answer.workerDeploymentInfo ?? null;
  } catch (error) {
    if ((error as { code?: number }).code === GRPC.notFound) return null;
    throw error;
  }
}

/** Pollers of the workflows' queue, by build. */
async function countWorkers(client: Client, taskQueuePrefix: string): Promise<Map<string, number>> {
  const pollers = await livingPollers(client, workflowTaskQueue(taskQueuePrefix), WORKFLOW_TASKS);
  const counts = new Map<string, number>();
  for (const { deploymentOptions } of pollers) {
    const buildId = deploymentOptions?.buildId ?? "";
    counts.set(buildId, (counts.get(buildId) ?? 0) + 1);
  }
  return counts;
}
