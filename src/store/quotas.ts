import {
  HELD_QUOTAS,
  QUOTAS,
  type Quota,
  type QuotaLimits,
  type QuotaShare,
  type QuotaUsage,
} from "../domain/quotas.ts";
import type { Db } from "./connection.ts";
import { Prisma } from "./generated/client.ts";

/** The limits that an operator has set for an account; null: the installation's. */
export type OwnQuotaLimits = Record<Quota, number | null>;

/**
 * What accounts have promised to their servers and databases, and may promise. The usage of an account is one row that all its creates and ends change, so it comes last
 * in a transaction: nobody waits for it longer than for the commit. The locks are taken in one order everywhere: resource, its hold, the account's usage; a hold that is
 * being made is nobody else's yet.
 */
export class QuotaRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Takes the resource's share of its account; false if a limit would be passed. Repeating it keeps the first. */
  async hold(resourceId: string, accountId: string, share: QuotaShare, limits: QuotaLimits): Promise<boolean> {
    const taken = each((quota) => Prisma.sql`${column(quota, "used")} = ${column(quota, "used")} + ${share[quota]}`);
    const fits = HELD_QUOTAS.filter((quota) => share[quota] > 0).map(
      (quota) =>
        Prisma.sql`${column(quota, "used")} + ${share[quota]} <= coalesce(${column(quota, "limit")}, ${limits[quota]})`,
    );
    const [row] = await this.db.$queryRaw<{ held: boolean }[]>`
      WITH granted AS (
        UPDATE account_quotas SET ${taken}
        WHERE account_id = ${accountId} AND ${Prisma.join(fits, " AND ")}
          AND NOT EXISTS (SELECT 1 FROM quota_holds WHERE resource_id = ${resourceId})
        RETURNING account_id
      ), made AS (
        INSERT INTO quota_holds (resource_id, account_id, ${each((quota) => column(quota))})
        SELECT ${resourceId}, account_id, ${each((quota) => Prisma.sql`${share[quota]}::int`)} FROM granted
        RETURNING resource_id
      )
      SELECT EXISTS (SELECT 1 FROM made) OR EXISTS (SELECT 1 FROM quota_holds WHERE resource_id = ${resourceId}) AS held`;
    return row?.held ?? false;
  }

  /** Gives back what the resource holds, once; nothing to give back is success. */
  async release(resourceId: string): Promise<void> {
    const given = each(
      (quota) => Prisma.sql`${column(quota, "used")} = a.${column(quota, "used")} - h.${column(quota)}`,
    );
    await this.db.$executeRaw`
      WITH h AS (DELETE FROM quota_holds WHERE resource_id = ${resourceId} RETURNING *)
      UPDATE account_quotas a SET ${given} FROM h WHERE a.account_id = h.account_id`;
  }

  /**
   * Makes the resource's share that of another size; repeating it changes nothing. False if a limit would be passed by what grows (null: whatever the limits are, for the
   * undo of a resize), or the resource holds nothing. A resize that shrinks gives back at its end, not before: until then the resource still has it.
   */
  async resize(
    resourceId: string,
    size: { vcpus: number; memoryMib: number },
    limits: QuotaLimits | null,
  ): Promise<boolean> {
    const { vcpus, memoryMib } = size;
    const resized = await this.db.$executeRaw`
      WITH h AS (SELECT * FROM quota_holds WHERE resource_id = ${resourceId} FOR UPDATE),
      granted AS (
        UPDATE account_quotas a
        SET vcpus_used = a.vcpus_used + ${vcpus} - h.vcpus, memory_mib_used = a.memory_mib_used + ${memoryMib} - h.memory_mib
        FROM h WHERE a.account_id = h.account_id AND (${limits === null}
          OR ((${vcpus} <= h.vcpus OR a.vcpus_used + ${vcpus} - h.vcpus <= coalesce(a.vcpus_limit, ${limits?.vcpus ?? 0}))
          AND (${memoryMib} <= h.memory_mib
            OR a.memory_mib_used + ${memoryMib} - h.memory_mib <= coalesce(a.memory_mib_limit, ${limits?.memory_mib ?? 0}))))
        RETURNING a.account_id
      )
      UPDATE quota_holds SET vcpus = ${vcpus}, memory_mib = ${memoryMib} FROM granted WHERE resource_id = ${resourceId}`;
    return resized > 0;
  }

  /** Makes the resource hold this, whatever the limits are: for what it has anyway. Run in a transaction. */
  async restore(resourceId: string, accountId: string, share: QuotaShare): Promise<void> {
    await this.release(resourceId);
    const taken = each((quota) => Prisma.sql`${column(quota, "used")} = ${column(quota, "used")} + ${share[quota]}`);
    await this.db.$executeRaw`
      WITH taken AS (UPDATE account_quotas SET ${taken} WHERE account_id = ${accountId} RETURNING account_id)
      INSERT INTO quota_holds (resource_id, account_id, ${each((quota) => column(quota))})
      SELECT ${resourceId}, account_id, ${each((quota) => Prisma.sql`${share[quota]}::int`)} FROM taken`;
  }

  /** Makes what the account has used the sum of what it holds. Run in a transaction: nobody takes or gives back between the lock and the sum. */
  async sumUp(accountId: string): Promise<void> {
    await this.lock(accountId);
    const sums = each(
      (quota) =>
        Prisma.sql`${column(quota, "used")} = (SELECT coalesce(sum(${column(quota)}), 0)::int FROM quota_holds WHERE account_id = ${accountId})`,
    );
    await this.db.$executeRaw`UPDATE account_quotas SET ${sums} WHERE account_id = ${accountId}`;
  }

  /** Limits and usage of everything, keys included. `limits`: those of the installation, where the account has none of its own. */
  async usage(accountId: string, limits: QuotaLimits): Promise<QuotaUsage> {
    const [row] = await this.db.$queryRaw<Record<string, number | null>[]>`
      SELECT a.*,
        (SELECT count(*)::int FROM api_keys k WHERE k.account_id = a.account_id AND k.revoked_at IS NULL) AS api_keys_used,
        (SELECT count(*)::int FROM ssh_keys k WHERE k.account_id = a.account_id) AS ssh_keys_used
      FROM account_quotas a WHERE a.account_id = ${accountId}`;
    if (!row) throw new Error(`BUG: the account ${accountId} has no row of quotas`);
    const of = (quota: Quota) => ({
      limit: row[`${quota}_limit`] ?? limits[quota],
      used: row[`${quota}_used`] ?? 0,
    });
    return Object.fromEntries(QUOTAS.map((quota) => [quota, of(quota)])) as QuotaUsage;
  }

  /** Until the transaction ends, nobody else changes what the account has. */
  async lock(accountId: string): Promise<void> {
    await this.db.$executeRaw`SELECT 1 FROM account_quotas WHERE account_id = ${accountId} FOR UPDATE`;
  }

  async ownLimits(accountId: string): Promise<OwnQuotaLimits> {
    const row = await this.db.accountQuotas.findUniqueOrThrow({ where: { accountId } });
    return {
      servers: row.serversLimit,
      databases: row.databasesLimit,
      vcpus: row.vcpusLimit,
      memory_mib: row.memoryMibLimit,
      addresses: row.addressesLimit,
      api_keys: row.apiKeysLimit,
      ssh_keys: row.sshKeysLimit,
    };
  }

  /** Below what is used it takes nothing away; it only lets no more be made. */
  async setOwnLimits(accountId: string, changes: Partial<OwnQuotaLimits>): Promise<void> {
    const set = Object.entries(changes).map(([quota, limit]) => Prisma.sql`${column(quota, "limit")} = ${limit}::int`);
    if (set.length === 0) return;
    await this.db.$executeRaw`UPDATE account_quotas SET ${Prisma.join(set)} WHERE account_id = ${accountId}`;
  }
}

/** `vcpus_used` of account_quotas, `vcpus` of quota_holds. */
function column(quota: string, of?: "used" | "limit"): Prisma.Sql {
  return Prisma.raw(of === undefined ? quota : `${quota}_${of}`);
}

function each(part: (quota: (typeof HELD_QUOTAS)[number]) => Prisma.Sql): Prisma.Sql {
  return Prisma.join(HELD_QUOTAS.map(part));
}
