import { afterAll, beforeAll, expect, it } from "vitest";
import { STORAGE_POOL } from "../../scripts/platform/incus-region.ts";
import { run } from "../../scripts/platform/run.ts";
import { newId } from "../../src/domain/ids.ts";
import { instanceName, volumeName } from "../../src/drivers/incus/instance-name.ts";
import { type Auditor, type AuditSeen, createAuditor } from "../support/audits.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";

/** What an operator, or an accident, does with the incus command behind our back, as the auditor sees and mends it. */

const [REGION] = E2E_REGIONS;
const region = REGION.slug;
const incus = (...words: string[]) => run("incus", [...words, "--project", REGION.project]);

let world: RealWorld;
let auditor: Auditor;
let before: Awaited<ReturnType<RealWorld["inventory"]>>;

beforeAll(async () => {
  world = await createRealWorld();
  await world.startWorker();
  auditor = await createAuditor(world);
  before = await world.inventory();
});
afterAll(async () => {
  for (const { id } of await world.api.list("/v1/servers?per_page=100")) await remove(id);
  expect(await world.inventory()).toEqual(before);
  await world.close();
});

async function created(name: string): Promise<string> {
  const { data } = (await world.api.createServer(name, { region, ssh_keys: [world.sshKeyId] })).body;
  expect(await world.api.actionEnd(data.action_id)).toMatchObject({ status: "succeeded" });
  return data.id;
}

async function remove(id: string): Promise<void> {
  const deletion = (await world.api.deleteServer(id)).body.data;
  expect((await world.api.actionEnd(deletion.id)).status).toBe("succeeded");
}

async function shown(id: string): Promise<unknown> {
  return (await world.api.get(`/v1/servers/${id}`)).body.data;
}

/** The difference about one subject: others on this host may be another run's. */
function about(audit: AuditSeen, subject: string) {
  return audit.differences.filter((difference) => difference.subject === subject);
}

const audit = (repair = false) => auditor.audit({ repair, regions: [region], reason: "e2e" });

it("an instance that was stopped behind our back is shown as stopped within one audit", async () => {
  const id = await created("audited-stopped");
  await incus("stop", instanceName(id), "--force");
  expect(about(await audit(), id)).toMatchObject([{ class: "power_state_differs", outcome: "shown" }]);
  expect(await shown(id)).toMatchObject({ status: "active", power_state: "stopped", error: null });
  expect(about(await audit(), id)).toEqual([]);
});

it("one that was deleted is shown as missing, and given up when it is asked for; a retry makes it anew", async () => {
  const id = await created("audited-deleted");
  await incus("delete", instanceName(id), "--force");
  expect(about(await audit(), id)).toMatchObject([{ class: "instance_missing", outcome: "found" }]);
  expect(await shown(id)).toMatchObject({
    status: "active",
    power_state: "unknown",
    error: { code: "instance_missing" },
  });

  expect(about(await audit(true), id)).toMatchObject([{ class: "instance_missing", outcome: "repaired" }]);
  expect(await shown(id)).toMatchObject({ status: "failed", ipv4: null, error: { code: "instance_missing" } });
  expect(about(await audit(), id)).toEqual([]);
  const retry = (await world.api.actOnServer(id, "retry")).body.data;
  expect(await world.api.actionEnd(retry.id)).toMatchObject({ status: "succeeded" });
  expect(about(await audit(), id)).toEqual([]);
});

it("an instance and a volume of nobody are found, and deleted once their hold time is over; what has no tags is left", async () => {
  const [server, database] = [newId("server"), newId("database")];
  const tags = (id: string, kind: string) => [
    `user.cloudnexus.id=${id}`,
    `user.cloudnexus.kind=${kind}`,
    "user.cloudnexus.account=acc_nobody",
    `user.cloudnexus.region=${region}`,
  ];
  const foreign = instanceName(newId("server"));
  const make = (name: string, config: string[]) =>
    incus(
      "init",
      "cloudnexus/debian-12",
      name,
      "--storage",
      STORAGE_POOL,
      "--no-profiles",
      ...config.flatMap((tag) => ["--config", tag]),
    );
  await make(instanceName(server), tags(server, "server"));
  await make(foreign, []);
  await incus("storage", "volume", "create", STORAGE_POOL, volumeName(database), ...tags(database, "database"));

  const found = await audit(true);
  expect(about(found, server)).toMatchObject([{ class: "instance_orphaned", outcome: "waiting" }]);
  expect(about(found, database)).toMatchObject([{ class: "volume_orphaned", outcome: "waiting" }]);
  await world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days' WHERE subject = ANY($1)", [
    [server, database],
  ]);
  const repaired = await audit(true);
  expect(about(repaired, server)).toMatchObject([{ class: "instance_orphaned", outcome: "repaired" }]);
  expect(about(repaired, database)).toMatchObject([{ class: "volume_orphaned", outcome: "repaired" }]);
  const left = await incus("list", "--format", "csv", "--columns", "n");
  expect(left).toContain(foreign);
  expect(left).not.toContain(instanceName(server));
  expect(await incus("storage", "volume", "list", STORAGE_POOL, "--format", "csv")).not.toContain(volumeName(database));
  await incus("delete", foreign, "--force");
});
