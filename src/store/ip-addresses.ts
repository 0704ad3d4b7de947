import type { ActionInput } from "../domain/workflow-contracts.ts";
import type { Db } from "./connection.ts";
import { isUniqueViolation } from "./database-errors.ts";
import { Prisma } from "./generated/client.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";

export interface AddressRange {
  first: number;
  last: number;
}

type ClaimingAction = Pick<ActionInput, "resourceKind" | "resourceId" | "region" | "actionId">;

export interface Claim {
  /** False: the resource is gone, or another action has it. */
  isOwner: boolean;
  ipv4: string | null;
}

/** A claim by the first step of the action's workflow. */
interface FirstClaim extends Claim {
  /** Somebody asked to cancel the action. */
  isToCancel: boolean;
}

const SKIP_LOCKED = Prisma.sql`SKIP LOCKED`;

/** The address pool: claims are atomic, releases are checked against the owner. */
export class IpAddressRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /**
   * Gives the resource a free address of its region, or the one it already has, and writes it on its row, unless another action has the resource. One
   * statement, since a customer waits for it. The scan starts at a random position and wraps around, so that concurrent claims rarely meet; those that do skip
   * each other's locked rows. No address: the pool is empty, or what is left of it is locked (claimLast). Whatever becomes of it, the same statement writes down that the action's workflow has begun
   * (ActionRepository.markStarted).
   */
  async claim(action: ClaimingAction): Promise<FirstClaim> {
    // Resource before action, as everywhere.
    const begin = Prisma.sql`, begun AS (
      UPDATE actions SET started_at = coalesce(started_at, now()) WHERE id = ${action.actionId} AND (SELECT count(*) FROM resource) >= 0
      RETURNING cancel_requested_at
    )`;
    const isToCancel = Prisma.sql`(SELECT cancel_requested_at FROM begun) IS NOT NULL`;
    return this.claimOnce(() => this.claimRow(action, { locked: SKIP_LOCKED, begin, isToCancel }));
  }

  /** As `claim`, ahead of the action's workflow: only while that has not begun, since later it might just be giving the address back. It will find what was claimed. */
  async claimAhead(action: ClaimingAction): Promise<Claim> {
    // Resource before action, as everywhere.
    const unstarted = Prisma.sql`WHERE EXISTS (
      SELECT 1 FROM actions WHERE id = ${action.actionId} AND status = 'running' AND started_at IS NULL AND EXISTS (SELECT 1 FROM resource) FOR UPDATE
    )`;
    return this.claimOnce(() => this.claimRow(action, { locked: SKIP_LOCKED, condition: unstarted }));
  }

  /**
   * Rows that were locked may come free again if their claim fails: exhausted is only said after waiting for them. One claim at a time does: a wait that ends
   * in vain keeps its row locked, and two that wait from different positions would wait for each other. Run in a transaction: its end frees what was locked.
   */
  async claimLast(action: ClaimingAction): Promise<Claim> {
    await this.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('last address:' || ${action.region}, 0))`;
    return this.claimRow(action, {});
  }

  /** Another claim for the same resource may have ended since the statement began: the next one sees it. */
  private async claimOnce(claim: () => Promise<FirstClaim>): Promise<FirstClaim> {
    try {
      return await claim();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return claim();
    }
  }

  private async claimRow(
    { resourceKind, resourceId, region, actionId }: ClaimingAction,
    { locked = Prisma.empty, condition = Prisma.empty, begin = Prisma.empty, isToCancel = Prisma.sql`false` },
  ): Promise<FirstClaim> {
    const table = RESOURCE_TABLES[resourceKind];
    const [claim] = await this.db.$queryRaw<FirstClaim[]>`
      WITH resource AS MATERIALIZED (
        SELECT id FROM ${table}
        WHERE id = ${resourceId} AND action_id = ${actionId} AND status = 'provisioning' AND deleted_at IS NULL FOR UPDATE
      ), owned AS MATERIALIZED (
        SELECT id FROM resource ${condition}
      ), held AS (
        SELECT address FROM ip_addresses WHERE resource_id = (SELECT id FROM owned)
      ), bounds AS (
        SELECT min(position) AS low, max(position) AS high FROM ip_addresses WHERE region = ${region}
      ), start AS MATERIALIZED (
        SELECT low + floor(random() * (high - low + 1))::bigint AS position FROM bounds
        WHERE EXISTS (SELECT 1 FROM owned) AND NOT EXISTS (SELECT 1 FROM held)
      ), above AS MATERIALIZED (
        SELECT position FROM ip_addresses
        WHERE region = ${region} AND resource_id IS NULL AND offered AND position >= (SELECT position FROM start)
        ORDER BY position LIMIT 1 FOR UPDATE ${locked}
      ), below AS MATERIALIZED (
        SELECT position FROM ip_addresses
        WHERE region = ${region} AND resource_id IS NULL AND offered AND position < (SELECT position FROM start)
          AND NOT EXISTS (SELECT 1 FROM above)
        ORDER BY position LIMIT 1 FOR UPDATE ${locked}
      ), claimed AS (
        UPDATE ip_addresses SET resource_id = ${resourceId}, allocated_at = now()
        WHERE region = ${region} AND resource_id IS NULL
          AND position = (SELECT position FROM above UNION ALL SELECT position FROM below LIMIT 1)
        RETURNING address
      ), given AS (
        SELECT address FROM held UNION ALL SELECT address FROM claimed
      ), written AS (
        UPDATE ${table} SET ipv4 = given.address, updated_at = now() FROM given WHERE id = ${resourceId}
      )${begin}
      SELECT EXISTS (SELECT 1 FROM owned) AS "isOwner", (SELECT address FROM given) AS ipv4, ${isToCancel} AS "isToCancel"`;
    return claim ?? { isOwner: false, ipv4: null, isToCancel: false };
  }

  /** Gives the resource the address that it has, in place of another one that it holds; false if it is somebody else's. Run in a transaction. */
  async reclaim(resourceId: string, region: string, address: string): Promise<boolean> {
    await this.release(resourceId);
    const claimed = await this.db.$executeRaw`
      UPDATE ip_addresses SET resource_id = ${resourceId}, allocated_at = now()
      WHERE region = ${region} AND position = ${address}::inet - '0.0.0.0'::inet AND resource_id IS NULL`;
    return claimed > 0;
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

  /** How many addresses of each region are offered, held (also those that are not offered any more), and free. */
  async countByRegion(regions: string[]): Promise<Map<string, { offered: number; held: number; free: number }>> {
    const rows = await this.db.$queryRaw<{ region: string; offered: number; held: number; free: number }[]>`
      SELECT region, (count(*) FILTER (WHERE offered))::int AS offered, count(resource_id)::int AS held,
        (count(*) FILTER (WHERE offered AND resource_id IS NULL))::int AS free
      FROM ip_addresses WHERE region = ANY(${regions}::text[]) GROUP BY region`;
    return new Map(rows.map(({ region, ...counts }) => [region, counts]));
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
