import type { ResourceKind } from "../domain/resource.ts";
import type { Db } from "./connection.ts";
import { type AuditEvent as AuditEventRow, Prisma } from "./generated/client.ts";
import { countOfLog, type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";

export type AuditedKind = ResourceKind | "account" | "api_key" | "action" | "audit" | "retry" | "hold" | "workers";

/** Plain JSON, without secrets. */
type AuditedState = Record<string, string | number | boolean | null | string[]>;

export interface NewAuditEvent {
  id: string;
  accountId: string;
  /** Null: an operator, on the database. */
  apiKeyId: string | null;
  event: AuditedEvent;
  resourceKind: AuditedKind;
  resourceId: string;
  /** Null: no request of the API. */
  requestId: string | null;
  /** Of an operator's change. */
  reason?: string | null;
  before?: AuditedState;
  after?: AuditedState;
}

export interface AuditEvent extends Omit<NewAuditEvent, "event" | "reason" | "before" | "after"> {
  event: string;
  reason: string | null;
  before: AuditedState | null;
  after: AuditedState | null;
  createdAt: Date;
}

type AuditedEvent =
  | "credentials.read"
  | "account.create"
  | "account.limits"
  | "account.suspend"
  | "account.resume"
  | "api_key.create"
  | "api_key.roll"
  | "api_key.revoke"
  | "audit.create"
  | "audit.repair"
  | "action.cancel"
  | "action.retry"
  | "retry.create"
  | "retry.stop"
  | "hold.create"
  | "hold.release"
  | "workers.change";

/** Who did what that has to be answered for. */
export class AuditEventRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async insert({ resourceKind, before, after, ...event }: NewAuditEvent): Promise<void> {
    await this.db.auditEvent.create({
      data: { ...event, resourceType: resourceKind, before: before ?? Prisma.DbNull, after: after ?? Prisma.DbNull },
    });
  }

  /** Newest first, of one account or of all. */
  async list(accountId: string | null, start: ListStart, limit: number): Promise<ListPage<AuditEvent>> {
    const where = accountId === null ? {} : { accountId };
    const [rows, total] = await Promise.all([
      this.db.auditEvent.findMany(newestFirst(where, start, limit)),
      accountId === null ? countOfLog(this.db, "audit_events") : this.db.auditEvent.count({ where }),
    ]);
    return listPage(rows.map(eventFromRow), limit, total);
  }
}

function eventFromRow({ resourceType, ...row }: AuditEventRow): AuditEvent {
  return {
    ...row,
    resourceKind: resourceType as AuditedKind,
    before: row.before as AuditedState | null,
    after: row.after as AuditedState | null,
  };
}
