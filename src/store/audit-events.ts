import type { ResourceKind } from "../domain/resource.ts";
import type { Db } from "./connection.ts";

export interface NewAuditEvent {
  id: string;
  accountId: string;
  apiKeyId: string;
  event: "credentials.read";
  resourceKind: ResourceKind;
  resourceId: string;
  requestId: string;
}

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
