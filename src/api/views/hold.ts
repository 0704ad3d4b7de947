import { z } from "zod";
import { type HoldSeen, REGION_STEPS } from "../../domain/hold.ts";
import { RESOURCE_KINDS } from "../../domain/resource.ts";
import { count, shownId, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

export const holdSchema = z
  .object({
    id: shownId("hold"),
    status: z.enum(["in_force", "released"]),
    region: z.string().nullable().meta({ description: "Null: all." }),
    host: z.string().nullable().meta({ description: "Null: any." }),
    step: z.enum(REGION_STEPS).nullable().meta({ description: "Null: every step that touches a region." }),
    resource_type: z.enum(RESOURCE_KINDS).nullable().meta({ description: "Null: both." }),
    reason: z.string(),
    requested_by: shownId("apiKey"),
    waiting: count.meta({ description: "How many actions wait for its release at the moment." }),
    created_at: timestamp,
    released_at: timestamp.nullable(),
  })
  .meta({ id: "Hold" });

export function holdView(hold: HoldSeen): z.output<typeof holdSchema> {
  return {
    id: hold.id,
    status: hold.releasedAt === null ? "in_force" : "released",
    region: hold.region,
    host: hold.host,
    step: hold.step,
    resource_type: hold.resourceKind,
    reason: hold.reason,
    requested_by: hold.apiKeyId,
    waiting: hold.waiting,
    created_at: rfc3339(hold.createdAt),
    released_at: hold.releasedAt && rfc3339(hold.releasedAt),
  };
}
