import type { Db } from "./connection.ts";
import { Prisma } from "./generated/client.ts";

export interface AddressRange {
  first: number;
  last: number;
}

/** The address pool: claims are atomic, releases are checked against the owner. */
export class IpAddressRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /**
   * Gives the resource a free address of the region, or the one it already has; null if none is left. The scan starts at a random position and wraps around,
   * so that concurrent claims rarely meet; those that do skip each other's locked rows. Run in a transaction: its end frees what was locked.
   */
  async claim(region: string, resourceId: string): Promise<string | null> {
    const free = await this.claimFrom(region, resourceId, Prisma.sql`SKIP LOCKED`);
    if (free) return free;
    // Rows that were locked may come free again if their claim fails: exhausted is only said after waiting for them. One claim at a time does: a wait that ends
    // in vain keeps its row locked, and two that wait from different positions would wait for each other.
    await this.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('last address:' || ${region}, 0))`;
    return await this.claimFrom(region, resourceId, Prisma.empty);
  }

  private async claimFrom(region: string, resourceId: string, locked: Prisma.Sql): Promise<string | null> {
    const rows = await this.db.$queryRaw<{ address: string }[]>`
      WITH held AS (
        SELECT address FROM ip_addresses WHERE resource_id = ${resourceId}
      ), bounds AS (
        SELECT min(position) AS low, max(position) AS high FROM ip_addresses WHERE region = ${region}
      ), start AS MATERIALIZED (
        SELECT low + floor(random() * (high - low + 1))::bigint AS position FROM bounds
      ), above AS MATERIALIZED (
        SELECT position FROM ip_addresses
        WHERE region = ${region} AND resource_id IS NULL AND offered AND position >= (SELECT position FROM start)
          AND NOT EXISTS (SELECT 1 FROM held)
        ORDER BY position LIMIT 1 FOR UPDATE ${locked}
      ), below AS MATERIALIZED (
        SELECT position FROM ip_addresses
        WHERE region = ${region} AND resource_id IS NULL AND offered AND position < (SELECT position FROM start)
          AND NOT EXISTS (SELECT 1 FROM held) AND NOT EXISTS (SELECT 1 FROM above)
        ORDER BY position LIMIT 1 FOR UPDATE ${locked}
      ), claimed AS (
        UPDATE ip_addresses SET resource_id = ${resourceId}, allocated_at = now()
        WHERE region = ${region} AND resource_id IS NULL
          AND position = (SELECT position FROM above UNION ALL SELECT position FROM below LIMIT 1)
        RETURNING address
      )
      SELECT address FROM held UNION ALL SELECT address FROM claimed`;
    return rows[0]?.address ?? null;
  }

  /** Frees what the resource holds; nothing to do is success. */
  async release(resourceId: string): Promise<void> {
    await this.db.ipAddress.updateMany({ where: { resourceId }, data: { resourceId: null, allocatedAt: null } });
  }

  async hasFree(region: string): Promise<boolean> {
    const rows = await this.db.$queryRaw<unknown[]>`
      SELECT 1 FROM ip_addresses WHERE region = ${region} AND resource_id IS NULL AND offered LIMIT 1`;
    return rows.length > 0;
  }

  /** Makes the region's pool what the config lists. An address that went out of it stays with its holder and is not handed out again. */
  async load(region: string, ranges: AddressRange[]): Promise<void> {
    const firsts = ranges.map((range) => range.first);
    const lasts = ranges.map((range) => range.last);
    await this.db.$executeRaw`
      INSERT INTO ip_addresses (region, position, address)
      SELECT ${region}, position, host('0.0.0.0'::inet + position)
      FROM unnest(${firsts}::bigint[], ${lasts}::bigint[]) AS r(first, last), generate_series(r.first, r.last) AS position
      ON CONFLICT (region, position) DO UPDATE SET offered = true WHERE NOT ip_addresses.offered`;
    await this.db.$executeRaw`
      UPDATE ip_addresses SET offered = false
      WHERE region = ${region} AND offered AND NOT EXISTS (
        SELECT 1 FROM unnest(${firsts}::bigint[], ${lasts}::bigint[]) AS r(first, last)
        WHERE position BETWEEN r.first AND r.last)`;
  }
}
