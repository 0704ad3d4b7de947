import type pg from "pg";
import type { Server } from "../domain/server.ts";
import { type ListFilter, ResourceReads } from "./resource-reads.ts";

const FILTERS = ["status", "region", "name"] as const;

export type ServerListFilter = ListFilter<(typeof FILTERS)[number]>;

const COLUMNS = `id, account_id AS "accountId", name, plan, region, image, status, power_state AS "powerState", ipv4,
  ssh_key_ids AS "sshKeyIds", labels, action_id AS "actionId", error, created_at AS "createdAt", updated_at AS "updatedAt"`;

export type ServerReads = ResourceReads<Server, (typeof FILTERS)[number]>;

export function serverReads(pool: pg.Pool): ServerReads {
  return new ResourceReads(pool, { table: "servers", kind: "server", columns: COLUMNS, filters: FILTERS });
}
