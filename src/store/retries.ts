import type { ErrorCode } from "../domain/error-codes.ts";
import type { ResourceKind } from "../domain/resource.ts";
import {
  RETRY_ITEMS_MAX,
  type Retry,
  type RetryFilter,
  type RetryInput,
  type RetryItem,
  type RetryOutcome,
  type RetryStatus,
} from "../domain/retry.ts";
import type { Db } from "./connection.ts";
import { Prisma, type Retry as RetryRow } from "./generated/client.ts";
import { countOfLog, type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";

export type NewRetry = Pick<Retry, "id" | "requestedBy" | "reason" | "filter" | "perMinute">;

export type NextItem = Pick<RetryItem, "actionId" | "resourceKind" | "resourceId"> & { place: number };

type Counts = Record<RetryOutcome, number>;

/** Failed creates that are tried again. */
export class RetryRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** The failed creates that match at the moment, oldest first: those whose server or database is still `failed` with them. Not more than one beyond `RETRY_ITEMS_MAX`. */
  async match(filter: RetryFilter): Promise<NextItem[]> {
    return this.db.$queryRaw`
      SELECT id AS "actionId", resource_type AS "resourceKind", resource_id AS "resourceId", (row_number() OVER (ORDER BY created_at, id))::int AS place
      FROM (${matching("server", filter)} UNION ALL ${matching("database", filter)}) AS matched ORDER BY created_at, id LIMIT ${RETRY_ITEMS_MAX + 1}`;
  }

  /** Run in a transaction. */
  async insert({ requestedBy, filter, ...retry }: NewRetry, items: NextItem[]): Promise<void> {
    const data = { ...retry, ...requestedBy, filter: filter as unknown as Prisma.InputJsonObject };
    const ended = items.length === 0 ? { status: "succeeded", endedAt: new Date() } : { status: "running" };
    await this.db.retry.create({ data: { ...data, ...ended, matched: items.length } });
    await this.db.retryItem.createMany({
      data: items.map(({ resourceKind, ...item }) => ({ ...item, resourceType: resourceKind, retryId: retry.id })),
    });
  }

  async find(id: string): Promise<Retry | null> {
    const row = await this.db.retry.findUnique({ where: { id } });
    return row && retryFromRow(row, (await this.counts([id])).get(id));
  }

  async list(start: ListStart, limit: number): Promise<ListPage<Retry>> {
    const [rows, total] = await Promise.all([
      this.db.retry.findMany(newestFirst({}, start, limit)),
      countOfLog(this.db, "retries"),
    ]);
    const counts = await this.counts(rows.map(({ id }) => id));
    return listPage(
      rows.map((row) => retryFromRow(row, counts.get(row.id))),
      limit,
      total,
    );
  }

  /** In the order they are tried. */
  async items(retryId: string, limit: number): Promise<RetryItem[]> {
    const rows = await this.db.retryItem.findMany({ where: { retryId }, orderBy: { place: "asc" }, take: limit });
    return rows.map(({ actionId, resourceType, resourceId, outcome, startedActionId, code, message }) => ({
      ...{ actionId, resourceKind: resourceType as ResourceKind, resourceId, outcome: outcome as RetryOutcome },
      ...{ startedActionId, code: code as ErrorCode | null, message },
    }));
  }

  /** Accepted before `olderThan`, and no workflow has touched it yet. */
  async listUnstarted(olderThan: Date, limit: number): Promise<RetryInput[]> {
    return this.db.$queryRaw`
      SELECT id AS "retryId", per_minute AS "perMinute" FROM retries
      WHERE status = 'running' AND started_at IS NULL AND created_at < ${olderThan} ORDER BY created_at LIMIT ${limit}`;
  }

  async markStarted(id: string): Promise<void> {
    await this.db.$executeRaw`UPDATE retries SET started_at = now() WHERE id = ${id} AND started_at IS NULL`;
  }

  /** The next one, locked until the end of the transaction: nobody else deals with it. Null: none is left, or the retry has ended. */
  async lockNext(retryId: string): Promise<NextItem | null> {
    // In this order: whoever stops the retry waits for the item that is dealt with, and none comes after.
    const running = await this.db.$queryRaw<unknown[]>`
      SELECT 1 FROM retries WHERE id = ${retryId} AND status = 'running' FOR UPDATE`;
    if (running.length === 0) return null;
    const [item] = await this.db.$queryRaw<NextItem[]>`
      SELECT place, action_id AS "actionId", resource_type AS "resourceKind", resource_id AS "resourceId" FROM retry_items
      WHERE retry_id = ${retryId} AND outcome = 'waiting' ORDER BY place LIMIT 1 FOR UPDATE`;
    return item ?? null;
  }

  async markItemStarted(retryId: string, place: number, actionId: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE retry_items SET outcome = 'started', started_action_id = ${actionId} WHERE retry_id = ${retryId} AND place = ${place}`;
  }

  async markItemSkipped(retryId: string, place: number, why: { code: ErrorCode; message: string }): Promise<void> {
    await this.db.$executeRaw`
      UPDATE retry_items SET outcome = 'skipped', code = ${why.code}, message = ${why.message}
      WHERE retry_id = ${retryId} AND place = ${place} AND outcome = 'waiting'`;
  }

  /** False if it has ended already. */
  async end(id: string, status: Exclude<RetryStatus, "running">): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE retries SET status = ${status}, ended_at = clock_timestamp() WHERE id = ${id} AND status = 'running'`;
    return changed > 0;
  }

  private async counts(ids: string[]): Promise<Map<string, Counts>> {
    const rows = await this.db.$queryRaw<{ id: string; outcome: RetryOutcome; count: number }[]>`
      SELECT retry_id AS id, outcome, count(*)::int FROM retry_items WHERE retry_id = ANY(${ids}) GROUP BY retry_id, outcome`;
    const counts = new Map<string, Counts>(ids.map((id) => [id, { waiting: 0, started: 0, skipped: 0 }]));
    for (const { id, outcome, count } of rows) {
      const of = counts.get(id);
      if (of) of[outcome] = count;
    }
    return counts;
  }
}

