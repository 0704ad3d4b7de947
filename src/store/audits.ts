import {
  type Audit,
  type AuditDifference,
  type AuditOutcome,
  type AuditStatus,
  type AuditTotal,
  type Sighting,
  sightingKey,
} from "../domain/audit.ts";
import type { AuditClass } from "../domain/audit-classes.ts";
import type { Db } from "./connection.ts";
import { type Audit as AuditRow, type AuditDifference as DifferenceRow, Prisma } from "./generated/client.ts";
import { countOfLog, type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";

export type NewAudit = Pick<Audit, "id" | "requestedBy" | "reason" | "repair" | "deleteLost" | "regions" | "classes">;

/** Of a part of an audit so many differences are kept; its totals count all. */
const DIFFERENCES_KEPT = 2_000;
/** Part of the text: for any number the planner would rather read all. */
const TIDIED_AT_ONCE = Prisma.sql`500`;

/** Audits, what they found, and since when that is so. */
export class AuditRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async insert({ requestedBy, ...audit }: NewAudit): Promise<Audit> {
    return auditFromRow(await this.db.audit.create({ data: { ...audit, ...requestedBy, status: "running" } }));
  }

  async find(id: string): Promise<Audit | null> {
    const row = await this.db.audit.findUnique({ where: { id } });
    return row && auditFromRow(row);
  }

  async list(start: ListStart, limit: number): Promise<ListPage<Audit>> {
    const [rows, total] = await Promise.all([
      this.db.audit.findMany(newestFirst({}, start, limit)),
      countOfLog(this.db, "audits"),
    ]);
    return listPage(rows.map(auditFromRow), limit, total);
  }

  /** The latest that compared all of this with an end; null: none has. */
  async latestOf(regions: readonly string[], classes: readonly string[]): Promise<Audit | null> {
    const row = await this.db.audit.findFirst({
      where: { status: { not: "running" }, regions: { hasEvery: [...regions] }, classes: { hasEvery: [...classes] } },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    });
    return row && auditFromRow(row);
  }

  /** In the order they were found. */
  async differences(auditId: string): Promise<AuditDifference[]> {
    const rows = await this.db.auditDifference.findMany({
      where: { auditId },
      orderBy: [{ scope: "asc" }, { id: "asc" }],
    });
    return rows.map(differenceFromRow);
  }

  /** Notes what a part saw, and answers by `class subject` since when it has been so. */
  async see(auditId: string, scope: string, seen: Sighting[]): Promise<Map<string, Date>> {
    const [classes, subjects] = [seen.map((one) => one.class), seen.map(({ subject }) => subject)];
    const rows = await this.db.$queryRaw<(Sighting & { firstSeenAt: Date })[]>`
      INSERT INTO audit_sightings (class, subject, scope, audit_id, first_seen_at)
      SELECT DISTINCT class, subject, ${scope}, ${auditId}, now() FROM unnest(${classes}::text[], ${subjects}::text[]) AS seen(class, subject)
      ON CONFLICT (class, subject) DO UPDATE SET audit_id = excluded.audit_id, scope = excluded.scope
      RETURNING class, subject, first_seen_at AS "firstSeenAt"`;
    return new Map(rows.map((row) => [sightingKey(row), row.firstSeenAt]));
  }

  /** What a part looked for and did not see is over: should it come back, it is new. */
  async forgetUnseen(auditId: string, scope: string, classes: readonly AuditClass[]): Promise<void> {
    await this.db.$executeRaw`
      DELETE FROM audit_sightings WHERE scope = ${scope} AND class = ANY(${classes}::text[]) AND audit_id <> ${auditId}`;
  }

  /** What a part came to, in place of what an earlier attempt of it has written. Run in a transaction. */
  async record(auditId: string, total: AuditTotal, differences: AuditDifference[]): Promise<void> {
    const { scope } = total;
    await this.db.auditDifference.deleteMany({ where: { auditId, scope } });
    const kept = differences.slice(0, DIFFERENCES_KEPT);
    await this.db.auditDifference.createMany({ data: kept.map((difference) => ({ auditId, scope, ...difference })) });
    await this.db.$executeRaw`
      UPDATE audits SET totals = (SELECT coalesce(jsonb_agg(t), '[]') FROM jsonb_array_elements(totals) t WHERE t->>'scope' <> ${scope})
        || ${JSON.stringify([total])}::jsonb
      WHERE id = ${auditId}`;
  }

  /** Ends it, complete if every part of it was compared. */
  async end(id: string, parts: number): Promise<void> {
    await this.db.$executeRaw`
      UPDATE audits SET ended_at = now(), status = CASE
        WHEN jsonb_array_length(totals) = ${parts}::int
          AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(totals) t WHERE t->>'problem' IS NOT NULL) THEN 'succeeded' ELSE 'incomplete' END
      WHERE id = ${id} AND status = 'running'`;
  }

  /** Ends those whose workflow must be gone by now, and deletes what is too old to be asked about. */
  async tidy(times: { runningBefore: Date; deleteBefore: Date }): Promise<void> {
    const { runningBefore, deleteBefore } = times;
    await this.db.$executeRaw`
      UPDATE audits SET status = 'incomplete', ended_at = now() WHERE id = ANY(ARRAY(
        SELECT id FROM audits WHERE status = 'running' AND created_at < ${runningBefore} ORDER BY created_at LIMIT ${TIDIED_AT_ONCE}))`;
    await this.db.$executeRaw`
      WITH old AS (
        DELETE FROM audits WHERE id = ANY(ARRAY(
          SELECT id FROM audits WHERE created_at < ${deleteBefore} ORDER BY created_at LIMIT ${TIDIED_AT_ONCE})) RETURNING id
      )
      DELETE FROM audit_differences WHERE audit_id = ANY(ARRAY(SELECT id FROM old))`;
  }
}

function auditFromRow(row: AuditRow): Audit {
  const { accountId, apiKeyId, requestId } = row;
  return {
    id: row.id,
    requestedBy: accountId === null ? null : { accountId, apiKeyId: apiKeyId ?? "", requestId: requestId ?? "" },
    reason: row.reason,
    repair: row.repair,
    deleteLost: row.deleteLost,
    regions: row.regions,
    classes: row.classes as AuditClass[],
    status: row.status as AuditStatus,
    // Written by `record` alone.
    totals: row.totals as unknown as AuditTotal[],
    createdAt: row.createdAt,
    endedAt: row.endedAt,
  };
}

function differenceFromRow(row: DifferenceRow): AuditDifference {
  const { id: _, auditId: _of, scope: _scope, ...difference } = row;
  return { ...difference, class: row.class as AuditClass, outcome: row.outcome as AuditOutcome };
}
