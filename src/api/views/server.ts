import type { Server } from "../../domain/server.ts";
import { rfc3339 } from "./timestamp.ts";

export function serverView(server: Server) {
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
