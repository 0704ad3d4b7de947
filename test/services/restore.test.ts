import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { restoreBackup } from "../../scripts/backup/restore-backup.ts";
import { writeBackup } from "../../scripts/backup/write-backup.ts";
import { freePort } from "../../scripts/platform/ports.ts";
import { type RunningTemporal, startTemporalServer } from "../../scripts/platform/temporal-server.ts";
import { type Auditor, type AuditSeen, createAuditor } from "../support/audits.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { makeDatabase } from "../support/database-actions.ts";
import { HeldActions } from "../support/held-actions.ts";
import { makeServer } from "../support/server-actions.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * An installation is lost, Temporal with it, and restored from a backup in a new folder, with the same hosts. What was made since the backup has no row there; what was deleted since has one and no
 * instance; what was under way is begun again.
 */

const PASSPHRASE = "what only the operator knows";

let work: string;
let temporal: RunningTemporal;
let database: TestDatabase;
let world: World;
let auditor: Auditor;

const ids = { kept: "", keptDatabase: "", deletedSince: "", madeSince: "", madeDatabaseSince: "" };
let keptPassword: string;
let addressOfMade: string;
let creating: { id: string; action_id: string; ipv4: string };
let deleting: { id: string; actionId: string };
let rebuilding: { id: string; actionId: string };

async function emptyTemporal(name: string): Promise<RunningTemporal> {
  return startTemporalServer({ dataDir: join(work, name), inMemory: true, ui: false, port: await freePort() });
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "cn-restore-"));
  const held = new HeldActions();
  const before = await emptyTemporal("temporal-before");
  const lost = await createWorld({ temporalAddress: before.address });
  await lost.startWorker([held.interceptor]);
  await lost.enginesOffered();
  ids.kept = await makeServer(lost, "kept");
  ids.keptDatabase = await makeDatabase(lost, "kept", false);
  ids.deletedSince = await makeServer(lost, "deleted-since");
  keptPassword = (await lost.api.credentials(ids.keptDatabase)).password;

  held.holdNext("create_instance", "createServer");
  creating = (await lost.api.createServer("creating")).body.data;
  const [deletingId, rebuildingId] = [await makeServer(lost, "deleting"), await makeServer(lost, "rebuilding")];
  held.holdAfter("stop_instance", deletingId);
  deleting = { id: deletingId, actionId: (await lost.api.deleteServer(deletingId)).body.data.id };
  held.holdAfter("rebuild_instance", rebuildingId);
  const rebuild = await lost.api.actOnServer(rebuildingId, "rebuild", { image: "debian-12" });
  rebuilding = { id: rebuildingId, actionId: rebuild.body.data.id };
  for (const id of [creating.id, deletingId, rebuildingId]) await held.waitUntilHeld(id);

  const file = join(work, "backup");
  const { dataDir, databaseUrl } = lost.config;
  await writeBackup({ databaseUrl, dataDir, environment: {}, file, passphrase: PASSPHRASE, version: "0.0.0" });

  ids.madeSince = await makeServer(lost, "made-since");
  addressOfMade = (await lost.api.get(`/v1/servers/${ids.madeSince}`)).body.data.ipv4;
  ids.madeDatabaseSince = await makeDatabase(lost, "made-since", false);
  const deletion = await lost.api.deleteServer(ids.deletedSince);
  expect((await lost.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");

  const folder = join(work, "restored");
  database = await createTestDatabase();
  await restoreBackup({ file, dataDir: folder, databaseUrl: database.url, environment: {}, passphrase: PASSPHRASE });
  copyFileSync(join(dataDir, "simulator.state"), join(folder, "simulator.state"));
  await lost.close();
  await before.stop();

  temporal = await emptyTemporal("temporal-after");
  world = await createWorld({ temporalAddress: temporal.address, dataDir: folder, database });
  await world.startWorker();
  auditor = await createAuditor(world);
});
afterAll(async () => {
  await world.close();
  await temporal.stop();
  rmSync(work, { recursive: true, force: true });
});