/** Failed creates of one kind that the filter takes. The status is part of the text: there is an index of those that failed. */
function matching(kind: ResourceKind, filter: RetryFilter): Prisma.Sql {
  const { actionId, step, errorCode, region, resourceKind, accountId, createdBefore, createdAfter } = filter;
  const conditions = [
    ...(actionId === null ? [] : [Prisma.sql`a.id = ${actionId}`]),
    ...(step === null ? [] : [Prisma.sql`a.error->>'step' = ${step}`]),
    ...(errorCode === null ? [] : [Prisma.sql`a.error->>'code' = ${errorCode}`]),
    ...(region === null ? [] : [Prisma.sql`a.region = ${region}`]),
    ...(resourceKind === null ? [] : [Prisma.sql`a.resource_type = ${resourceKind}`]),
    ...(accountId === null ? [] : [Prisma.sql`a.account_id = ${accountId}`]),
    ...(createdBefore === null ? [] : [Prisma.sql`a.created_at < ${createdBefore}`]),
    ...(createdAfter === null ? [] : [Prisma.sql`a.created_at > ${createdAfter}`]),
    Prisma.sql`a.type = 'create' AND a.resource_type = ${kind}`,
  ];
  return Prisma.sql`
    SELECT a.id, a.created_at, a.resource_type, a.resource_id FROM actions a JOIN ${RESOURCE_TABLES[kind]} r ON r.id = a.resource_id
    WHERE a.status = 'failed' AND a.error IS NOT NULL AND r.deleted_at IS NULL AND r.status = 'failed' AND r.action_id = a.id
      AND ${Prisma.join(conditions, " AND ")}`;
}

/** JSON has no dates. */
type Stored<T> = { [K in keyof T]: Date extends T[K] ? string | null : T[K] };

function filterFromJson({ createdBefore, createdAfter, ...filter }: Stored<RetryFilter>): RetryFilter {
  const date = (text: string | null) => (text === null ? null : new Date(text));
  return { ...filter, createdBefore: date(createdBefore), createdAfter: date(createdAfter) };
}

function retryFromRow(row: RetryRow, counts: Counts | undefined): Retry {
  const { accountId, apiKeyId, requestId } = row;
  return {
    id: row.id,
    requestedBy: { accountId, apiKeyId, requestId },
    reason: row.reason,
    filter: filterFromJson(row.filter as unknown as Stored<RetryFilter>),
    perMinute: row.perMinute,
    status: row.status as RetryStatus,
    matched: row.matched,
    started: counts?.started ?? 0,
    skipped: counts?.skipped ?? 0,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
  };
}
