import { z } from "zod";
import type { Server } from "../../domain/server.ts";
import { ipv4, powerState, resourceError, resourceStatus, shownId, shownLabels, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

export const serverSchema = z
  .object({
    id: shownId("server"),
    name: z.string(),
    plan: z.string(),
    region: z.string(),
    image: z.string(),
    status: resourceStatus,
    power_state: powerState,
    ipv4: ipv4.nullable().meta({
      description:
        "The address it answers at, from the first answer on. Null only while the workflow engine is away, and once it was given back.",
    }),
    ssh_keys: z.array(z.string()).meta({ description: "Ids of the keys that it was given." }),
    labels: shownLabels,
    action_id: shownId("action").meta({
      description: "The latest action on it: follow it with `GET /v1/actions/{id}`.",
    }),
    created_at: timestamp,
    updated_at: timestamp,
    error: resourceError.nullable(),
  })
  .meta({ id: "Server" });

export function serverView(server: Server): z.output<typeof serverSchema> {
  return {
    id: server.id,
    name: server.name,
    plan: server.plan,
    region: server.region,
    image: server.image,
    status: server.status,
    power_state: server.powerState,
    ipv4: server.ipv4,
    ssh_keys: server.sshKeyIds,
    labels: server.labels,
    action_id: server.actionId,
    created_at: rfc3339(server.createdAt),
    updated_at: rfc3339(server.updatedAt),
    error: server.error,
  };
}
