import type { Holding, RowFacts } from "../domain/audit-facts.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Db } from "./connection.ts";
import { Prisma } from "./generated/client.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";

/** What is kept by the id of a server or database, and can be left behind. */
const HOLDINGS = {
  addresses: { table: Prisma.sql`ip_addresses`, id: Prisma.sql`resource_id` },
  capacity: { table: Prisma.sql`capacity_reservations`, id: Prisma.sql`resource_id` },
  quota_holds: { table: Prisma.sql`quota_holds`, id: Prisma.sql`resource_id` },
  credentials: { table: Prisma.sql`database_credentials`, id: Prisma.sql`database_id` },
  certificates: { table: Prisma.sql`database_certificates`, id: Prisma.sql`database_id` },
  ssh_keys: { table: Prisma.sql`server_ssh_keys`, id: Prisma.sql`server_id` },
} as const satisfies Record<Holding, { table: Prisma.Sql; id: Prisma.Sql }>;

export interface HoldingPage {
  /** Holders that do not live. */
  orphans: string[];
  /** Where the next page begins; null: this was the last. */
  last: string | null;
}

/** An account whose sums are not what they are the sums of. */
export interface WrongSum {
  accountId: string;
  detail: string;
}

interface Page<T> {
  found: T[];
  rows: number;
  last: string | null;
}

/**
 * What an audit reads, in pages by id: however many rows there are, one page is in memory. Every look from one table into another is a subquery for one row, so
 * that it goes through an index whatever the planner thinks of the number of rows.
 */
