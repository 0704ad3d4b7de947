import { z } from "zod";
import { WORKER_BUILD_STATUSES, type WorkerBuild } from "../../domain/worker-fleet.ts";
import { count, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

export const workerBuildSchema = z
  .object({
    build_id: z.string(),
    status: z.enum(WORKER_BUILD_STATUSES).meta({
      description:
        "`current`: new actions begin on it. `ramping`: `percent` of them do. `draining`: actions that began on it are under way. `drained`: none is, its workers can be stopped. `inactive`: nothing has begun on it yet.",
    }),
    percent: z.number().nullable().meta({ description: "Of a build that is ramping." }),
    workers: count.meta({ description: "Its workers that have asked for work within the last 90 seconds." }),
    first_seen_at: timestamp.nullable(),
    last_current_at: timestamp.nullable().meta({ description: "When it last became the current build." }),
  })
  .meta({ id: "WorkerBuild" });

export function workerBuildView(build: WorkerBuild): z.output<typeof workerBuildSchema> {
  return {
    build_id: build.buildId,
    status: build.status,
    percent: build.percent,
    workers: build.workers,
    first_seen_at: build.firstSeenAt && rfc3339(build.firstSeenAt),
    last_current_at: build.lastCurrentAt && rfc3339(build.lastCurrentAt),
  };
}
