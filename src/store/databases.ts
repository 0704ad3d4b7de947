import { type Database, type DatabaseEngine, databaseImage } from "../domain/database.ts";
import type { ResourceError } from "../domain/resource.ts";
import type { PowerState, ResourceStatus } from "../domain/statuses.ts";
import type { Capacity } from "./capacity.ts";
import type { Db } from "./connection.ts";
import type { Database as DatabaseRow } from "./generated/client.ts";
import { ResourceRepository } from "./resources.ts";

export interface NewDatabase {
  id: string;
  accountId: string;
  name: string;
  plan: string;
  region: string;
  engine: DatabaseEngine;
  major: string;
  minVersion: string | null;
  version: string;
  implementation: string;
  size: Capacity;
  trustedSources: string[];
  labels: Record<string, string>;
  actionId: string;
}

/** What the guest of a database is made from. */
export interface DatabaseBuild {
  engine: DatabaseEngine;
  major: string;
  minVersion: string | null;
  trustedSources: string[];
}

/** The databases table. */
export class DatabaseRepository extends ResourceRepository {
  constructor(db: Db) {
    super(db, "database");
  }

  async insert(database: NewDatabase): Promise<Database> {
    const { size, ...columns } = database;
    const row = await this.db.database.create({ data: { ...columns, ...size, status: "provisioning" } });
    return databaseFromRow(row);
  }

  async build(id: string): Promise<DatabaseBuild | null> {
    const row = await this.db.database.findFirst({
      where: { id, deletedAt: null },
      select: { engine: true, major: true, minVersion: true, trustedSources: true },
    });
    return row && { ...row, engine: row.engine as DatabaseEngine };
  }

  /** What the chosen image has in it. */
  async setVersion(id: string, installed: { version: string; implementation: string }): Promise<void> {
    await this.db.database.updateMany({
      where: { id, deletedAt: null },
      data: { ...installed, updatedAt: new Date() },
    });
  }

  async setTrustedSources(id: string, trustedSources: string[]): Promise<void> {
    await this.db.database.updateMany({
      where: { id, deletedAt: null },
      data: { trustedSources, updatedAt: new Date() },
    });
  }
}

function databaseFromRow(row: DatabaseRow): Database {
  return {
    id: row.id,
    accountId: row.accountId,
    name: row.name,
    plan: row.plan,
    region: row.region,
    image: databaseImage(row),
    engine: row.engine as DatabaseEngine,
    version: row.version,
    implementation: row.implementation,
    status: row.status as ResourceStatus,
    powerState: row.powerState as PowerState,
    ipv4: row.ipv4,
    trustedSources: row.trustedSources,
    labels: row.labels as Record<string, string>,
    actionId: row.actionId,
    error: row.error as ResourceError | null,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
