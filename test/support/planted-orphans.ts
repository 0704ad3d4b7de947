import type { AuditClass } from "../../src/domain/audit-classes.ts";
import { inParallel, newAddress, PLANTED_REGION, RULES, WAIT } from "./planted-resources.ts";
import { type Ground, goneOrFailed, insert, newIds, plantAccounts, plantActions, plantFailed } from "./planted-rows.ts";

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
    const servers = await planter.plantRows("server", Math.ceil(count / 2));
    const databases = await planter.plantRows("database", Math.floor(count / 2));
    await inParallel(databases, (id) => planter.plantVolume(id));
    return [...servers, ...databases];
  },
  async power_state_differs({ planter }, count) {
    const ids = await planter.plant("server", count);
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
  async instance_address_differs({ world, planter }, count) {
    const ids = await planter.plant("server", count);
    const others = ids.map(newAddress);
    const of = "FROM unnest($1::text[], $2::text[]) AS u(id, other)";
    await world.sql(`UPDATE servers SET ipv4 = other ${of} WHERE servers.id = u.id`, [ids, others]);
    await world.sql(
      `UPDATE ip_addresses SET address = other, position = other::inet - '0.0.0.0'::inet ${of} WHERE resource_id = u.id`,
      [ids, others],
    );
    return ids;
  },
  async volume_missing({ planter }, count) {
    const ids = await planter.plantRows("database", count);
    const detached = ids.slice(0, Math.floor(count / 2));
    await inParallel(ids, async (id) => {
      if (detached.includes(id)) await planter.plantVolume(id);
      await planter.plantInstance(id, "database", { volume: false });
      await planter.plantRules(id);
    });
    return ids;
  },
  async credentials_missing({ world, planter }, count) {
    const ids = await planter.plant("database", count);
    await world.sql("DELETE FROM database_credentials WHERE database_id = ANY($1)", [ids]);
    return ids;
  },
  async certificate_missing({ world, planter }, count) {
    const ids = await planter.plant("database", count);
    await world.sql("DELETE FROM database_certificates WHERE database_id = ANY($1)", [ids]);
    return ids;
  },
  async access_rules_differ({ planter }, count) {
    const ids = await planter.plant("database", count);
    await inParallel(ids, (id) => {
      const rules = { ...RULES, ipv4: planter.addressOf(id), sources: ["0.0.0.0/0"] };
      return planter.driver.setAccessRules(planter.owner(id, "database"), rules, WAIT);
    });
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
    await inParallel(ids, (id) => planter.plantVolume(id));
    return ids;
  },
  async volume_of_failed({ world, planter }, count) {
    const ids = await plantFailed(world, planter, "database", count);
    await inParallel(ids, (id) => planter.plantVolume(id));
    return ids;
  },
  async access_rules_orphaned({ planter }, count) {
    const ids = newIds("database", count);
    await inParallel(ids, (id) => planter.plantRules(id));
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
    await planter.use("server", ids.length);
    return ids;
  },
  async quota_hold_differs({ world, planter }, count) {
    const ids = await planter.plant("server", count);
    await world.sql("DELETE FROM quota_holds WHERE resource_id = ANY($1)", [ids]);
    await planter.use("server", -ids.length);
    return ids;
  },
  credentials_orphaned: async ({ world, planter }, count) =>
    insert(
      world,
      await goneOrFailed(world, planter, "database", count),
      "INSERT INTO database_credentials (database_id, username, password_box) SELECT id, 'app', 'box'",
    ),
  certificate_orphaned: async ({ world, planter }, count) =>
    insert(
      world,
      await goneOrFailed(world, planter, "database", count),
      "INSERT INTO database_certificates (database_id, authority_id, certificate, key_box, not_after) SELECT id, 'ca', 'pem', 'box', now()",
    ),
  ssh_keys_orphaned: async ({ world, planter }, count) =>
    insert(
      world,
      await goneOrFailed(world, planter, "server", count),
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

/** Classes that no program mends: an audit that was asked to repair refuses them, and they stay. */
export const MENDED_BY_HAND: readonly AuditClass[] = [
  "instance_address_differs",
  "volume_missing",
  "credentials_missing",
  "certificate_missing",
];

/** Plants so many of a class; answers what an audit has to name. */
export function plantOrphans(ground: Ground, name: AuditClass, count: number): Promise<string[]> {
  return PLANTS[name](ground, count);
}