export class AuditFactsRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Ids of the living resources of a region, from `after` on. */
  async livingIds(kind: ResourceKind, region: string, after: string, limit: number): Promise<string[]> {
    const rows = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM ${RESOURCE_TABLES[kind]} WHERE region = ${region} AND deleted_at IS NULL AND id > ${after} ORDER BY id LIMIT ${limit}`;
    return rows.map(({ id }) => id);
  }

  /** The holders of a page, in a region or of all, that do not live. */
  async orphans(holding: Holding, region: string | null, after: string, limit: number): Promise<HoldingPage> {
    const { table, id } = HOLDINGS[holding];
    const inRegion = region === null ? Prisma.empty : Prisma.sql`AND region = ${region}`;
    const rows = await this.db.$queryRaw<{ id: string; isLiving: boolean }[]>`
      WITH page AS MATERIALIZED (
        SELECT ${id} AS id FROM ${table} WHERE ${id} > ${after} ${inRegion} ORDER BY ${id} LIMIT ${limit}
      )
      SELECT id, coalesce(
        (SELECT true FROM servers s WHERE s.id = page.id AND s.deleted_at IS NULL),
        (SELECT true FROM databases d WHERE d.id = page.id AND d.deleted_at IS NULL), false) AS "isLiving"
      FROM page ORDER BY id`;
    return {
      orphans: [...new Set(rows.filter(({ isLiving }) => !isLiving).map((row) => row.id))],
      last: rows.length < limit ? null : (rows.at(-1)?.id ?? null),
    };
  }

  /** What the rows say of these ids, all at one moment. */
  async of(ids: readonly string[]): Promise<RowFacts[]> {
    if (ids.length === 0) return [];
    return this.db.$queryRaw<RowFacts[]>`
      SELECT asked.id,
        coalesce((${rowOf("server")}), (${rowOf("database")})) AS "row",
        coalesce((SELECT true FROM actions a WHERE a.resource_id = asked.id AND a.status = 'running' LIMIT 1), false) AS "isBusy",
        (SELECT jsonb_build_object('region', h.region, 'address', h.address) FROM ip_addresses h WHERE h.resource_id = asked.id) AS address,
        (SELECT jsonb_build_object('region', h.region, 'vcpus', h.vcpus, 'memoryMib', h.memory_mib, 'diskGib', h.disk_gib)
          FROM capacity_reservations h WHERE h.resource_id = asked.id) AS capacity,
        (SELECT jsonb_build_object('accountId', h.account_id, 'vcpus', h.vcpus, 'memoryMib', h.memory_mib)
          FROM quota_holds h WHERE h.resource_id = asked.id) AS hold,
        coalesce((SELECT true FROM database_credentials h WHERE h.database_id = asked.id), false) AS "hasCredentials",
        coalesce((SELECT true FROM database_certificates h WHERE h.database_id = asked.id), false) AS "hasCertificate",
        coalesce((SELECT true FROM server_ssh_keys h WHERE h.server_id = asked.id LIMIT 1), false) AS "hasAttachedKeys"
      FROM unnest(${ids}::text[]) AS asked(id)`;
  }

  /** The accounts of a page that have used another sum than they hold. One statement: what is taken meanwhile is in both or in neither. */
  async wrongQuotaSums(after: string, limit: number): Promise<Page<WrongSum>> {
    const rows = await this.db.$queryRaw<{ accountId: string; used: string; held: string }[]>`
      WITH page AS MATERIALIZED (SELECT * FROM account_quotas WHERE account_id > ${after} ORDER BY account_id LIMIT ${limit})
      SELECT account_id AS "accountId",
        concat_ws(', ', servers_used, databases_used, vcpus_used, memory_mib_used, addresses_used) AS used,
        (SELECT concat_ws(', ', coalesce(sum(servers), 0), coalesce(sum(databases), 0), coalesce(sum(vcpus), 0), coalesce(sum(memory_mib), 0),
          coalesce(sum(addresses), 0)) FROM quota_holds h WHERE h.account_id = page.account_id) AS held
      FROM page ORDER BY account_id`;
    const wrong = rows.filter(({ used, held }) => used !== held);
    const words = "servers, databases, CPUs, MiB, addresses";
    return pageOf(
      rows,
      limit,
      wrong.map(({ accountId, used, held }) => ({ accountId, detail: `used: ${used}; held: ${held} (${words})` })),
    );
  }

  /** The accounts of a page whose lists have other totals than rows. One statement, as above. */
  async wrongCounts(after: string, limit: number): Promise<Page<WrongSum>> {
    const rows = await this.db.$queryRaw<{ accountId: string; counted: string | null; there: string | null }[]>`
      WITH page AS MATERIALIZED (SELECT account_id FROM account_quotas WHERE account_id > ${after} ORDER BY account_id LIMIT ${limit})
      SELECT account_id AS "accountId", (${countedOf}) AS counted, (${thereOf}) AS there FROM page ORDER BY account_id`;
    const wrong = rows.filter(({ counted, there }) => counted !== there);
    return pageOf(
      rows,
      limit,
      wrong.map(({ accountId, counted, there }) => ({
        accountId,
        detail: `counted: ${counted ?? "none"}; there: ${there ?? "none"}`,
      })),
    );
  }
}

function pageOf<T>(rows: { accountId: string }[], limit: number, found: T[]): Page<T> {
  return { found, rows: rows.length, last: rows.length < limit ? null : (rows.at(-1)?.accountId ?? null) };
}

/** `server us-east-1 active 3, …` of the account `page.account_id`, by what was counted and by what is there. */
const countedOf = Prisma.sql`
  SELECT string_agg(concat_ws(' ', kind, region, status, n), ', ' ORDER BY kind, region, status) FROM (
    SELECT kind, region, status, sum(change) AS n FROM resource_counts c WHERE c.account_id = page.account_id
    GROUP BY kind, region, status HAVING sum(change) <> 0) AS counted`;
const thereOf = Prisma.sql`
  SELECT string_agg(concat_ws(' ', kind, region, status, n), ', ' ORDER BY kind, region, status) FROM (
    SELECT 'server' AS kind, region, status, count(*) AS n FROM servers s WHERE s.account_id = page.account_id AND s.deleted_at IS NULL GROUP BY region, status
    UNION ALL
    SELECT 'database', region, status, count(*) FROM databases d WHERE d.account_id = page.account_id AND d.deleted_at IS NULL GROUP BY region, status
  ) AS there`;

const ACCESS_OF: Record<ResourceKind, Prisma.Sql> = {
  server: Prisma.sql`NULL::jsonb`,
  database: Prisma.sql`jsonb_build_object('engine', r.engine, 'trustedSources', r.trusted_sources)`,
};

function rowOf(kind: ResourceKind): Prisma.Sql {
  return Prisma.sql`
    SELECT jsonb_build_object('kind', ${kind}::text, 'accountId', r.account_id, 'region', r.region, 'status', r.status, 'powerState', r.power_state,
      'actionId', r.action_id, 'ipv4', r.ipv4, 'error', r.error, 'version', r.updated_at::text, 'access', ${ACCESS_OF[kind]},
      'wasInUse', r.status = 'failed' AND coalesce((
        SELECT true FROM actions a WHERE a.resource_id = r.id AND a.type = 'create' AND a.status = 'succeeded' LIMIT 1), false),
      'size', jsonb_build_object('vcpus', r.vcpus, 'memoryMib', r.memory_mib, 'diskGib', r.disk_gib))
    FROM ${RESOURCE_TABLES[kind]} r WHERE r.id = asked.id AND r.deleted_at IS NULL`;
}
