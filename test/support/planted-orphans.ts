import type { AuditClass } from "../../src/domain/audit-classes.ts";
import { newId } from "../../src/domain/ids.ts";
import type { ResourceKind } from "../../src/domain/resource.ts";
import { inParallel, PLANTED_REGION, type Planter, RULES, WAIT } from "./planted-resources.ts";
import type { World } from "./world.ts";

interface Ground {
  world: World;
  planter: Planter;
}

/** How a difference of each class is made, behind everybody's back: answers the subjects. */
const PLANTS: Record<AuditClass, (ground: Ground, count: number) => Promise<string[]>> = {
  async resource_without_action({ world, planter }, count) {
    const deleting = await planter.plant("server", Math.ceil(count / 2));
    const provisioning = await planter.plantRows("server", Math.floor(count / 2));
    await world.sql("UPDATE servers SET status = 'deleting' WHERE id = ANY($1)", [deleting]);
    await world.sql("UPDATE servers SET status = 'provisioning' WHERE id = ANY($1)", [provisioning]);
    return [...deleting, ...provisioning];
  },
  async instance_missing({ planter }, count) {
    return [
      ...(await planter.plantRows("server", Math.ceil(count / 2))),
      ...(await planter.plantRows("database", Math.floor(count / 2))),
    ];
  },
  async power_state_differs({ planter }, count) {
    const ids = await planter.plant("server", count, { starts: true });
    await inParallel(ids, (id) => planter.driver.startInstance(planter.owner(id, "server"), WAIT));
    return ids;
  },
  async suspended_but_running({ world, planter }, count) {
    const ids = await planter.plant("server", count, { running: true });
    await world.sql("UPDATE servers SET status = 'suspended' WHERE id = ANY($1)", [ids]);
    return ids;
  },
  async database_stopped({ planter }, count) {
    const ids = await planter.plant("database", count, { running: true });
    await inParallel(ids, (id) => planter.driver.stopInstance(planter.owner(id, "database"), 0, WAIT));
    return ids;
  },
  async limits_differ({ planter }, count) {
    const ids = await planter.plant("server", count);
    const size = { vcpus: 4, memoryMib: 512, diskGib: 10 };
    await inParallel(ids, (id) => planter.driver.resizeInstance(planter.owner(id, "server"), size, WAIT));
    return ids;
  },
  async access_rules_missing({ planter }, count) {
    const ids = await planter.plant("database", count);
    await inParallel(ids, (id) => planter.driver.removeAccessRules(planter.owner(id, "database"), WAIT));
    return ids;
  },
  async instance_orphaned({ planter }, count) {
    const ids = newIds("server", count);
    await inParallel(ids, (id) => planter.plantInstance(id, "server"));
    return ids;
  },
  async instance_of_failed({ world, planter }, count) {
    const ids = await planter.plant("server", count);
    await world.sql("UPDATE servers SET status = 'failed', power_state = 'unknown' WHERE id = ANY($1)", [ids]);
    return ids;
  },
  async volume_orphaned({ planter }, count) {
    const ids = newIds("database", count);
    await inParallel(ids, (id) =>
      planter.driver.createVolume({ owner: planter.owner(id, "database"), sizeGib: 1 }, WAIT),
    );
    return ids;
  },
  async access_rules_orphaned({ planter }, count) {
    const ids = newIds("database", count);
    await inParallel(ids, (id) => planter.driver.setAccessRules(planter.owner(id, "database"), RULES, WAIT));
    return ids;
  },
  address_orphaned: ({ world }, count) =>
    insert(
      world,
      newIds("server", count),
      `INSERT INTO ip_addresses (region, position, address, resource_id)
       SELECT '${PLANTED_REGION}', 3500000000 + n, host('0.0.0.0'::inet + 3500000000 + n), id`,
    ),
  async address_missing({ world, planter }, count) {
    const ids = await planter.plant("server", count);
    await world.sql("UPDATE ip_addresses SET resource_id = NULL, allocated_at = NULL WHERE resource_id = ANY($1)", [
      ids,
    ]);
    return ids;
  },
  capacity_orphaned: ({ world }, count) =>
    insert(
      world,
      newIds("server", count),
      `INSERT INTO capacity_reservations (resource_id, region, vcpus, memory_mib, disk_gib) SELECT id, '${PLANTED_REGION}', 1, 512, 10`,
    ),
  async capacity_differs({ world, planter }, count) {
    const ids = await planter.plant("database", count);
    const half = Math.ceil(count / 2);
    await world.sql("DELETE FROM capacity_reservations WHERE resource_id = ANY($1)", [ids.slice(0, half)]);
    await world.sql("UPDATE capacity_reservations SET vcpus = 7 WHERE resource_id = ANY($1)", [ids.slice(half)]);
    return ids;
  },
  async quota_hold_orphaned({ world, planter }, count) {
    const ids = newIds("server", count);
    await insert(
      world,
      ids,
      `INSERT INTO quota_holds (resource_id, account_id, servers, databases, vcpus, memory_mib, addresses)
       SELECT id, '${planter.accountId}', 1, 0, 1, 512, 1`,
    );
    await use(world, planter.accountId, ids.length);
    return ids;
  },
  async quota_hold_differs({ world, planter }, count) {
    const ids = await planter.plant("server", count);
    await world.sql("DELETE FROM quota_holds WHERE resource_id = ANY($1)", [ids]);
    await use(world, planter.accountId, -ids.length);
    return ids;
  },
  credentials_orphaned: ({ world }, count) =>
    insert(
      world,
      newIds("database", count),
      "INSERT INTO database_credentials (database_id, username, password_box) SELECT id, 'app', 'box'",
    ),
  certificate_orphaned: ({ world }, count) =>
    insert(
      world,
      newIds("database", count),
      "INSERT INTO database_certificates (database_id, authority_id, certificate, key_box, not_after) SELECT id, 'ca', 'pem', 'box', now()",
    ),
  ssh_keys_orphaned: ({ world }, count) =>
    insert(
      world,
      newIds("server", count),
      "INSERT INTO server_ssh_keys (server_id, ssh_key_id, public_key) SELECT id, 'key_' || n, 'ssh-ed25519 AAAA'",
    ),
  action_not_started: (ground, count) => plantActions(ground, count, "NULL"),
  workflow_missing: (ground, count) => plantActions(ground, count, "now()"),
  async quota_sum_differs({ world }, count) {
    const ids = await plantAccounts(world, count);
    await world.sql("UPDATE account_quotas SET vcpus_used = 3 WHERE account_id = ANY($1)", [ids]);
    return ids;
  },
  async resource_count_differs({ world }, count) {
    const ids = await plantAccounts(world, count);
    return insert(
      world,
      ids,
      `INSERT INTO resource_counts (account_id, kind, region, status, change) SELECT id, 'server', '${PLANTED_REGION}', 'active', 2`,
    );
  },
};

