import type { Client } from "@temporalio/client";
import proto from "@temporalio/proto";
import { DomainError } from "../domain/domain-error.ts";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import type { WorkerBuild, WorkerBuildStatus, WorkerFleet } from "../domain/worker-fleet.ts";

const enums = proto.temporal.api.enums.v1;
type DeploymentInfo = proto.temporal.api.deployment.v1.IWorkerDeploymentInfo;
type Time = proto.google.protobuf.ITimestamp | null | undefined;

const GRPC_NOT_FOUND = 5;
const GRPC_FAILED_PRECONDITION = 9;

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
      await change(client.workflowService.setWorkerDeploymentCurrentVersion({ ...deployment, buildId }));
    },

    async ramp(buildId, percentage) {
      // Without a build there is no ramp: one of 0 percent would still be named.
      const ramp = percentage === 0 ? { buildId: "", percentage } : { buildId, percentage };
      await change(client.workflowService.setWorkerDeploymentRampingVersion({ ...deployment, ...ramp }));
    },
  };
}

/** Temporal refuses to have actions begin where a queue that is in use would have no worker. */
async function change(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (cause) {
    const { code, details = "" } = cause as { code?: number; details?: string };
    if (code !== GRPC_FAILED_PRECONDITION) throw cause;
    throw new DomainError("invalid_status", {
      publicText: "The build does not have workers for every queue that is in use.",
      ...{ internal: details, cause },
    });
  }
}

/**
 * Makes `buildId` the current build where there is none: a new installation serves without anybody's doing. Whoever is later waits to be made current. Called before
 * the workers of the build ask for work; what was begun without versions goes on with it.
 */
export async function ensureCurrentBuild(client: Client, taskQueuePrefix: string, buildId: string): Promise<string> {
  const { namespace } = client.options;
  const deployment = { namespace, deploymentName: taskQueuePrefix };
  const current = async () => {
    const info = await describeDeployment(client, taskQueuePrefix);
    return info?.routingConfig?.currentDeploymentVersion?.buildId ?? null;
  };
  const before = await current();
  if (before !== null) return before;
  const request = { ...deployment, buildId, allowNoPollers: true, ignoreMissingTaskQueues: true };
  await client.workflowService.setWorkerDeploymentCurrentVersion(request);
  return buildId;
}

/** Null: no versioned worker has ever been there. */
async function describeDeployment(client: Client, name: string): Promise<DeploymentInfo | null> {
  try {
    const { namespace } = client.options;
    const answer = await client.workflowService.describeWorkerDeployment({ namespace, deploymentName: name });
    return answer.workerDeploymentInfo ?? null;
  } catch (error) {
    if ((error as { code?: number }).code === GRPC_NOT_FOUND) return null;
    throw error;
  }
}

/** Pollers of the workflows' queue, by build. */
async function countWorkers(client: Client, taskQueuePrefix: string): Promise<Map<string, number>> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: workflowTaskQueue(taskQueuePrefix) },
    taskQueueType: enums.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  const counts = new Map<string, number>();
  for (const { deploymentOptions } of pollers) {
    const buildId = deploymentOptions?.buildId ?? "";
    counts.set(buildId, (counts.get(buildId) ?? 0) + 1);
  }
  return counts;
}

function toDate(time: Time): Date | null {
  if (!time?.seconds) return null;
  return new Date(Number(time.seconds) * 1_000 + Math.round((time.nanos ?? 0) / 1e6));
}
