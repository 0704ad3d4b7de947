import type { ResourceError, ResourceKind } from "../domain/resource.ts";
import { type PowerState, type ResourceStatus, statusesLeadingTo } from "../domain/statuses.ts";
import type { Capacity } from "./capacity.ts";
import type { Db } from "./connection.ts";
import { Prisma } from "./generated/client.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";

/** What every action needs to know of its resource. */
export interface ResourceState {
  accountId: string;
  name: string;
  region: string;
  status: ResourceStatus;
  actionId: string;
  size: Capacity;
  ipv4: string | null;
  /** Resource.image. */
  image: string;
}

/** Whether the instance runs in a status that an action has led to. */
const POWER_STATE_IN: Record<ResourceStatus, PowerState> = {
  provisioning: "unknown",
  active: "running",
  suspended: "stopped",
  failed: "unknown",
  deleting: "unknown",
};

/** What the disk is made from: Resource.image. */
const IMAGES: Record<ResourceKind, Prisma.Sql> = {
  server: Prisma.sql`image`,
  database: Prisma.sql`engine || '-' || major`,
};

/**
 * What servers and databases have in common: a life from provisioning to deleted, driven by actions. Only living rows are seen; every status change is
 * guarded by the transition table and by the action that has the resource.
 */
export class ResourceRepository {
  protected readonly db: Db;
  private readonly table: Prisma.Sql;
  private readonly image: Prisma.Sql;

  constructor(db: Db, kind: ResourceKind) {
    this.db = db;
    this.table = RESOURCE_TABLES[kind];
    this.image = IMAGES[kind];
  }

  async isNameTaken(accountId: string, name: string): Promise<boolean> {
    const rows = await this.db.$queryRaw<unknown[]>`
      SELECT 1 FROM ${this.table} WHERE account_id = ${accountId} AND name = ${name} AND deleted_at IS NULL`;
    return rows.length > 0;
  }

  async state(id: string): Promise<ResourceState | null> {
    return this.select(id, Prisma.empty);
  }

  /** Locks the row until the end of the transaction, so that a create and a delete see each other's decision. */
  async lock(id: string): Promise<ResourceState | null> {
    return this.select(id, Prisma.sql`FOR UPDATE`);
  }

  private async select(id: string, lock: Prisma.Sql): Promise<ResourceState | null> {
    const [row] = await this.db.$queryRaw<(Omit<ResourceState, "size"> & Capacity)[]>`
      SELECT account_id AS "accountId", name, region, status, action_id AS "actionId", ipv4, ${this.image} AS image, vcpus, memory_mib AS "memoryMib", disk_gib AS "diskGib"
      FROM ${this.table} WHERE id = ${id} AND deleted_at IS NULL ${lock}`;
    if (!row) return null;
    const { vcpus, memoryMib, diskGib, ...state } = row;
    return { ...state, size: { vcpus, memoryMib, diskGib } };
  }

  /** False if the resource is not in a status from which it may become `to`, or another action has taken it over. */
  async changeStatus(id: string, actionId: string, to: ResourceStatus, error: ResourceError | null): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE ${this.table} SET ${statusColumns(to, error)} WHERE id = ${id} AND ${mayBecome(to, actionId)}`;
    return changed > 0;
  }

  /** Takes back that this action changed the status; false if it did not, or the resource has gone on since. */
  async revertStatus(
    id: string,
    actionId: string,
    change: { from: ResourceStatus; to: ResourceStatus },
  ): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE ${this.table} SET status = ${change.from}, power_state = ${POWER_STATE_IN[change.from]}, updated_at = now()
      WHERE id = ${id} AND action_id = ${actionId} AND deleted_at IS NULL AND status = ${change.to}`;
    return changed > 0;
  }

  /** False if another action has taken the resource over. */
  async setPowerState(id: string, actionId: string, power: PowerState): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE ${this.table} SET power_state = ${power}, updated_at = now()
      WHERE id = ${id} AND action_id = ${actionId} AND deleted_at IS NULL`;
    return changed > 0;
  }

  /**
   * What an audit saw of the resource, whose action has ended. False if another action has taken it over, or it is not there to be seen any more.
   */
  async show(id: string, actionId: string, seen: { power: PowerState; error: ResourceError | null }): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE ${this.table} SET power_state = ${seen.power}, error = ${json(seen.error)}::jsonb, updated_at = now()
      WHERE id = ${id} AND action_id = ${actionId} AND deleted_at IS NULL AND status IN ('active', 'suspended')
        AND (power_state <> ${seen.power} OR error IS DISTINCT FROM ${json(seen.error)}::jsonb)`;
    return changed > 0;
  }

  /** The end of a resource whose instance is lost, which no action leads to. */
  async markLost(id: string, actionId: string, error: ResourceError): Promise<void> {
    await this.db.$executeRaw`
      UPDATE ${this.table} SET status = 'failed', power_state = 'unknown', error = ${json(error)}::jsonb, ipv4 = NULL, updated_at = now()
      WHERE id = ${id} AND action_id = ${actionId} AND deleted_at IS NULL AND status IN ('active', 'suspended')`;
  }

  /** From here on the resource is the action's: what an earlier one still does to it finds that out. */
  async takeOver(id: string, actionId: string, status: ResourceStatus): Promise<void> {
    await this.db.$executeRaw`
      UPDATE ${this.table} SET status = ${status}, action_id = ${actionId}, error = NULL, updated_at = now()
      WHERE id = ${id} AND deleted_at IS NULL`;
  }

  /** Null: it stays. */
  async describe(id: string, change: { name: string | null; labels: Record<string, string> | null }): Promise<void> {
    await this.db.$executeRaw`
      UPDATE ${this.table} SET name = COALESCE(${change.name}, name), labels = COALESCE(${json(change.labels)}::jsonb, labels), updated_at = now()
      WHERE id = ${id} AND deleted_at IS NULL`;
  }

  async setIpv4(id: string, ipv4: string | null): Promise<void> {
    await this.db.$executeRaw`UPDATE ${this.table} SET ipv4 = ${ipv4}, updated_at = now() WHERE id = ${id}`;
  }

  async setError(id: string, actionId: string, error: ResourceError | null): Promise<void> {
    await this.db.$executeRaw`
      UPDATE ${this.table} SET error = ${json(error)}::jsonb, updated_at = now() WHERE id = ${id} AND action_id = ${actionId}`;
  }

  async markDeleted(id: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE ${this.table} SET deleted_at = now(), updated_at = now(), ipv4 = NULL WHERE id = ${id} AND deleted_at IS NULL`;
  }
}

/** What a change of status writes. */
export function statusColumns(to: ResourceStatus, error: ResourceError | null): Prisma.Sql {
  return Prisma.sql`status = ${to}, power_state = ${POWER_STATE_IN[to]}, error = ${json(error)}::jsonb, updated_at = now()`;
}

/** Under which condition the action may change the status. */
export function mayBecome(to: ResourceStatus, actionId: string): Prisma.Sql {
  return Prisma.sql`action_id = ${actionId} AND deleted_at IS NULL AND status = ANY(${statusesLeadingTo(to)})`;
}

function json(value: object | null): string | null {
  return value && JSON.stringify(value);
}
