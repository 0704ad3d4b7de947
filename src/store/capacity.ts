import type { ResourceKind } from "../domain/resource.ts";
import type { Db } from "./connection.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";
import { whileRuns } from "./running-action.ts";

/** Who is promised something: only while the action runs; null: whatever runs. */
interface Holder {
  resourceId: string;
  region: string;
  actionId: string | null;
}

export interface Capacity {
  vcpus: number;
  memoryMib: number;
  diskGib: number;
}

/** What a region has promised to its servers and databases. */
export class CapacityRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /**
   * Reserves the resource's share; false if the region's limit would be passed, or the action has ended. Repeating it keeps the first reservation. Run in a
   * transaction: the lock that makes sum and insert one step lasts until its end.
   */
  async reserve({ resourceId, region, actionId }: Holder, share: Capacity, limit: Capacity): Promise<boolean> {
    await this.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('capacity:' || ${region}, 0))`;
    const inserted = await this.db.$executeRaw`
      INSERT INTO capacity_reservations (resource_id, region, vcpus, memory_mib, disk_gib)
      SELECT ${resourceId}, ${region}, ${share.vcpus}::int, ${share.memoryMib}::int, ${share.diskGib}::int
      FROM (
        SELECT coalesce(sum(vcpus), 0) AS vcpus, coalesce(sum(memory_mib), 0) AS memory_mib, coalesce(sum(disk_gib), 0) AS disk_gib
        FROM region_promises WHERE region = ${region}
      ) AS used
      WHERE used.vcpus + ${share.vcpus} <= ${limit.vcpus}
        AND used.memory_mib + ${share.memoryMib} <= ${limit.memoryMib}
        AND used.disk_gib + ${share.diskGib} <= ${limit.diskGib}
        AND ${whileRuns(actionId)}
      ON CONFLICT (resource_id) DO NOTHING`;
    if (inserted > 0) return true;
    return (await this.db.capacityReservation.count({ where: { resourceId } })) > 0;
  }

  /**
   * Writes down what a resource takes of a region without a limit: its size, and a disk of `ownDiskGib` beside that. False if nothing was written, because it is there already, the resource is gone or
   * the action has ended.
   */
  async recordSize(
    { resourceKind, ...holder }: Holder & { resourceKind: ResourceKind },
    ownDiskGib: number,
  ): Promise<boolean> {
    const { resourceId, region, actionId } = holder;
    const inserted = await this.db.$executeRaw`
      INSERT INTO capacity_reservations (resource_id, region, vcpus, memory_mib, disk_gib)
      SELECT id, ${region}, vcpus, memory_mib, disk_gib + ${ownDiskGib}::int FROM ${RESOURCE_TABLES[resourceKind]}
      WHERE id = ${resourceId} AND deleted_at IS NULL AND ${whileRuns(actionId)}
      ON CONFLICT (resource_id) DO NOTHING`;
    return inserted > 0;
  }

  /** Writes down the resource's share of a region without a limit; repeating it keeps the first. */
  async record({ resourceId, region, actionId }: Holder, share: Capacity): Promise<void> {
    await this.db.$executeRaw`
      INSERT INTO capacity_reservations (resource_id, region, vcpus, memory_mib, disk_gib)
      SELECT ${resourceId}, ${region}, ${share.vcpus}::int, ${share.memoryMib}::int, ${share.diskGib}::int WHERE ${whileRuns(actionId)}
      ON CONFLICT (resource_id) DO NOTHING`;
  }

  /**
   * Changes the resource's share; false if the region's limit would be passed, null: there is none. Run in a transaction, as `reserve`. What is not promised more
   * of always fits.
   */
  async change(resourceId: string, region: string, share: Capacity, limit: Capacity | null): Promise<boolean> {
    await this.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('capacity:' || ${region}, 0))`;
    const { vcpus, memoryMib, diskGib } = limit ?? { vcpus: null, memoryMib: null, diskGib: null };
    const changed = await this.db.$executeRaw`
      UPDATE capacity_reservations AS own
      SET vcpus = ${share.vcpus}::int, memory_mib = ${share.memoryMib}::int, disk_gib = ${share.diskGib}::int
      FROM (
        SELECT sum(vcpus) AS vcpus, sum(memory_mib) AS memory_mib, sum(disk_gib) AS disk_gib FROM region_promises WHERE region = ${region}
      ) AS used
      WHERE own.resource_id = ${resourceId}
        AND (${share.vcpus}::int <= own.vcpus OR ${vcpus}::int IS NULL OR used.vcpus - own.vcpus + ${share.vcpus}::int <= ${vcpus}::int)
        AND (${share.memoryMib}::int <= own.memory_mib OR ${memoryMib}::int IS NULL OR used.memory_mib - own.memory_mib + ${share.memoryMib}::int <= ${memoryMib}::int)
        AND (${share.diskGib}::int <= own.disk_gib OR ${diskGib}::int IS NULL OR used.disk_gib - own.disk_gib + ${share.diskGib}::int <= ${diskGib}::int)`;
    return changed > 0;
  }

  /** What is promised in these regions; one without promises is not in it. */
  async promised(regions: string[]): Promise<Map<string, Capacity>> {
    const sums = await this.db.regionPromise.groupBy({
      by: ["region"],
      where: { region: { in: regions } },
      _sum: { vcpus: true, memoryMib: true, diskGib: true },
    });
    return new Map(
      sums.map(({ region, _sum: { vcpus, memoryMib, diskGib } }) => [
        region,
        { vcpus: vcpus ?? 0, memoryMib: Number(memoryMib ?? 0), diskGib: diskGib ?? 0 },
      ]),
    );
  }

  async release(resourceId: string): Promise<void> {
    await this.db.capacityReservation.deleteMany({ where: { resourceId } });
  }
}
