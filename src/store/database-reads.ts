import type pg from "pg";
import type { Database } from "../domain/database.ts";
import { ResourceReads } from "./resource-reads.ts";

const FILTERS = ["engine", "status", "region", "name"] as const;

const COLUMNS = `id, account_id AS "accountId", name, plan, region, engine || '-' || major AS image, engine, version, implementation, status, power_state AS "powerState", ipv4,
  trusted_sources AS "trustedSources", labels, action_id AS "actionId", error, created_at AS "createdAt", updated_at AS "updatedAt"`;

export type DatabaseReads = ResourceReads<Database, (typeof FILTERS)[number]>;

export function databaseReads(pool: pg.Pool): DatabaseReads {
  return new ResourceReads(pool, { table: "databases", kind: "database", columns: COLUMNS, filters: FILTERS });
}