/** Plants so many of a class; answers what an audit has to name. */
export function plantOrphans(ground: Ground, name: AuditClass, count: number): Promise<string[]> {
  return PLANTS[name](ground, count);
}

function newIds(kind: ResourceKind, count: number): string[] {
  return Array.from({ length: count }, () => newId(kind));
}

async function insert(world: World, ids: string[], statement: string): Promise<string[]> {
  await world.sql(`${statement} FROM unnest($1::text[]) WITH ORDINALITY AS u(id, n)`, [ids]);
  return ids;
}

/** Of servers of the plan `starter`. */
async function use(world: World, accountId: string, servers: number): Promise<void> {
  await world.sql(
    `UPDATE account_quotas SET servers_used = servers_used + $2::int, vcpus_used = vcpus_used + $2::int, memory_mib_used = memory_mib_used + 512 * $2::int,
       addresses_used = addresses_used + $2::int WHERE account_id = $1`,
    [accountId, servers],
  );
}

async function plantAccounts(world: World, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId("account"));
  await insert(world, ids, "INSERT INTO accounts (id, name) SELECT id, replace(id, '_', '-')");
  return insert(world, ids, "INSERT INTO account_quotas (account_id) SELECT id");
}

/** A start of two minutes ago on a server each. */
async function plantActions({ world, planter }: Ground, count: number, startedAt: string): Promise<string[]> {
  const servers = await planter.plant("server", count, { starts: true });
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
