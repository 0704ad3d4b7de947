import type { ErrorCode } from "../domain/error-codes.ts";
import type { ResourceError, Server } from "../domain/server.ts";
import { type PowerState, type ServerStatus, statusesLeadingTo } from "../domain/statuses.ts";
import type { Capacity } from "./capacity.ts";
import type { Db } from "./connection.ts";
import { Prisma, type Server as ServerRow } from "./generated/client.ts";

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

/** What a create needs to know of its server beyond what is public. */
export interface ServerBuild {
  status: ServerStatus;
  actionId: string;
  name: string;
  image: string;
  size: Capacity;
  ipv4: string | null;
  sshKeyIds: string[];
  userDataBox: string | null;
}

/** The servers table. Only living rows are seen; every status change is guarded by the transition table. */
export class ServerRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async insert(server: NewServer): Promise<Server> {
    const { size, ...columns } = server;
    const row = await this.db.server.create({ data: { ...columns, ...size, status: "provisioning" } });
    return serverFromRow(row);
  }

  async isNameTaken(accountId: string, name: string): Promise<boolean> {
    return (await this.db.server.count({ where: { accountId, name, deletedAt: null } })) > 0;
  }

  async find(id: string, accountId: string): Promise<Server | null> {
    const row = await this.db.server.findFirst({ where: { id, accountId, deletedAt: null } });
    return row && serverFromRow(row);
  }

  /** Locks the row until the end of the transaction, so that a create and a delete see each other's decision. */
  async lock(id: string): Promise<ServerBuild | null> {
    await this.db.$executeRaw`SELECT 1 FROM servers WHERE id = ${id} FOR UPDATE`;
    return this.build(id);
  }

  async build(id: string): Promise<ServerBuild | null> {
    const row = await this.db.server.findFirst({ where: { id, deletedAt: null } });
    if (!row) return null;
    return {
      status: row.status as ServerStatus,
      actionId: row.actionId,
      name: row.name,
      image: row.image,
      size: { vcpus: row.vcpus, memoryMib: row.memoryMib, diskGib: row.diskGib },
      ipv4: row.ipv4,
      sshKeyIds: row.sshKeyIds,
      userDataBox: row.userDataBox,
    };
  }

  /** False if the server is not in a status from which it may become `to`, or another action has taken it over. */
  async changeStatus(
    id: string,
    actionId: string,
    to: ServerStatus,
    set: { powerState?: PowerState; error?: ResourceError | null } = {},
  ): Promise<boolean> {
    const changed = await this.db.server.updateMany({
      where: { id, actionId, deletedAt: null, status: { in: statusesLeadingTo(to) } },
      data: { status: to, updatedAt: new Date(), ...powerAndError(set) },
    });
    return changed.count > 0;
  }

  /** Takes back that this action made the server active; false if it did not, or the server has gone on since. */
  async revertToProvisioning(id: string, actionId: string): Promise<boolean> {
    const changed = await this.db.server.updateMany({
      where: { id, actionId, deletedAt: null, status: "active" },
      data: { status: "provisioning", powerState: "unknown", updatedAt: new Date() },
    });
    return changed.count > 0;
  }

  /** A delete takes the server over from whatever status it is in. */
  async takeOverForDelete(id: string, actionId: string): Promise<void> {
    await this.db.server.updateMany({
      where: { id, deletedAt: null },
      data: { status: "deleting", actionId, error: Prisma.DbNull, updatedAt: new Date() },
    });
  }

  async setIpv4(id: string, ipv4: string | null): Promise<void> {
    await this.db.server.updateMany({ where: { id }, data: { ipv4, updatedAt: new Date() } });
  }

  async setError(id: string, actionId: string, error: ResourceError): Promise<void> {
    await this.db.server.updateMany({
      where: { id, actionId },
      data: { error: error as unknown as Prisma.InputJsonObject, updatedAt: new Date() },
    });
  }

  async markDeleted(id: string): Promise<void> {
    await this.db.server.updateMany({
      where: { id, deletedAt: null },
      data: { deletedAt: new Date(), updatedAt: new Date(), ipv4: null, userDataBox: null },
    });
  }
}

function powerAndError(set: { powerState?: PowerState; error?: ResourceError | null }) {
  return {
    ...(set.powerState === undefined ? {} : { powerState: set.powerState }),
    ...(set.error === undefined
      ? {}
      : { error: set.error === null ? Prisma.DbNull : (set.error as unknown as Prisma.InputJsonObject) }),
  };
}

function serverFromRow(row: ServerRow): Server {
  return {
    id: row.id,
    accountId: row.accountId,
    name: row.name,
    plan: row.plan,
    region: row.region,
    image: row.image,
    status: row.status as ServerStatus,
    powerState: row.powerState as PowerState,
    ipv4: row.ipv4,
    sshKeyIds: row.sshKeyIds,
    labels: row.labels as Record<string, string>,
    actionId: row.actionId,
    error: row.error as (ResourceError & { code: ErrorCode }) | null,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
