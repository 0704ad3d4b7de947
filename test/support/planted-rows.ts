import { newId } from "../../src/domain/ids.ts";
import type { ResourceKind } from "../../src/domain/resource.ts";
import { PLANTED_REGION, type Planter } from "./planted-resources.ts";
import type { World } from "./world.ts";

/** Rows as no request leaves them, for the differences that an audit has to find. */

export interface Ground {
  world: World;
  planter: Planter;
}

export function newIds(kind: ResourceKind, count: number): string[] {
  return Array.from({ length: count }, () => newId(kind));
}

/** Rows of creates that have failed and were undone. */
export async function plantFailed(
  world: World,
  planter: Planter,
  kind: ResourceKind,
  count: number,
): Promise<string[]> {
  const ids = await planter.plantRows(kind, count);
  const table = kind === "server" ? "servers" : "databases";
  await world.sql(`UPDATE ${table} SET status = 'failed', power_state = 'unknown', ipv4 = NULL WHERE id = ANY($1)`, [
    ids,
  ]);
  await world.sql("DELETE FROM ip_addresses WHERE resource_id = ANY($1)", [ids]);
  for (const held of ["capacity_reservations", "quota_holds"]) {
    await world.sql(`DELETE FROM ${held} WHERE resource_id = ANY($1)`, [ids]);
  }
  for (const held of ["database_credentials", "database_certificates"]) {
    await world.sql(`DELETE FROM ${held} WHERE database_id = ANY($1)`, [ids]);
  }
  await planter.use(kind, -count);
  return ids;
}

/** Half of them were deleted, or never were; the creates of the others have failed. */
export async function goneOrFailed(
  world: World,
  planter: Planter,
  kind: ResourceKind,
  count: number,
): Promise<string[]> {
  const failed = await plantFailed(world, planter, kind, Math.ceil(count / 2));
  return [...failed, ...newIds(kind, Math.floor(count / 2))];
}

export async function insert(world: World, ids: string[], statement: string): Promise<string[]> {
  await world.sql(`${statement} FROM unnest($1::text[]) WITH ORDINALITY AS u(id, n)`, [ids]);
  return ids;
}

export async function plantAccounts(world: World, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId("account"));
  await insert(world, ids, "INSERT INTO accounts (id, name) SELECT id, replace(id, '_', '-')");
  return insert(world, ids, "INSERT INTO account_quotas (account_id) SELECT id");
}

/** A start of two minutes ago on a server each. */
export async function plantActions({ world, planter }: Ground, count: number, startedAt: string): Promise<string[]> {
  const servers = await planter.plant("server", count);
  await insert(
    world,
    servers,
    `INSERT INTO actions (id, account_id, type, status, resource_type, resource_id, region, steps, request_id, created_at, started_at)
     SELECT 'act_' || right(id, 24), '${planter.accountId}', 'start', 'running', 'server', id, '${PLANTED_REGION}',
       '[{"name": "look_at_instance", "status": "pending", "attempt": 0, "started_at": null, "ended_at": null, "message": null}]',
       'req_' || right(id, 24), now() - interval '2 minutes', ${startedAt}`,
  );
  return servers.map((id) => `act_${id.slice(4)}`);
}