const instanceIds = async () =>
  (await world.simulator.snapshot()).instances.map(({ config }) => config["user.cloudnexus.id"]);
const holderOf = async (address: string) =>
  (
    await world.sql<{ resource_id: string | null }>("SELECT resource_id FROM ip_addresses WHERE address = $1", [
      address,
    ])
  )[0]?.resource_id;
const outcomesOf = ({ differences }: AuditSeen) =>
  differences.map(({ class: name, subject, outcome }) => `${name} ${subject} ${outcome}`).sort();

describe("an installation that was restored", () => {
  it("answers with the keys it had, and opens what was sealed", async () => {
    expect((await world.api.get(`/v1/servers/${ids.kept}`)).body.data).toMatchObject({ status: "active" });
    expect((await world.api.credentials(ids.keptDatabase)).password).toBe(keptPassword);
  });

  it("goes on with the create that was under way, at its address", async () => {
    expect(await world.api.actionEnd(creating.action_id)).toMatchObject({ status: "succeeded" });
    const server = (await world.api.get(`/v1/servers/${creating.id}`)).body.data;
    expect(server).toMatchObject({ status: "active", ipv4: creating.ipv4 });
  });

  it("goes on with the delete that was under way", async () => {
    expect(await world.api.actionEnd(deleting.actionId)).toMatchObject({ status: "succeeded" });
    expect(await instanceIds()).not.toContain(deleting.id);
  });

  it("does not rebuild a server again, on whose new disk there may be something by now", async () => {
    expect(await world.api.actionEnd(rebuilding.actionId)).toMatchObject({ status: "failed" });
    const server = (await world.api.get(`/v1/servers/${rebuilding.id}`)).body.data;
    expect(server).toMatchObject({ status: "active", error: { action_id: rebuilding.actionId } });
  });

  it("tells what was made and what was deleted since, and gives nobody what the former uses", async () => {
    const audit = await auditor.audit();
    expect(outcomesOf(audit).filter((outcome) => !outcome.includes(rebuilding.id))).toEqual(
      [
        `instance_missing ${ids.deletedSince} found`,
        `instance_orphaned ${ids.madeSince} found`,
        `instance_orphaned ${ids.madeDatabaseSince} found`,
        `volume_orphaned ${ids.madeDatabaseSince} found`,
      ].sort(),
    );
    expect(await holderOf(addressOfMade)).toBe(ids.madeSince);
  });

  it("deletes nothing that was made since, even after every hold time; and gives up what was deleted", async () => {
    await world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days'");
    const outcomes = outcomesOf(await auditor.audit({ repair: true }));
    expect(outcomes).toContain(`instance_orphaned ${ids.madeSince} refused`);
    expect(outcomes).toContain(`volume_orphaned ${ids.madeDatabaseSince} refused`);
    expect(outcomes).toContain(`instance_missing ${ids.deletedSince} repaired`);
    expect(await instanceIds()).toEqual(expect.arrayContaining([ids.madeSince, ids.madeDatabaseSince]));
    const given = (await world.api.get(`/v1/servers/${ids.deletedSince}`)).body.data;
    expect(given).toMatchObject({ status: "failed", error: { code: "instance_missing" } });
  });

  it("deletes it once an operator says so, and then nothing differs any more", async () => {
    await world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days'");
    const reason = "the customer has made them anew";
    await auditor.audit({ repair: true, delete_lost: true, reason });
    // A volume after its instance.
    await auditor.audit({ repair: true, delete_lost: true, reason });
    expect(await instanceIds()).not.toContain(ids.madeSince);
    expect(await holderOf(addressOfMade)).toBeNull();
    expect(await auditor.audit()).toMatchObject({ status: "succeeded", differences: [] });
  });

  it("makes what is asked of it from then on", async () => {
    expect(await makeServer(world, "afterwards")).toMatch(/^srv_/);
  });
});
