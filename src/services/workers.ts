import { DomainError } from "../domain/domain-error.ts";
import type { WorkerBuild } from "../domain/worker-fleet.ts";
import { auditRequest } from "./audit.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import type { Effect, RequestContext, WorkerChangeRequest } from "./services.ts";

export function listWorkerBuilds({ workers }: Dependencies): Promise<WorkerBuild[]> {
  return workers.builds();
}

/** Changes on which build new actions begin; what is under way stays where it is. Answers with all builds, as they are then. */
export async function changeWorkers(
  dependencies: Dependencies,
  request: WorkerChangeRequest,
  context: RequestContext,
): Promise<Effect<WorkerBuild[]>> {
  const { store, workers } = dependencies;
  const { type, reason } = request;
  return once(store, context, {
    resourceId: request.buildId,
    effect: async (repositories) => {
      const builds = await workers.builds();
      const change = type === "rollback" ? wayBack(builds) : { ...request, buildId: known(builds, request.buildId) };
      await auditRequest(repositories, context, {
        ...{ event: "workers.change", resourceKind: "workers", resourceId: change.buildId, reason },
        before: routing(builds),
        after: { type, percent: change.percent },
      });
      // Last, so that what Temporal refuses is not in the audit log.
      if (change.percent === null) await workers.setCurrent(change.buildId);
      else await workers.ramp(change.buildId, change.percent);
      return workers.builds();
    },
    replay: () => workers.builds(),
  });
}

interface Change {
  buildId: string;
  /** Null: it becomes the current build. */
  percent: number | null;
}

/** What ends the last change: of a ramp, its end; else the build that was current before. */
function wayBack(builds: WorkerBuild[]): Change {
  const ramping = builds.find(({ status, percent }) => status === "ramping" && percent !== 0);
  if (ramping) return { buildId: ramping.buildId, percent: 0 };
  const [before] = builds
    .filter(({ status, lastCurrentAt }) => status !== "current" && lastCurrentAt !== null)
    .sort((a, b) => Number(b.lastCurrentAt) - Number(a.lastCurrentAt));
  if (!before) throw new DomainError("invalid_status", { publicText: "No other build has been the current one." });
  return { buildId: before.buildId, percent: null };
}

function known(builds: WorkerBuild[], buildId: string): string {
  if (builds.some((build) => build.buildId === buildId)) return buildId;
  const names = builds.map((build) => build.buildId).join(", ");
  const issue = names === "" ? "unknown build; no worker is versioned" : `unknown build; one of: ${names}`;
  throw new DomainError("validation_failed", { details: [{ field: "build_id", issue }] });
}

function routing(builds: WorkerBuild[]): { current: string | null; ramping: string | null; percent: number | null } {
  const ramping = builds.find(({ status }) => status === "ramping");
  return {
    current: builds.find(({ status }) => status === "current")?.buildId ?? null,
    ramping: ramping?.buildId ?? null,
    percent: ramping?.percent ?? null,
  };
}
