import type { SizedPlan } from "../domain/action.ts";
import type { ResourceError } from "../domain/resource.ts";
import type { Server } from "../domain/server.ts";
import type { PowerState, ResourceStatus } from "../domain/statuses.ts";
import type { Capacity } from "./capacity.ts";
import type { Db } from "./connection.ts";
import type { Server as ServerRow } from "./generated/client.ts";
import { ResourceRepository } from "./resources.ts";

export interface NewServer {
  id: string;
  accountId: string;
  name: string;
  plan: string;
  region: string;
  image: string;
  size: Capacity;
  sshKeyIds: string[];
  userDataBox: string | null;
  labels: Record<string, string>;
  actionId: string;
}

/** What a server is made from. */
export interface ServerBuild {
  name: string;
  plan: string;
  ipv4: string | null;
  image: string;
  size: Capacity;
  /** What the request named. */
  sshKeyIds: string[];
  /** What was attached. */
  publicKeys: string[];
  userDataBox: string | null;
}

/** The servers table. */
export class ServerRepository extends ResourceRepository {
  constructor(db: Db) {
    super(db, "server");
  }

  async insert(server: NewServer): Promise<Server> {
    const { size, ...columns } = server;
    const row = await this.db.server.create({ data: { ...columns, ...size, status: "provisioning" } });
    return serverFromRow(row);
  }

  async build(id: string): Promise<ServerBuild | null> {
    const [row] = await this.db.$queryRaw<(Omit<ServerBuild, "size"> & Capacity)[]>`
      SELECT name, plan, ipv4, image, vcpus, memory_mib AS "memoryMib", disk_gib AS "diskGib", ssh_key_ids AS "sshKeyIds", user_data_box AS "userDataBox",
        ARRAY(SELECT public_key FROM server_ssh_keys WHERE server_id = ${id} ORDER BY ssh_key_id) AS "publicKeys"
      FROM servers WHERE id = ${id} AND deleted_at IS NULL`;
    if (!row) return null;
    const { vcpus, memoryMib, diskGib, ...build } = row;
    return { ...build, size: { vcpus, memoryMib, diskGib } };
  }

  /** False if another action has taken the server over. */
  async setPlan(id: string, actionId: string, { plan, size }: SizedPlan): Promise<boolean> {
    const changed = await this.db.server.updateMany({
      where: { id, actionId, deletedAt: null },
      data: { plan, ...size, updatedAt: new Date() },
    });
    return changed.count > 0;
  }

  /** False if another action has taken the server over. */
  async setImage(id: string, actionId: string, image: string): Promise<boolean> {
    const changed = await this.db.server.updateMany({
      where: { id, actionId, deletedAt: null },
      data: { image, updatedAt: new Date() },
    });
    return changed.count > 0;
  }

  override async markDeleted(id: string): Promise<void> {
    await this.db.server.updateMany({ where: { id }, data: { userDataBox: null } });
    await super.markDeleted(id);
  }
}

function serverFromRow(row: ServerRow): Server {
  return {
    id: row.id,
    accountId: row.accountId,
    name: row.name,
    plan: row.plan,
    region: row.region,
    image: row.image,
    status: row.status as ResourceStatus,
    powerState: row.powerState as PowerState,
    ipv4: row.ipv4,
    sshKeyIds: row.sshKeyIds,
    labels: row.labels as Record<string, string>,
    actionId: row.actionId,
    error: row.error as ResourceError | null,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
