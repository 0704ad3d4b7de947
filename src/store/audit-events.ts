import type { ResourceKind } from "../domain/resource.ts";
import type { Db } from "./connection.ts";

export interface NewAuditEvent {
  id: string;
  accountId: string;
  /** Null: an operator, on the database. */
  apiKeyId: string | null;
  event: AuditedEvent;
  resourceKind: ResourceKind | "account" | "api_key";
  resourceId: string;
  /** Null: no request of the API. */
  requestId: string | null;
}

type AuditedEvent = "credentials.read" | "account.create" | "api_key.create" | "api_key.roll" | "api_key.revoke";

/** Who did what that has to be answered for. */
export class AuditEventRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async insert({ resourceKind, ...event }: NewAuditEvent): Promise<void> {
    await this.db.auditEvent.create({ data: { ...event, resourceType: resourceKind } });
  }
}
